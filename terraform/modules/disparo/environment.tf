# What the functions are told. Settings go under the program's own names (docs/settings.md), and only those that were
# given: the rest follows from the profile that `environment` names. Lambda allows 4 KB in all.
locals {
  settings = {
    environment                = var.environment
    live                       = var.live
    default_list               = var.default_list
    default_region             = var.default_region
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
    doubt_policy_whatsapp      = var.doubt_policy_whatsapp
    doubt_policy_email         = var.doubt_policy_email
    doubt_policy_sms           = var.doubt_policy_sms
    doubt_hold_hours           = var.doubt_hold_hours
    send_timeout_s             = var.send_timeout_s
    lease_s                    = var.lease_s
    send_concurrency           = var.send_concurrency
    send_pace_per_second       = var.send_pace_per_second
    lambda_timeout_send        = var.lambda_timeout_send
    log_format                 = "json"
    public_url                 = coalesce(var.public_url, module.api.endpoint)
    sender_recovery_minutes    = var.sender_recovery_minutes
    opt_out_answer             = var.opt_out_answer
    mailbox_secret             = var.mailbox_secret
    mail_webhook_secret        = var.mail_webhook_secret
    oidc_secret                = var.oidc_secret
    company_name               = var.company_name
    calendar_timeout_s         = var.calendar_timeout_s
    senders                    = length(var.senders) == 0 ? null : jsonencode(local.senders)
  }

  # webhook_concurrency is not told: a function works on one call at a time, and the concurrency of `api` is what is
  # reserved for it.

  senders = { for name, one in var.senders : name => { for key, value in one : key => value if value != null } }

  # The whole document of hours replaces its three parts; the program refuses both at once.
  hours_parts = {
    business_hours_start    = var.business_hours_start
    business_hours_end      = var.business_hours_end
    business_hours_timezone = var.business_hours_timezone
  }
  hours_document = try(jsondecode(file("${path.root}/${var.business_hours}")), var.business_hours)
  hours          = var.business_hours == null ? local.hours_parts : { business_hours = jsonencode(local.hours_document) }

  places = {
    store            = "dynamodb"
    table_prefix     = local.prefix
    send_queue_url   = module.queues.urls["send"]
    send_dlq_url     = module.queues.urls["send-dlq"]
    ingest_queue_url = module.queues.urls["ingest"]
    ingest_dlq_url   = module.queues.urls["ingest-dlq"]
    imports_bucket   = local.bucket
    secrets_prefix   = local.secrets_path
  }

  metrics = { namespace = "AlquimistaAI/DisparoAgenda", service = local.scope }

  function_environment = merge(
    { for name, value in merge(local.settings, local.hours) : "DISPARO_${upper(name)}" => tostring(value) if value != null },
    { for name, value in local.places : "DISPARO_${upper(name)}" => value },
    {
      POWERTOOLS_SERVICE_NAME      = local.metrics.service # a dimension of every metric, so both environments stay apart
      POWERTOOLS_METRICS_NAMESPACE = local.metrics.namespace
    },
    var.function_environment,
  )
}
