output "id" {
  description = "Id of the API, the dimension of its metrics."
  value       = aws_apigatewayv2_api.this.id
}

output "url" {
  description = "Where the API answers."
  value       = aws_apigatewayv2_stage.default.invoke_url
}

output "endpoint" {
  description = "The same address, known before the function is there, whose environment names it."
  value       = aws_apigatewayv2_api.this.api_endpoint
}
