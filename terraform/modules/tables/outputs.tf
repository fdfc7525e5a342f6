output "names" {
  description = "Table names by what they hold."
  value       = { for key, table in aws_dynamodb_table.this : key => table.name }
}
