output "urls" {
  description = "Queue URLs, the dead-letter queues under `<queue>-dlq`."
  value = merge(
    { for name, queue in aws_sqs_queue.this : name => queue.url },
    { for name, queue in aws_sqs_queue.dead : "${name}-dlq" => queue.url },
  )
}

output "arns" {
  description = "ARN of each queue that takes messages, once it is there."
  value       = { for name, queue in aws_sqs_queue.this : name => queue.arn }
}
