locals {
  # Providers call with signatures of their own, which the program checks; all else needs a token, or without an
  # issuer a request signed by IAM, lest an API without a door be open to everyone.
  open = [
    "GET /webhooks/{provider}", # WhatsApp asks with GET whether the door is ours
    "POST /webhooks/{provider}",
    "GET /u/{token}", # links to leave by; whoever has one needs nothing else
    "HEAD /u/{token}",
    "POST /u/{token}",
    "GET /book/{token}", # a meeting's page, for whoever has its link
    "HEAD /book/{token}",
    "POST /book/{token}",
    "GET /book/{token}/invite.ics",
    "HEAD /book/{token}/invite.ics",
    "GET /agendar/{type_id}", # the public page of a type of meetings that has one
    "HEAD /agendar/{type_id}",
    "POST /agendar/{type_id}",
  ]

  # Here the program itself asks who it is: people sign in, programs bring a key of ours. Its pages are never the
  # gateway's to guard, as no browser brings a token with a page.
  own = concat(
    ["ANY /console", "ANY /console/{proxy+}"],
    var.jwt == null && var.api_keys ? ["ANY /api/v1/{proxy+}", "ANY /mcp", "GET /metrics"] : [],
  )
  routes = merge(
    { for route in concat(local.open, local.own) : route => "NONE" },
    { "GET /health" = "NONE", "$default" = var.jwt == null ? "AWS_IAM" : "JWT" },
  )

  longest_integration_ms = 30000 # API Gateway's own bound for HTTP APIs
}

resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  count = var.jwt == null ? 0 : 1

  api_id           = aws_apigatewayv2_api.this.id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.jwt.issuer
    audience = var.jwt.audience
  }
}

resource "aws_apigatewayv2_integration" "function" {
  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = var.function.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = min(var.function.timeout_s * 1000, local.longest_integration_ms)
}

resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309:health, webhooks and pages that links lead to are public by design, the program signs people in itself; all else has an authorizer
  for_each = local.routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.function.id}"
  authorization_type = each.value
  authorizer_id      = each.value == "JWT" ? aws_apigatewayv2_authorizer.jwt[0].id : null
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit  = var.throttling.rate
    throttling_burst_limit = var.throttling.burst
  }

  # Anybody can call these: each has a bucket of its own, so that a flood at one leaves the others and the API alone,
  # and has a price that can be told beforehand.
  dynamic "route_settings" {
    for_each = toset(local.open)
    content {
      route_key              = route_settings.value
      throttling_rate_limit  = var.webhook_throttling.rate
      throttling_burst_limit = var.webhook_throttling.burst
    }
  }

  depends_on = [aws_apigatewayv2_route.this] # settings of a route that is not there are refused

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      time      = "$context.requestTimeEpoch"
      request   = "$context.requestId"
      ip        = "$context.identity.sourceIp"
      route     = "$context.routeKey"
      status    = "$context.status"
      latencyMs = "$context.responseLatency"
      error     = "$context.integrationErrorMessage"
    })
  }
}

resource "aws_lambda_permission" "api" {
  statement_id  = "http-api"
  action        = "lambda:InvokeFunction"
  function_name = var.function.name
  qualifier     = var.function.alias
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*" # any stage and route of this API
}
