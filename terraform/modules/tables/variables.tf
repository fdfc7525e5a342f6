variable "prefix" {
  description = "First part of every name."
  type        = string
}

variable "environment" {
  description = "Last part of every name."
  type        = string
}

variable "billing_mode" {
  description = "PAY_PER_REQUEST or PROVISIONED, as the provider names them."
  type        = string
}

variable "capacity" {
  description = "Read and write units of each table and index; used with PROVISIONED only."
  type = object({
    autoscaling = bool
    read        = object({ min = number, max = number })
    write       = object({ min = number, max = number })
  })
}

variable "replica_regions" {
  description = "Other regions that hold a copy of every table (global tables)."
  type        = list(string)
}

variable "deletion_protection" {
  description = "Refuse to delete the tables."
  type        = bool
}

variable "kms_key_arn" {
  description = "Key of ours that encrypts the tables; null for the one that AWS keeps for DynamoDB."
  type        = string
}
