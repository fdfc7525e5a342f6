resource "aws_lambda_event_source_mapping" "queue" {
  for_each = var.event_sources

  event_source_arn                   = each.value.queue_arn
  function_name                      = aws_lambda_alias.live[each.key].arn
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.window_s
  function_response_types            = ["ReportBatchItemFailures"] # one bad message does not bring the others back

  scaling_config {
    # Without it SQS would call more often than there is concurrency, and every refused call counts as a receive.
    maximum_concurrency = each.value.max_concurrency
  }
}

# A tick that failed is not worth repeating: the next one is a minute away. That it failed is worth seeing.
resource "aws_lambda_function_event_invoke_config" "live" {
  for_each = var.failure_queues

  function_name                = aws_lambda_function.this[each.key].function_name
  qualifier                    = aws_lambda_alias.live[each.key].name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60

  destination_config {
    on_failure {
      destination = each.value
    }
  }
}

resource "aws_lambda_function_recursion_config" "self_feeding" {
  for_each = var.self_feeding

  function_name  = aws_lambda_function.this[each.key].function_name
  recursive_loop = "Allow"
}
