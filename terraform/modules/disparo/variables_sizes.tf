# Sizes of functions, tables and queues, under the names of the source document and of the program.

variable "lambda_timeout_api" {
  description = "Timeout of the api function, in s."
  type        = number

  validation {
    condition     = var.lambda_timeout_api >= 1 && var.lambda_timeout_api <= 900
    error_message = "Lambda allows 1 to 900 s."
  }
}

variable "lambda_timeout_send" {
  description = "Timeout of the send function, in s."
  type        = number

  validation {
    condition     = var.lambda_timeout_send >= 1 && var.lambda_timeout_send <= 900
    error_message = "Lambda allows 1 to 900 s."
  }
}

variable "lambda_timeout_schedule" {
  description = "Timeout of the schedule function, in s."
  type        = number

  validation {
    condition     = var.lambda_timeout_schedule >= 1 && var.lambda_timeout_schedule <= 900
    error_message = "Lambda allows 1 to 900 s."
  }
}

variable "lambda_timeout_ingest" {
  description = "Timeout of the ingest function, in s."
  type        = number

  validation {
    condition     = var.lambda_timeout_ingest >= 1 && var.lambda_timeout_ingest <= 900
    error_message = "Lambda allows 1 to 900 s."
  }
}

variable "lambda_memory_api" {
  description = "Memory of the api function, in MB."
  type        = number

  validation {
    condition     = var.lambda_memory_api >= 128 && var.lambda_memory_api <= 10240
    error_message = "Lambda allows 128 to 10240 MB."
  }
}

variable "lambda_memory_send" {
  description = "Memory of the send function, in MB."
  type        = number

  validation {
    condition     = var.lambda_memory_send >= 128 && var.lambda_memory_send <= 10240
    error_message = "Lambda allows 128 to 10240 MB."
  }
}

variable "lambda_memory_schedule" {
  description = "Memory of the schedule function, in MB."
  type        = number

  validation {
    condition     = var.lambda_memory_schedule >= 128 && var.lambda_memory_schedule <= 10240
    error_message = "Lambda allows 128 to 10240 MB."
  }
}

variable "lambda_memory_ingest" {
  description = "Memory of the ingest function, in MB."
  type        = number

  validation {
    condition     = var.lambda_memory_ingest >= 128 && var.lambda_memory_ingest <= 10240
    error_message = "Lambda allows 128 to 10240 MB."
  }
}

variable "reserved_concurrent_executions" {
  description = "Concurrency reserved for each function; 0 for no reservation."
  type        = number

  validation {
    condition     = var.reserved_concurrent_executions >= 0
    error_message = "Write 0 for no reservation, or how many."
  }
}

variable "provisioned_concurrent_executions" {
  description = "Warm instances behind the alias of each function in provisioned_concurrency_functions; 0 for none."
  type        = number

  validation {
    condition     = var.provisioned_concurrent_executions >= 0
    error_message = "Write 0 for none, or how many."
  }

  validation {
    condition     = alltrue([for key in var.provisioned_concurrency_functions : lookup(var.reserved_concurrency_overrides, key, var.reserved_concurrent_executions) == 0 || var.provisioned_concurrent_executions <= lookup(var.reserved_concurrency_overrides, key, var.reserved_concurrent_executions)])
    error_message = "AWS refuses more warm instances than are reserved: lower this one, or raise reserved_concurrent_executions."
  }
}

variable "dynamodb_billing_mode" {
  description = "ON_DEMAND (the document's word for PAY_PER_REQUEST), PAY_PER_REQUEST or PROVISIONED."
  type        = string

  validation {
    condition     = contains(["ON_DEMAND", "PAY_PER_REQUEST", "PROVISIONED"], var.dynamodb_billing_mode)
    error_message = "Write ON_DEMAND, PAY_PER_REQUEST (which is the same) or PROVISIONED."
  }
}

variable "dynamodb_autoscaling_enabled" {
  description = "Scale tables and indexes; they have a capacity to scale with PROVISIONED only."
  type        = bool

  validation {
    condition     = !var.dynamodb_autoscaling_enabled || var.dynamodb_billing_mode == "PROVISIONED" || var.accept_autoscaling_without_effect
    error_message = "dynamodb_autoscaling_enabled = true contradicts dynamodb_billing_mode = \"${var.dynamodb_billing_mode}\": an on-demand table has no capacity to scale, so it would plan, apply and do nothing. Use dynamodb_billing_mode = \"PROVISIONED\", or dynamodb_autoscaling_enabled = false, or accept_autoscaling_without_effect = true to keep both as the source document writes them."
  }
}

variable "autoscaling_read_min" {
  description = "Fewest read units of each table and index."
  type        = number

  validation {
    condition     = var.autoscaling_read_min >= 1 && var.autoscaling_read_min <= 40000
    error_message = "Write 1 to 40000 units."
  }
}

variable "autoscaling_read_max" {
  description = "Most read units of each table and index."
  type        = number

  validation {
    condition     = var.autoscaling_read_max >= 1 && var.autoscaling_read_max <= 40000
    error_message = "Write 1 to 40000 units."
  }

  validation {
    condition     = var.autoscaling_read_min <= var.autoscaling_read_max
    error_message = "autoscaling_read_max must not be less than autoscaling_read_min."
  }
}

variable "autoscaling_write_min" {
  description = "Fewest write units of each table and index."
  type        = number

  validation {
    condition     = var.autoscaling_write_min >= 1 && var.autoscaling_write_min <= 40000
    error_message = "Write 1 to 40000 units."
  }
}

variable "autoscaling_write_max" {
  description = "Most write units of each table and index."
  type        = number

  validation {
    condition     = var.autoscaling_write_max >= 1 && var.autoscaling_write_max <= 40000
    error_message = "Write 1 to 40000 units."
  }

  validation {
    condition     = var.autoscaling_write_min <= var.autoscaling_write_max
    error_message = "autoscaling_write_max must not be less than autoscaling_write_min."
  }
}

variable "replica_regions" {
  description = "Other regions that hold a copy of every table."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.replica_regions) == 0 || !var.customer_managed_key
    error_message = "Global tables need a key in each region, and customer_managed_key makes one in this region: use one of the two."
  }

  validation {
    condition     = length(var.replica_regions) == 0 || var.dynamodb_billing_mode != "PROVISIONED" || var.dynamodb_autoscaling_enabled
    error_message = "DynamoDB copies provisioned tables only where their writes are autoscaled: set dynamodb_autoscaling_enabled = true, or bill on demand."
  }
}

variable "visibility_timeout_seconds" {
  description = "Visibility of the send queue, in s; null for 6 x lambda_timeout_send plus the batching window."
  type        = number
  default     = null

  validation {
    condition     = var.visibility_timeout_seconds == null ? true : var.visibility_timeout_seconds >= var.lambda_timeout_send && var.visibility_timeout_seconds <= 43200
    error_message = "AWS refuses a queue whose visibility is shorter than its function's timeout (lambda_timeout_send), or more than 43200 s. Leave it out to have it computed."
  }
}

variable "message_retention_seconds" {
  description = "How long the queues keep a message, in s; the dead-letter queues always keep it for 14 days."
  type        = number

  validation {
    condition     = var.message_retention_seconds >= 60 && var.message_retention_seconds <= 1209600
    error_message = "SQS allows 60 to 1209600 s (14 days)."
  }
}
