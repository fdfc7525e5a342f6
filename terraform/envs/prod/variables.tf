# What each variable means, its default and what it may be stand once, in modules/disparo; null there means the default.
# Terraform wants every variable declared again here. dev and prod have the same file, and a test compares them.

variable "aws_region" {
  description = "Region of everything."
  type        = string
}

# Settings of the source document and the program
variable "environment" { type = string }
variable "rate_limit_whatsapp_hourly" { type = string }
variable "rate_limit_whatsapp_burst" { type = string }
variable "rate_limit_whatsapp_daily" {
  type    = string
  default = null
}
variable "rate_limit_email_hourly" { type = string }
variable "rate_limit_email_burst" { type = string }
variable "rate_limit_email_daily" {
  type    = string
  default = null
}
variable "rate_limit_sms_hourly" { type = string }
variable "rate_limit_sms_burst" { type = string }
variable "rate_limit_sms_daily" {
  type    = string
  default = null
}
variable "max_retries" { type = number }
variable "backoff_strategy" { type = string }
variable "backoff_multiplier" { type = number }
variable "initial_backoff_ms" { type = number }
variable "jitter" {
  type    = bool
  default = null
}
variable "circuit_breaker_threshold" { type = number }
variable "circuit_breaker_timeout_ms" { type = number }
variable "business_hours_start" {
  type    = string
  default = null
}
variable "business_hours_end" {
  type    = string
  default = null
}
variable "business_hours_timezone" {
  type    = string
  default = null
}
variable "business_hours" {
  type    = any
  default = null
}
variable "doubt_policy_whatsapp" {
  type    = string
  default = null
}
variable "doubt_policy_email" {
  type    = string
  default = null
}
variable "doubt_policy_sms" {
  type    = string
  default = null
}
variable "doubt_hold_hours" {
  type    = number
  default = null
}
variable "send_timeout_s" {
  type    = number
  default = null
}
variable "lease_s" {
  type    = number
  default = null
}
variable "send_pace_per_second" {
  type    = number
  default = null
}
variable "send_concurrency" {
  type    = number
  default = null
}
variable "default_region" {
  type    = string
  default = null
}
variable "default_list" {
  type    = string
  default = null
}
variable "live" {
  type    = bool
  default = null
}

# Channels
variable "senders" {
  type    = any
  default = null
}
variable "sender_recovery_minutes" {
  type    = number
  default = null
}
variable "public_url" {
  type    = string
  default = null
}
variable "opt_out_answer" {
  type    = string
  default = null
}
variable "mailbox_secret" {
  type    = string
  default = null
}
variable "mail_webhook_secret" {
  type    = string
  default = null
}
variable "oidc_secret" {
  type    = string
  default = null
}
variable "company_name" {
  type    = string
  default = null
}
variable "calendar_timeout_s" {
  type    = number
  default = null
}
variable "calendar_secrets" {
  type    = list(string)
  default = null
}
variable "sms_identity_arns" {
  type    = list(string)
  default = null
}

# Sizes
variable "lambda_timeout_api" { type = number }
variable "lambda_timeout_send" { type = number }
variable "lambda_timeout_schedule" { type = number }
variable "lambda_timeout_ingest" { type = number }
variable "lambda_memory_api" { type = number }
variable "lambda_memory_send" { type = number }
variable "lambda_memory_schedule" { type = number }
variable "lambda_memory_ingest" { type = number }
variable "reserved_concurrent_executions" { type = number }
variable "provisioned_concurrent_executions" { type = number }
variable "dynamodb_billing_mode" { type = string }
variable "dynamodb_autoscaling_enabled" { type = bool }
variable "autoscaling_read_min" { type = number }
variable "autoscaling_read_max" { type = number }
variable "autoscaling_write_min" { type = number }
variable "autoscaling_write_max" { type = number }
variable "replica_regions" {
  type    = list(string)
  default = null
}
variable "visibility_timeout_seconds" {
  type    = number
  default = null
}
variable "message_retention_seconds" { type = number }

# Operations
variable "aws_account_id" {
  type    = string
  default = null
}
variable "accept_autoscaling_without_effect" {
  type    = bool
  default = null
}
variable "package_file" {
  type    = string
  default = null
}
variable "lambda_architecture" {
  type    = string
  default = null
}
variable "reserved_concurrency_overrides" {
  type    = map(number)
  default = null
}
variable "provisioned_concurrency_functions" {
  type    = set(string)
  default = null
}
variable "send_batch_size" {
  type    = number
  default = null
}
variable "send_batching_window_seconds" {
  type    = number
  default = null
}
variable "max_receive_count" {
  type    = number
  default = null
}
variable "api_throttling_rate" {
  type    = number
  default = null
}
variable "api_throttling_burst" {
  type    = number
  default = null
}
variable "webhook_throttling_rate" {
  type    = number
  default = null
}
variable "webhook_throttling_burst" {
  type    = number
  default = null
}
variable "api_keys" {
  type    = bool
  default = null
}

variable "jwt_issuer" {
  type    = string
  default = null
}
variable "jwt_audience" {
  type    = list(string)
  default = null
}
variable "alarm_email" {
  type    = string
  default = null
}
variable "log_retention_days" {
  type    = number
  default = null
}
variable "imports_retention_days" {
  type    = number
  default = null
}
variable "deletion_protection" {
  type    = bool
  default = null
}
variable "customer_managed_key" {
  type    = bool
  default = null
}
variable "secret_recovery_days" {
  type    = number
  default = null
}
variable "rotation_lambda_arns" {
  type    = map(string)
  default = null
}
variable "rotation_days" {
  type    = number
  default = null
}
variable "function_environment" {
  type    = map(string)
  default = null
}
variable "ingest_disk_mb" {
  type    = number
  default = null
}
