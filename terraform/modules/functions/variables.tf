variable "functions" {
  description = "Each function by its short name: what it is for, its sizes, environment and permissions."
  type = map(object({
    name        = string
    description = string
    timeout_s   = number
    memory_mb   = number
    disk_mb     = number
    reserved    = number # 0: shares the account's quota
    provisioned = number # 0: none
    statements = list(object({
      sid       = string
      actions   = list(string)
      resources = list(string)
      condition = optional(object({ test = string, variable = string, values = list(string) }))
    }))
  }))
}

variable "environment" {
  description = "Environment variables of all functions."
  type        = map(string)
}

variable "event_sources" {
  description = "Per function, the queue that calls it."
  type = map(object({
    queue_arn       = string
    batch_size      = number
    window_s        = number
    max_concurrency = number
  }))
}

variable "failure_queues" {
  description = "Per function that is called asynchronously, the queue (ARN) that takes a call that failed."
  type        = map(string)
}

variable "self_feeding" {
  description = "Functions that write to the queue they read, which Lambda would otherwise stop after 16 rounds."
  type        = set(string)
}

variable "package_file" {
  description = "The zip with the code of all functions."
  type        = string
}

variable "architecture" {
  description = "arm64 or x86_64; the package must be built for it."
  type        = string
}

variable "log_retention_days" {
  description = "Days that log lines are kept."
  type        = number
}

variable "log_group_arn_prefix" {
  description = "ARN of log groups up to the name."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of ours that encrypts logs and environment variables; null for AWS's own."
  type        = string
}
