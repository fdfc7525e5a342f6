# What the source document does not speak of; none needs a value. They stand in operations.auto.tfvars, as the program,
# which reads terraform.tfvars, does not know them.

variable "aws_account_id" {
  description = "Account that this environment belongs to, against an apply to the wrong one; null for whichever the credentials open."
  type        = string
  default     = null
}

variable "accept_autoscaling_without_effect" {
  description = "Keep dynamodb_autoscaling_enabled = true beside on-demand billing, where it does nothing."
  type        = bool
  default     = false
  nullable    = false
}

variable "package_file" {
  description = "Zip with the code of all functions, made by `disparo aws package`; null for the one in dist/ of the architecture."
  type        = string
  default     = null
}

variable "lambda_architecture" {
  description = "Processor of the functions; arm64 costs a fifth less."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "Write arm64 or x86_64."
  }
}

variable "reserved_concurrency_overrides" {
  description = "Reserved concurrency of single functions, such as { schedule = 1 }, in place of reserved_concurrent_executions."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.reserved_concurrency_overrides) : contains(["api", "send", "schedule", "ingest"], key)])
    error_message = "The functions are api, send, schedule and ingest."
  }
}

variable "provisioned_concurrency_functions" {
  description = "Functions that get warm instances; only api has somebody waiting for it."
  type        = set(string)
  default     = ["api"]
  nullable    = false

  validation {
    condition     = alltrue([for key in var.provisioned_concurrency_functions : contains(["api", "send", "schedule", "ingest"], key)])
    error_message = "The functions are api, send, schedule and ingest."
  }
}

variable "send_batch_size" {
  description = "Most messages that one call of the send function takes."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.send_batch_size >= 1 && (var.send_batch_size <= 10 || var.send_batching_window_seconds > 0)
    error_message = "Above 10 Lambda wants a batching window of at least 1 s."
  }
}

variable "send_batching_window_seconds" {
  description = "How long a batch may be waited for, in s; messages have a moment to keep, so 0."
  type        = number
  default     = 0
  nullable    = false
}

variable "max_receive_count" {
  description = "After how many receives a message goes to its dead-letter queue."
  type        = number
  default     = 5
  nullable    = false
}

variable "api_throttling_rate" {
  description = "Requests per second that the API takes."
  type        = number
  default     = 50
  nullable    = false
}

variable "api_throttling_burst" {
  description = "Requests at once that it takes above that."
  type        = number
  default     = 100
  nullable    = false
}

variable "webhook_throttling_rate" {
  description = "Calls per second of each open address (providers' doors, links to leave by) that the API takes."
  type        = number
  default     = 25
  nullable    = false

  validation {
    condition     = var.webhook_throttling_rate > 0
    error_message = "0 would shut the doors: without receipts doubts stay, without links nobody can leave."
  }
}

variable "webhook_throttling_burst" {
  description = "Calls at once that each open address takes above that; further ones are answered 429."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.webhook_throttling_burst > 0
    error_message = "0 would shut the doors: without receipts doubts stay, without links nobody can leave."
  }
}

variable "api_keys" {
  description = "Whether programs call the API with keys that the console gives out; false: they sign with IAM. Without effect where there is an issuer."
  type        = bool
  default     = true
  nullable    = false
}

variable "jwt_issuer" {
  description = "Who issues the tokens of the API (an OpenID issuer URL); empty: callers sign with IAM."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.jwt_issuer == "" || startswith(var.jwt_issuer, "https://")
    error_message = "An issuer is an https:// address."
  }
}

variable "jwt_audience" {
  description = "For whom the tokens are issued."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = var.jwt_issuer == "" || length(var.jwt_audience) > 0
    error_message = "Without an audience a token for any application of the issuer would open the API: name yours."
  }
}

variable "alarm_email" {
  description = "Who is told of alarms; empty for nobody."
  type        = string
  default     = ""
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that log lines are kept; one of the numbers that CloudWatch knows."
  type        = number
  default     = 30
  nullable    = false
}

variable "imports_retention_days" {
  description = "Days that contact files are kept."
  type        = number
  default     = 7
  nullable    = false
}

variable "deletion_protection" {
  description = "Refuse to delete the tables, and the bucket while there are files in it."
  type        = bool
  default     = true
  nullable    = false
}

variable "customer_managed_key" {
  description = "Encrypt everything with a key of ours in KMS (about 1 USD a month and its requests) instead of AWS's own."
  type        = bool
  default     = false
  nullable    = false
}

variable "secret_recovery_days" {
  description = "Days in which a deleted secret can be restored (7 to 30); 0 deletes at once and frees the name."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "Write 0, or 7 to 30."
  }
}

variable "rotation_lambda_arns" {
  description = "Functions that rotate secrets, such as { mcp-email = \"arn:aws:lambda:...\" }."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.rotation_lambda_arns) : contains(keys(local.secrets), key)])
    error_message = "There is no such secret: they are mcp-whatsapp, mcp-email, mcp-sms, mcp-calendar and those that senders, mailbox_secret, mail_webhook_secret and oidc_secret name."
  }
}

variable "rotation_days" {
  description = "Days between two rotations."
  type        = number
  default     = 90
  nullable    = false
}

variable "function_environment" {
  description = "Further environment variables of the functions, such as { DISPARO_SANDBOX_SEED = \"7\" }."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "ingest_disk_mb" {
  description = "Disk of the ingest function, in MB: a contact file is fetched whole before it is read in parts."
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition     = var.ingest_disk_mb >= 512 && var.ingest_disk_mb <= 10240
    error_message = "Lambda allows 512 to 10240 MB."
  }
}
