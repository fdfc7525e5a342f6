output "names" {
  description = "Secret names by provider."
  value       = { for key, secret in aws_secretsmanager_secret.this : key => secret.name }
}
