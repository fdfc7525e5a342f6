output "api_url" {
  description = "Where the API answers; providers' webhooks are at <url>/webhooks/<provider>."
  value       = module.disparo.api_url
}

output "functions" {
  description = "Function names by short name."
  value       = module.disparo.functions
}

output "queues" {
  description = "Queue URLs, the dead-letter queues under <queue>-dlq."
  value       = module.disparo.queues
}

output "tables" {
  description = "Table names by what they hold."
  value       = module.disparo.tables
}

output "imports" {
  description = "Where contact files go."
  value       = module.disparo.imports
}

output "secrets" {
  description = "Secrets that wait for their values."
  value       = module.disparo.secrets
}

output "alarms" {
  description = "Topic of the alarms, and their names."
  value       = module.disparo.alarms
}

output "reserved_concurrency" {
  description = "Sum of the reservations; the account's quota must be at least 100 more, as AWS keeps that much free."
  value       = module.disparo.reserved_concurrency
}

output "program_environment" {
  description = "What `disparo` must have in its environment to work with these stores and queues from a terminal."
  value       = module.disparo.program_environment
}
