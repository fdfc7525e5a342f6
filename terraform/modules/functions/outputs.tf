output "names" {
  description = "Function names by short name."
  value       = { for key, function in aws_lambda_function.this : key => function.function_name }
}

output "aliases" {
  description = "Of each function the alias that callers use: ARN, and the ARN by which API Gateway calls it."
  value       = { for key, alias in aws_lambda_alias.live : key => { arn = alias.arn, invoke_arn = alias.invoke_arn, name = alias.name } }
}
