# dev and prod have the same file; they differ in terraform.tfvars and operations.auto.tfvars alone.
provider "aws" {
  region              = var.aws_region
  allowed_account_ids = var.aws_account_id == null ? null : [var.aws_account_id]

  default_tags {
    tags = {
      Project     = "alquimista-disparo"
      Environment = var.environment
      ManagedBy   = "terraform"
    }
  }
}

module "disparo" {
  source = "../../modules/disparo"

  environment                = var.environment
  rate_limit_whatsapp_hourly = var.rate_limit_whatsapp_hourly
  rate_limit_whatsapp_burst  = var.rate_limit_whatsapp_burst
  rate_limit_whatsapp_daily  = var.rate_limit_whatsapp_daily
  rate_limit_email_hourly    = var.rate_limit_email_hourly
  rate_limit_email_burst     = var.rate_limit_email_burst
  rate_limit_email_daily     = var.rate_limit_email_daily
  rate_limit_sms_hourly      = var.rate_limit_sms_hourly
  rate_limit_sms_burst       = var.rate_limit_sms_burst
  rate_limit_sms_daily       = var.rate_limit_sms_daily
  max_retries                = var.max_retries
  backoff_strategy           = var.backoff_strategy
  backoff_multiplier         = var.backoff_multiplier
  initial_backoff_ms         = var.initial_backoff_ms
  jitter                     = var.jitter
  circuit_breaker_threshold  = var.circuit_breaker_threshold
  circuit_breaker_timeout_ms = var.circuit_breaker_timeout_ms
  business_hours_start       = var.business_hours_start
  business_hours_end         = var.business_hours_end
  business_hours_timezone    = var.business_hours_timezone
  business_hours             = var.business_hours
  doubt_policy_whatsapp      = var.doubt_policy_whatsapp
  doubt_policy_email         = var.doubt_policy_email
  doubt_policy_sms           = var.doubt_policy_sms
  doubt_hold_hours           = var.doubt_hold_hours
  send_timeout_s             = var.send_timeout_s
  lease_s                    = var.lease_s
  send_concurrency           = var.send_concurrency
  send_pace_per_second       = var.send_pace_per_second
  default_region             = var.default_region
  default_list               = var.default_list
  live                       = var.live

  senders                 = var.senders
  sender_recovery_minutes = var.sender_recovery_minutes
  public_url              = var.public_url
  opt_out_answer          = var.opt_out_answer
  mailbox_secret          = var.mailbox_secret
  mail_webhook_secret     = var.mail_webhook_secret
  oidc_secret             = var.oidc_secret
  company_name            = var.company_name
  calendar_timeout_s      = var.calendar_timeout_s
  calendar_secrets        = var.calendar_secrets
  sms_identity_arns       = var.sms_identity_arns

  lambda_timeout_api                = var.lambda_timeout_api
  lambda_timeout_send               = var.lambda_timeout_send
  lambda_timeout_schedule           = var.lambda_timeout_schedule
  lambda_timeout_ingest             = var.lambda_timeout_ingest
  lambda_memory_api                 = var.lambda_memory_api
  lambda_memory_send                = var.lambda_memory_send
  lambda_memory_schedule            = var.lambda_memory_schedule
  lambda_memory_ingest              = var.lambda_memory_ingest
  reserved_concurrent_executions    = var.reserved_concurrent_executions
  provisioned_concurrent_executions = var.provisioned_concurrent_executions
  dynamodb_billing_mode             = var.dynamodb_billing_mode
  dynamodb_autoscaling_enabled      = var.dynamodb_autoscaling_enabled
  autoscaling_read_min              = var.autoscaling_read_min
  autoscaling_read_max              = var.autoscaling_read_max
  autoscaling_write_min             = var.autoscaling_write_min
  autoscaling_write_max             = var.autoscaling_write_max
  replica_regions                   = var.replica_regions
  visibility_timeout_seconds        = var.visibility_timeout_seconds
  message_retention_seconds         = var.message_retention_seconds

  aws_account_id                    = var.aws_account_id
  accept_autoscaling_without_effect = var.accept_autoscaling_without_effect
  package_file                      = var.package_file
  lambda_architecture               = var.lambda_architecture
  reserved_concurrency_overrides    = var.reserved_concurrency_overrides
  provisioned_concurrency_functions = var.provisioned_concurrency_functions
  send_batch_size                   = var.send_batch_size
  send_batching_window_seconds      = var.send_batching_window_seconds
  max_receive_count                 = var.max_receive_count
  api_throttling_rate               = var.api_throttling_rate
  api_throttling_burst              = var.api_throttling_burst
  webhook_throttling_rate           = var.webhook_throttling_rate
  webhook_throttling_burst          = var.webhook_throttling_burst
  api_keys                          = var.api_keys
  jwt_issuer                        = var.jwt_issuer
  jwt_audience                      = var.jwt_audience
  alarm_email                       = var.alarm_email
  log_retention_days                = var.log_retention_days
  imports_retention_days            = var.imports_retention_days
  deletion_protection               = var.deletion_protection
  customer_managed_key              = var.customer_managed_key
  secret_recovery_days              = var.secret_recovery_days
  rotation_lambda_arns              = var.rotation_lambda_arns
  rotation_days                     = var.rotation_days
  function_environment              = var.function_environment
  ingest_disk_mb                    = var.ingest_disk_mb
}
