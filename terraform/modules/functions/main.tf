resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_116:failed messages go to their queue's DLQ, failed calls to the failure queue of the alias
  #checkov:skip=CKV_AWS_117:it only calls AWS and providers on the internet; a VPC would add a NAT gateway and its bill
  #checkov:skip=CKV_AWS_272:code signing needs a signing profile of the account; source_code_hash pins what is deployed
  for_each = var.functions

  function_name = each.value.name
  description   = each.value.description
  role          = aws_iam_role.this[each.key].arn

  filename         = var.package_file
  source_code_hash = filebase64sha256(var.package_file)
  handler          = "disparo.entrypoints.lambdas.${each.key}.handler"
  runtime          = "python3.12"
  architectures    = [var.architecture]
  publish          = true # the alias needs a version to point to

  timeout                        = each.value.timeout_s
  memory_size                    = each.value.memory_mb
  reserved_concurrent_executions = each.value.reserved == 0 ? -1 : each.value.reserved # to AWS 0 means: never run
  kms_key_arn                    = var.kms_key_arn

  ephemeral_storage {
    size = each.value.disk_mb
  }

  environment {
    variables = var.environment
  }

  tracing_config {
    mode = "Active"
  }

  depends_on = [aws_iam_role_policy.this, aws_cloudwatch_log_group.this]
}

# Every caller uses the alias: provisioned concurrency works on an alias only, and a deployment is one switch.
resource "aws_lambda_alias" "live" {
  for_each = var.functions

  name             = "live"
  description      = "The version that is called"
  function_name    = aws_lambda_function.this[each.key].function_name
  function_version = aws_lambda_function.this[each.key].version
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  for_each = { for key, function in var.functions : key => function if function.provisioned > 0 }

  function_name                     = aws_lambda_function.this[each.key].function_name
  qualifier                         = aws_lambda_alias.live[each.key].name
  provisioned_concurrent_executions = each.value.provisioned
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:how long is a variable; log lines may tell of persons, so shorter is often right
  for_each = var.functions

  name              = "/aws/lambda/${each.value.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}
