terraform {
  required_version = ">= 1.11, < 2.0" # 1.11: write-only arguments, which no state holds

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
