# What the document's alarms do not see: partial batch failures are no Errors, a function that comes near its timeout
# has not failed yet, and a tick that never runs fails nowhere.
locals {
  ours = merge(
    { for key, function in var.functions : "near-timeout-${key}" => {
      description = "p95 da duração acima de 80% do timeout: ${function.name}"
      namespace   = "AWS/Lambda", metric = "Duration", statistic = "p95", dimensions = { FunctionName = function.name }
      threshold   = function.timeout_s * 1000 * 0.8, periods = 2, less = false, missing = "notBreaching"
    } },
    { for key, function in var.functions : "throttles-${key}" => {
      description = "Chamadas recusadas por falta de concorrência: ${function.name}"
      namespace   = "AWS/Lambda", metric = "Throttles", statistic = "Sum", dimensions = { FunctionName = function.name }
      threshold   = 0, periods = 2, less = false, missing = "notBreaching"
    } },
    { for key, queue in var.queues : "old-messages-${key}" => {
      description = "Mensagem esperando há mais de ${queue.oldest_s} s: ${queue.name}"
      namespace   = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", dimensions = { QueueName = queue.name }
      threshold   = queue.oldest_s, periods = 1, less = false, missing = "notBreaching"
    } },
    {
      no-tick = {
        description = "Nenhum tick em dez minutos: ${var.scheduled_function}"
        namespace   = "AWS/Lambda", metric = "Invocations", statistic = "Sum", dimensions = { FunctionName = var.scheduled_function }
        threshold   = 1, periods = 2, less = true, missing = "breaching"
      }
      dropped-ticks = {
        description = "O agendador não conseguiu chamar a função: ${var.schedule_group}"
        namespace   = "AWS/Scheduler", metric = "InvocationDroppedCount", statistic = "Sum", dimensions = { ScheduleGroup = var.schedule_group }
        threshold   = 0, periods = 2, less = false, missing = "notBreaching"
      }
      api-errors = {
        description = "Respostas 5xx da API"
        namespace   = "AWS/ApiGateway", metric = "5xx", statistic = "Sum", dimensions = { ApiId = var.api_id, Stage = "$default" }
        threshold   = 10, periods = 1, less = false, missing = "notBreaching"
      }
      failed-rate = {
        description = "Mais de 20% das mensagens falharam"
        namespace   = var.metrics.namespace, metric = "MessagesFailedRate", statistic = "Average", dimensions = { service = var.metrics.service }
        threshold   = 20, periods = 2, less = false, missing = "notBreaching"
      }
      calendar-unreadable = {
        description = "Agenda de anfitrião que não pode ser lida há meia hora: não oferece horários"
        namespace   = var.metrics.namespace, metric = "CalendarUnreadable", statistic = "Sum", dimensions = { service = var.metrics.service }
        threshold   = 0, periods = 6, less = false, missing = "notBreaching"
      }
      rate-limit-hit = {
        description = "O limite de envio segura mensagens há uma hora; normal no começo de uma campanha grande"
        namespace   = var.metrics.namespace, metric = "RateLimitHit", statistic = "Sum", dimensions = { service = var.metrics.service }
        threshold   = 0, periods = 12, less = false, missing = "notBreaching"
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "ours" {
  for_each = local.ours

  alarm_name          = "${local.named}-${each.key}-${var.environment}"
  alarm_description   = each.value.description
  comparison_operator = each.value.less ? "LessThanThreshold" : "GreaterThanThreshold"
  evaluation_periods  = each.value.periods
  metric_name         = each.value.metric
  namespace           = each.value.namespace
  period              = 300
  statistic           = each.value.statistic == "p95" ? null : each.value.statistic
  extended_statistic  = each.value.statistic == "p95" ? "p95" : null
  threshold           = each.value.threshold
  dimensions          = each.value.dimensions
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# DynamoDB counts refused reads and writes apart; the engine repeats both, so only many in a row are worth a look.
resource "aws_cloudwatch_metric_alarm" "table_throttles" {
  for_each = var.tables

  alarm_name          = "${local.named}-table-throttles-${each.key}-${var.environment}"
  alarm_description   = "Leituras ou gravações recusadas por excesso: ${each.value}"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  threshold           = 10
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "both"
    expression  = "FILL(reads, 0) + FILL(writes, 0)"
    label       = "Throttled"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { reads = "ReadThrottleEvents", writes = "WriteThrottleEvents" }
    content {
      id = metric_query.key

      metric {
        metric_name = metric_query.value
        namespace   = "AWS/DynamoDB"
        period      = 300
        stat        = "Sum"
        dimensions  = { TableName = each.value }
      }
    }
  }
}
