output "api_url" {
  description = "Where the API answers; providers' webhooks are at <url>/webhooks/<provider>."
  value       = module.api.url
}

output "functions" {
  description = "Function names by short name."
  value       = module.functions.names
}

output "queues" {
  description = "Queue URLs, the dead-letter queues under <queue>-dlq."
  value       = module.queues.urls
}

output "tables" {
  description = "Table names by what they hold."
  value       = module.tables.names
}

output "imports" {
  description = "Where contact files go."
  value       = "s3://${module.imports.bucket}/${local.uploads}"
}

output "secrets" {
  description = "Secrets that wait for their values."
  value       = module.secrets.names
}

output "alarms" {
  description = "Topic of the alarms, and their names."
  value       = { topic = module.monitoring.topic_arn, names = module.monitoring.alarm_names }
}

output "reserved_concurrency" {
  description = "Sum of the reservations; the account's quota must be at least 100 more, as AWS keeps that much free."
  value       = sum(values(local.reserved))
}

output "program_environment" {
  description = "What `disparo` must have in its environment to work with these stores and queues from a terminal."
  value       = { for name, value in local.function_environment : name => value if startswith(name, "DISPARO_") && name != "DISPARO_LOG_FORMAT" }
}
