# What Terraform and disparo both read: disparo --tfvars examples/terraform.dev.tfvars config show
environment = "dev"

# Rate limiting
rate_limit_whatsapp_hourly = 100
rate_limit_email_hourly    = 500
rate_limit_sms_hourly      = 50
rate_limit_whatsapp_burst  = 10
rate_limit_email_burst     = 50
rate_limit_sms_burst       = 5

# Timeouts, in seconds
lambda_timeout_api      = 30
lambda_timeout_send     = 180
lambda_timeout_schedule = 300
lambda_timeout_ingest   = 120

# Resources
lambda_memory_api              = 512
lambda_memory_send             = 1024
lambda_memory_schedule         = 512
reserved_concurrent_executions = 10
dynamodb_billing_mode          = "ON_DEMAND"

# Retries and breaker
max_retries                = 3
backoff_strategy           = "exponential"
backoff_multiplier         = 2
initial_backoff_ms         = 1000
circuit_breaker_threshold  = 10
circuit_breaker_timeout_ms = 60000

# Business hours
business_hours_start    = 8
business_hours_end      = 18
business_hours_timezone = "America/Sao_Paulo"
