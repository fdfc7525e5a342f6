# DEV of the source document, "Configurações Otimizadas" 1.0. The program reads this file too: disparo --tfvars
environment = "dev"
aws_region  = "us-east-1" # ours: the document names none

# Rate limiting: messages in any rolling hour and, as the burst, in any rolling minute
rate_limit_whatsapp_hourly = 100
rate_limit_email_hourly    = 500
rate_limit_sms_hourly      = 50

rate_limit_whatsapp_burst = 10
rate_limit_email_burst    = 50
rate_limit_sms_burst      = 5

# Timeouts of the functions, in s
lambda_timeout_api      = 30
lambda_timeout_send     = 180
lambda_timeout_schedule = 300
lambda_timeout_ingest   = 120

# Memory of the functions, in MB
lambda_memory_api      = 512
lambda_memory_send     = 1024
lambda_memory_schedule = 512
lambda_memory_ingest   = 512 # ours: the document gives none

# Concurrency, per function; 0 for none. Four times 10 and the 100 that AWS keeps free need a quota of 140
reserved_concurrent_executions    = 10
provisioned_concurrent_executions = 0 # the document: PROD only

# Tables
dynamodb_billing_mode        = "ON_DEMAND"
dynamodb_autoscaling_enabled = false
autoscaling_read_min         = 5
autoscaling_read_max         = 100
autoscaling_write_min        = 5
autoscaling_write_max        = 100
replica_regions              = [] # the document, as future: ["us-west-2", "eu-west-1"]

# Queues. The document's visibility of 1800 s is 6 x 300 s, PROD's timeout; left out it is 6 x 180 s here
visibility_timeout_seconds = null
message_retention_seconds  = 1209600 # 14 days

# Business hours; Monday to Friday, lunch and holidays are the program's defaults, which are the document's
business_hours_start    = 8
business_hours_end      = 18
business_hours_timezone = "America/Sao_Paulo"

# Retries and circuit breaker
max_retries                = 3
backoff_strategy           = "exponential"
backoff_multiplier         = 2
initial_backoff_ms         = 1000
circuit_breaker_threshold  = 10
circuit_breaker_timeout_ms = 60000
