# Names and ARNs put together here rather than taken from resources, so that a plan shows every policy in full before
# anything exists, and no two modules wait for each other.
data "aws_caller_identity" "current" {
  count = var.aws_account_id == null ? 1 : 0
}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  prefix     = "alquimista-disparo"
  account_id = var.aws_account_id == null ? data.aws_caller_identity.current[0].account_id : var.aws_account_id
  region     = data.aws_region.current.name
  partition  = data.aws_partition.current.partition

  scope        = "${local.prefix}-${var.environment}" # of what there is one of: API, schedule group, dashboard, key
  secrets_path = "${local.prefix}/${var.environment}"
  bucket       = "${local.prefix}-imports-${var.environment}-${local.account_id}"
  uploads      = "imports/"

  arn        = { for service in ["dynamodb", "sqs", "lambda", "logs", "scheduler", "secretsmanager", "sms-voice"] : service => "arn:${local.partition}:${service}:${local.region}:${local.account_id}" }
  bucket_arn = "arn:${local.partition}:s3:::${local.bucket}"

  function_names = { for key in ["api", "send", "schedule", "ingest"] : key => "${local.prefix}-${key}-${var.environment}" }
  queue_names    = { for key in ["send", "send-dlq", "ingest", "ingest-dlq"] : key => "${local.prefix}-${key}-${var.environment}" }
  queue_arns     = { for key, name in local.queue_names : key => "${local.arn.sqs}:${name}" }
  table_arns     = { for key in ["campaigns", "contacts", "ledger", "control", "agenda"] : key => "${local.arn.dynamodb}:table/${local.prefix}-${key}-${var.environment}" }
  index_arns = {
    campaigns = "${local.table_arns.campaigns}/index/status-created-index"
    contacts  = "${local.table_arns.contacts}/index/campaign-status-index"
    ledger    = "${local.table_arns.ledger}/index/due-index"
  }
  # Six characters that Secrets Manager chooses end a secret's ARN.
  secret_arns = { for key in concat(keys(local.secrets), [local.links_secret]) : key => "${local.arn.secretsmanager}:secret:${local.secrets_path}/${key}-??????" }
}
