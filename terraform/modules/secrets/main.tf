# Secrets are made empty: a version written by Terraform would stand in its state in plain text. An operator writes the
# value, a JSON object with the keys named here (`aws secretsmanager put-secret-value`; docs/terraform.md).
locals {
  secrets = {
    mcp-whatsapp = {
      provider = "WhatsApp"
      keys     = ["endpoint", "api_key", "phone_number_id", "business_account_id", "webhook_verify_token"]
    }
    mcp-email = {
      provider = "e-mail"
      keys     = ["endpoint", "api_key", "from_email", "from_name", "reply_to"]
    }
    mcp-calendar = {
      provider = "calendar"
      keys     = ["endpoint", "api_key", "calendar_id", "service_account_email", "private_key"]
    }
  }
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:AWS cannot renew a provider's key by itself; rotation_lambda_arns names a function that can
  for_each = local.secrets

  name                    = "${var.path}/${each.key}"
  description             = "Access to the ${each.value.provider} provider, as JSON: ${join(", ", each.value.keys)}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_days

  tags = { Keys = join(" ", each.value.keys) }
}

# Only where somebody has a function for it: WhatsApp, e-mail and calendar providers give keys out by hand or by an
# API of their own. The function must allow secretsmanager.amazonaws.com to call it.
resource "aws_secretsmanager_secret_rotation" "this" {
  #checkov:skip=CKV_AWS_304:how often is a variable, 90 days without it
  for_each = var.rotation_lambda_arns

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = each.value
  rotate_immediately  = false # there is no value yet

  rotation_rules {
    automatically_after_days = var.rotation_days
  }
}
