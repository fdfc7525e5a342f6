# What Terraform and disparo both read: disparo --tfvars examples/terraform.prod.tfvars config show
environment = "prod"

# Rate limiting
rate_limit_whatsapp_hourly = 1000
rate_limit_email_hourly    = 5000
rate_limit_sms_hourly      = 500
rate_limit_whatsapp_burst  = 50
rate_limit_email_burst     = 200
rate_limit_sms_burst       = 25

# Timeouts, in seconds
lambda_timeout_api      = 30
lambda_timeout_send     = 300
lambda_timeout_schedule = 900
lambda_timeout_ingest   = 180

# Resources
lambda_memory_api                 = 1024
lambda_memory_send                = 2048
lambda_memory_schedule            = 1024
provisioned_concurrent_executions = 5
reserved_concurrent_executions    = 100
dynamodb_billing_mode             = "ON_DEMAND"
dynamodb_autoscaling_enabled      = true
autoscaling_read_min              = 5
autoscaling_read_max              = 100
autoscaling_write_min             = 5
autoscaling_write_max             = 100
visibility_timeout_seconds        = 1800
message_retention_seconds         = 1209600

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
