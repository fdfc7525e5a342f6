# The whole of one environment: the source document's architecture, put together from the modules beside this one.
locals {
  billing_mode = var.dynamodb_billing_mode == "ON_DEMAND" ? "PAY_PER_REQUEST" : var.dynamodb_billing_mode # the provider's word
  kms_key_arn  = one(module.key[*].arn)

  visibility_factor = 6 # per timeout of the function (AWS Lambda developer guide, "Using Lambda with Amazon SQS")
  least_visibility = {
    send   = local.visibility_factor * var.lambda_timeout_send + var.send_batching_window_seconds
    ingest = local.visibility_factor * var.lambda_timeout_ingest
  }
  visibility = {
    send   = coalesce(var.visibility_timeout_seconds, local.least_visibility.send)
    ingest = local.least_visibility.ingest
  }

  sizes = {
    api      = { timeout_s = var.lambda_timeout_api, memory_mb = var.lambda_memory_api, description = "Answers the HTTP API and the webhooks of providers" }
    send     = { timeout_s = var.lambda_timeout_send, memory_mb = var.lambda_memory_send, description = "Hands claimed messages over to providers" }
    schedule = { timeout_s = var.lambda_timeout_schedule, memory_mb = var.lambda_memory_schedule, description = "Claims what is due each minute and runs the timed steps" }
    ingest   = { timeout_s = var.lambda_timeout_ingest, memory_mb = var.lambda_memory_ingest, description = "Reads contact files in parts" }
  }
  package_file = coalesce(var.package_file, "${path.root}/../../../dist/disparo-lambda-${var.lambda_architecture}.zip")

  reserved    = { for key in keys(local.sizes) : key => lookup(var.reserved_concurrency_overrides, key, var.reserved_concurrent_executions) }
  provisioned = { for key in keys(local.sizes) : key => contains(var.provisioned_concurrency_functions, key) ? var.provisioned_concurrent_executions : 0 }

  # SQS calls at most as often as there is room; 2 is the least that it can be told.
  most_calls = { send = max(2, local.reserved.send == 0 ? 10 : local.reserved.send), ingest = 2 }
}

module "key" {
  source = "../key"
  count  = var.customer_managed_key ? 1 : 0

  name           = local.scope
  account_id     = local.account_id
  account_arn    = "arn:${local.partition}:iam::${local.account_id}:root"
  log_group_arns = "${local.arn.logs}:log-group:/aws/*/${local.prefix}-*${var.environment}"
  logs_service   = "logs.${local.region}.amazonaws.com"
}

module "tables" {
  source = "../tables"

  prefix              = local.prefix
  environment         = var.environment
  billing_mode        = local.billing_mode
  replica_regions     = var.replica_regions
  deletion_protection = var.deletion_protection
  kms_key_arn         = local.kms_key_arn

  capacity = {
    autoscaling = var.dynamodb_autoscaling_enabled
    read        = { min = var.autoscaling_read_min, max = var.autoscaling_read_max }
    write       = { min = var.autoscaling_write_min, max = var.autoscaling_write_max }
  }
}

module "queues" {
  source = "../queues"

  prefix        = local.prefix
  environment   = var.environment
  retention_s   = var.message_retention_seconds
  arns          = local.queue_arns
  event_sources = { ingest = local.bucket_arn }
  account_id    = local.account_id
  kms_key_arn   = local.kms_key_arn

  queues = { for key, seconds in local.visibility : key => { visibility_s = seconds, max_receives = var.max_receive_count } }
}

module "imports" {
  source = "../imports"

  bucket         = local.bucket
  prefix         = local.uploads
  queue_arn      = module.queues.arns.ingest # not put together from names: S3 tries at once whether it may send
  retention_days = var.imports_retention_days
  erasable       = !var.deletion_protection
  kms_key_arn    = local.kms_key_arn
}

module "secrets" {
  source = "../secrets"

  path                 = local.secrets_path
  secrets              = local.secrets
  made                 = local.links_secret
  recovery_days        = var.secret_recovery_days
  rotation_lambda_arns = var.rotation_lambda_arns
  rotation_days        = var.rotation_days
  kms_key_arn          = local.kms_key_arn
}

module "functions" {
  source = "../functions"

  package_file         = local.package_file
  architecture         = var.lambda_architecture
  environment          = local.function_environment
  log_retention_days   = var.log_retention_days
  log_group_arn_prefix = "${local.arn.logs}:log-group:"
  kms_key_arn          = local.kms_key_arn
  self_feeding         = ["ingest"]
  failure_queues       = { schedule = local.queue_arns["send-dlq"] }

  functions = { for key, size in local.sizes : key => merge(size, {
    name        = local.function_names[key]
    disk_mb     = key == "ingest" ? var.ingest_disk_mb : 512
    reserved    = local.reserved[key]
    provisioned = local.provisioned[key]
    statements  = local.statements[key]
  }) }

  event_sources = {
    send   = { queue_arn = local.queue_arns.send, batch_size = var.send_batch_size, window_s = var.send_batching_window_seconds, max_concurrency = local.most_calls.send }
    ingest = { queue_arn = local.queue_arns.ingest, batch_size = 1, window_s = 0, max_concurrency = local.most_calls.ingest }
  }
}

module "api" {
  source = "../api"

  name               = local.scope
  jwt                = var.jwt_issuer == "" ? null : { issuer = var.jwt_issuer, audience = var.jwt_audience }
  api_keys           = var.api_keys
  throttling         = { rate = var.api_throttling_rate, burst = var.api_throttling_burst }
  webhook_throttling = { rate = var.webhook_throttling_rate, burst = var.webhook_throttling_burst }
  log_retention_days = var.log_retention_days
  kms_key_arn        = local.kms_key_arn

  function = {
    name       = module.functions.names.api
    alias      = module.functions.aliases.api.name
    invoke_arn = module.functions.aliases.api.invoke_arn
    timeout_s  = var.lambda_timeout_api
  }
}

module "schedules" {
  source = "../schedules"

  group        = local.scope
  group_arn    = "${local.arn.scheduler}:schedule-group/${local.scope}"
  account_id   = local.account_id
  function_arn = module.functions.aliases.schedule.arn
  invoke_arns  = ["${local.arn.lambda}:function:${local.function_names.schedule}:live"]
  tasks        = { tick = "rate(1 minute)", steps = "rate(1 minute)" }
}

module "monitoring" {
  source = "../monitoring"

  prefix             = local.prefix
  environment        = var.environment
  region             = local.region
  account_id         = local.account_id
  email              = var.alarm_email
  functions          = { for key, size in local.sizes : key => { name = local.function_names[key], timeout_s = size.timeout_s, quick = contains(["api", "send"], key) } }
  scheduled_function = local.function_names.schedule
  tables             = module.tables.names
  api_id             = module.api.id
  schedule_group     = local.scope
  metrics            = local.metrics
  kms_key_arn        = local.kms_key_arn

  queues = {
    send   = { name = local.queue_names.send, dead = local.queue_names["send-dlq"], oldest_s = 300 }
    ingest = { name = local.queue_names.ingest, dead = local.queue_names["ingest-dlq"], oldest_s = 3600 }
  }
}
