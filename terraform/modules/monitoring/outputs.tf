output "topic_arn" {
  description = "Topic that alarms are published to."
  value       = aws_sns_topic.alarms.arn
}

output "alarm_names" {
  description = "Names of all alarms."
  value = sort([for alarm in concat(
    values(aws_cloudwatch_metric_alarm.high_error_rate),
    values(aws_cloudwatch_metric_alarm.high_latency),
    values(aws_cloudwatch_metric_alarm.dlq_messages),
    values(aws_cloudwatch_metric_alarm.ours),
    values(aws_cloudwatch_metric_alarm.table_throttles),
  ) : alarm.alarm_name])
}
