# The source document's three alarms with its names, figures and statistics. It gives them no dimensions: on AWS/SQS
# such an alarm never fires, and on AWS/Lambda it sums every function of the account, so each is made per function or
# queue. An alarm's name is unique in an account, hence what it watches and the environment at its end.
locals {
  named = "disparo-agenda"
}

resource "aws_cloudwatch_metric_alarm" "high_error_rate" {
  for_each = var.functions

  alarm_name          = "${local.named}-high-error-rate-${each.key}-${var.environment}"
  alarm_description   = "Alerta quando taxa de erro > 10 em 5 minutos, em dois períodos seguidos: ${each.value.name}"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  metric_name         = "Errors"
  namespace           = "AWS/Lambda"
  period              = 300
  statistic           = "Sum"
  threshold           = 10
  dimensions          = { FunctionName = each.value.name }
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# Not of the functions that work through files and campaigns for minutes: those would always be above it.
resource "aws_cloudwatch_metric_alarm" "high_latency" {
  for_each = { for key, function in var.functions : key => function if function.quick }

  alarm_name          = "${local.named}-high-latency-${each.key}-${var.environment}"
  alarm_description   = "Alerta quando latência média > 10s: ${each.value.name}"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  metric_name         = "Duration"
  namespace           = "AWS/Lambda"
  period              = 300
  statistic           = "Average"
  threshold           = 10000
  dimensions          = { FunctionName = each.value.name }
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "dlq_messages" {
  for_each = var.queues

  alarm_name          = "${local.named}-dlq-messages-${each.key}-${var.environment}"
  alarm_description   = "Alerta quando há mensagens na DLQ: ${each.value.dead}"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "ApproximateNumberOfMessagesVisible"
  namespace           = "AWS/SQS"
  period              = 300
  statistic           = "Maximum"
  threshold           = 0
  dimensions          = { QueueName = each.value.dead }
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
