variable "name" {
  description = "Name of the key's alias."
  type        = string
}

variable "account_id" {
  description = "Account of the key."
  type        = string
}

variable "account_arn" {
  description = "ARN of the account's root, which hands permissions on to IAM."
  type        = string
}

variable "log_group_arns" {
  description = "Pattern of the log groups that may be encrypted with the key."
  type        = string
}

variable "logs_service" {
  description = "Name of CloudWatch Logs in this region, as a principal."
  type        = string
}
