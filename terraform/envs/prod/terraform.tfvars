# PROD of the source document, "Configurações Otimizadas" 1.0. The program reads this file too: disparo --tfvars
environment = "prod"
aws_region  = "us-east-1" # ours: the document names none

# Rate limiting: messages in any rolling hour and, as the burst, in any rolling minute
rate_limit_whatsapp_hourly = 1000
rate_limit_email_hourly    = 5000
rate_limit_sms_hourly      = 500

rate_limit_whatsapp_burst = 50
rate_limit_email_burst    = 200
rate_limit_sms_burst      = 25

# Timeouts of the functions, in s
lambda_timeout_api      = 30
lambda_timeout_send     = 300
lambda_timeout_schedule = 900
lambda_timeout_ingest   = 180

# Memory of the functions, in MB
lambda_memory_api      = 1024
lambda_memory_send     = 2048
lambda_memory_schedule = 1024
lambda_memory_ingest   = 1024 # ours: the document gives none

# Concurrency, per function; 0 for none. Four times 100 and the 100 that AWS keeps free need a quota of 500
reserved_concurrent_executions    = 100
provisioned_concurrent_executions = 5 # of the api function's alias

# Tables. On-demand tables have nothing to scale: the document says both, see accept_autoscaling_without_effect
dynamodb_billing_mode        = "ON_DEMAND"
dynamodb_autoscaling_enabled = true
autoscaling_read_min         = 5
autoscaling_read_max         = 100
autoscaling_write_min        = 5
autoscaling_write_max        = 100
replica_regions              = [] # the document, as future: ["us-west-2", "eu-west-1"]

# Queues
visibility_timeout_seconds = 1800    # 6 x lambda_timeout_send
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
