# What the variables refuse, and with `terraform test` alone: neither an account nor an emulator is needed.
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  environment                       = "dev"
  aws_account_id                    = "123456789012"
  package_file                      = "tests/validations.tftest.hcl" # any file will do
  rate_limit_whatsapp_hourly        = 100
  rate_limit_whatsapp_burst         = 10
  rate_limit_email_hourly           = 500
  rate_limit_email_burst            = 50
  rate_limit_sms_hourly             = 50
  rate_limit_sms_burst              = 5
  max_retries                       = 3
  backoff_strategy                  = "exponential"
  backoff_multiplier                = 2
  initial_backoff_ms                = 1000
  circuit_breaker_threshold         = 10
  circuit_breaker_timeout_ms        = 60000
  lambda_timeout_api                = 30
  lambda_timeout_send               = 180
  lambda_timeout_schedule           = 300
  lambda_timeout_ingest             = 120
  lambda_memory_api                 = 512
  lambda_memory_send                = 1024
  lambda_memory_schedule            = 512
  lambda_memory_ingest              = 512
  reserved_concurrent_executions    = 10
  provisioned_concurrent_executions = 0
  dynamodb_billing_mode             = "ON_DEMAND"
  dynamodb_autoscaling_enabled      = false
  autoscaling_read_min              = 5
  autoscaling_read_max              = 100
  autoscaling_write_min             = 5
  autoscaling_write_max             = 100
  message_retention_seconds         = 1209600
}

run "the_document_is_accepted" {
  command = plan

  assert {
    condition     = local.billing_mode == "PAY_PER_REQUEST"
    error_message = "ON_DEMAND is not translated"
  }

  assert {
    condition     = local.visibility.send == 6 * 180 + var.send_batching_window_seconds
    error_message = "the visibility is not 6 x the timeout and the window"
  }
}

run "autoscaling_without_a_capacity_is_refused" {
  command = plan
  variables {
    dynamodb_autoscaling_enabled = true
  }
  expect_failures = [var.dynamodb_autoscaling_enabled]
}

run "autoscaling_without_a_capacity_is_only_remarked_upon_when_accepted" {
  command = plan
  variables {
    dynamodb_autoscaling_enabled      = true
    accept_autoscaling_without_effect = true
  }
  expect_failures = [check.autoscaling_has_an_effect]
}

run "autoscaling_of_provisioned_tables_is_accepted" {
  command = plan
  variables {
    dynamodb_billing_mode        = "PROVISIONED"
    dynamodb_autoscaling_enabled = true
  }
}

run "a_fixed_capacity_is_remarked_upon" {
  command = plan
  variables {
    dynamodb_billing_mode = "PROVISIONED"
  }
  expect_failures = [check.fixed_capacity]
}

run "a_visibility_below_six_times_is_remarked_upon" {
  command = plan
  variables {
    visibility_timeout_seconds = 1079
  }
  expect_failures = [check.visibility]
}

run "more_warm_instances_than_reserved_are_refused" {
  command = plan
  variables {
    provisioned_concurrent_executions = 11
  }
  expect_failures = [var.provisioned_concurrent_executions]
}

run "an_override_counts_for_warm_instances" {
  command = plan
  variables {
    provisioned_concurrent_executions = 5
    reserved_concurrency_overrides    = { api = 4 }
  }
  expect_failures = [var.provisioned_concurrent_executions]
}

run "warm_instances_need_no_reservation" {
  command = plan
  variables {
    provisioned_concurrent_executions = 5
    reserved_concurrent_executions    = 0
  }

  assert {
    condition     = output.reserved_concurrency == 0
    error_message = "0 is no reservation"
  }
}

run "replicas_of_provisioned_tables_need_autoscaling" {
  command = plan
  variables {
    dynamodb_billing_mode = "PROVISIONED"
    replica_regions       = ["us-west-2", "eu-west-1"]
  }
  expect_failures = [var.replica_regions, check.fixed_capacity]
}

run "replicas_and_a_key_of_ours_are_refused" {
  command = plan
  variables {
    customer_managed_key = true
    replica_regions      = ["us-west-2"]
  }
  expect_failures = [var.replica_regions]
}

run "what_cannot_work_is_refused" {
  command = plan
  variables {
    environment                       = "test"
    dynamodb_billing_mode             = "FREE"
    autoscaling_read_max              = 4
    autoscaling_write_max             = 4
    visibility_timeout_seconds        = 179
    rate_limit_sms_burst              = 0
    rate_limit_email_daily            = "1.000"
    backoff_strategy                  = "random"
    business_hours                    = { timezone = "America/Sao_Paulo", startTime = "09:00", endTime = "17:00" }
    business_hours_start              = 8
    doubt_policy_sms                  = "forget"
    jwt_issuer                        = "https://login.example.com/" # and no audience
    reserved_concurrency_overrides    = { worker = 1 }
    provisioned_concurrency_functions = ["worker"]
    lambda_architecture               = "riscv"
    lambda_timeout_api                = 901
    lambda_memory_ingest              = 127
    message_retention_seconds         = 1209601
    ingest_disk_mb                    = 511
    send_batch_size                   = 0
    secret_recovery_days              = 3
    senders                           = { "Vendas!" = { channel = "fax", provider = "fax", secret = "a b" } }
    public_url                        = "http://disparo.example.com"
    opt_out_answer                    = ""
    mailbox_secret                    = "links"
    mail_webhook_secret               = "a/b"
    sms_identity_arns                 = ["*"]
    webhook_throttling_rate           = 0
    webhook_throttling_burst          = 0
  }
  expect_failures = [
    var.environment, var.dynamodb_billing_mode, var.autoscaling_read_max, var.autoscaling_write_max,
    var.visibility_timeout_seconds, var.rate_limit_sms_burst, var.rate_limit_email_daily, var.backoff_strategy,
    var.business_hours, var.doubt_policy_sms, var.jwt_audience, var.reserved_concurrency_overrides,
    var.provisioned_concurrency_functions, var.lambda_architecture, var.lambda_timeout_api,
    var.lambda_memory_ingest, var.message_retention_seconds, var.ingest_disk_mb, var.send_batch_size,
    var.secret_recovery_days, var.senders, var.public_url, var.opt_out_answer, var.mailbox_secret,
    var.mail_webhook_secret, var.sms_identity_arns, var.webhook_throttling_rate, var.webhook_throttling_burst,
  ]
}

run "only_secrets_that_are_there_are_rotated" {
  command = plan
  variables {
    rotation_lambda_arns = { mcp-fax = "arn:aws:lambda:us-east-1:123456789012:function:rotate" }
  }
  expect_failures = [var.rotation_lambda_arns]
}

run "a_provider_carries_its_own_channel_only" {
  command = plan
  variables {
    senders = { vendas = { channel = "sms", provider = "whatsapp" } }
  }
  expect_failures = [var.senders]
}

run "a_sender_called_like_another_channel_is_refused" {
  command = plan
  variables {
    senders = { email = { channel = "sms", provider = "twilio" } }
  }
  expect_failures = [var.senders]
}

run "an_address_with_a_query_and_an_answer_with_placeholders_are_refused" {
  command = plan
  variables {
    public_url     = "https://disparo.example.com/?a=b"
    opt_out_answer = "Pronto, {{ nome }}."
  }
  expect_failures = [var.public_url, var.opt_out_answer]
}

run "more_senders_than_a_function_can_be_told_are_refused" {
  command = plan
  variables {
    senders = { for number in range(40) : "numero-${number}" => { channel = "whatsapp", provider = "whatsapp", secret = "mcp-whatsapp-${number}" } }
  }
  expect_failures = [var.senders]
}

run "an_account_from_which_nobody_sends_has_the_usual_senders" {
  command = plan

  assert {
    condition     = local.sending_secrets == tolist(["mcp-email", "mcp-sms", "mcp-whatsapp"])
    error_message = "each channel has its usual provider"
  }

  assert {
    condition     = !local.sends_by_aws
    error_message = "nobody sends by AWS"
  }
}

run "a_calendar_may_not_take_longer_than_a_click_may_wait" {
  command = plan

  variables {
    calendar_timeout_s = 15
  }

  expect_failures = [var.calendar_timeout_s]
}

run "a_calendar_answers_before_the_function_ends" {
  command = plan

  variables {
    calendar_timeout_s = 5
    lambda_timeout_api = 10
  }

  expect_failures = [var.calendar_timeout_s]
}

run "a_calendars_secret_is_named_and_not_written" {
  command = plan

  variables {
    calendar_secrets = ["mcp-calendar", "{\"url\": \"https://example.com\"}"]
  }

  expect_failures = [var.calendar_secrets]
}

run "the_key_of_links_is_no_calendars" {
  command = plan

  variables {
    calendar_secrets = ["links"]
  }

  expect_failures = [var.calendar_secrets]
}

run "a_company_has_a_short_name" {
  command = plan

  variables {
    company_name = join("", [for one in range(9) : "0123456789"])
  }

  expect_failures = [var.company_name]
}
