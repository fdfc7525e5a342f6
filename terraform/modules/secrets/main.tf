# Secrets are made empty: a version written by Terraform would stand in its state in plain text. An operator writes the
# value, a JSON object with the keys named here (`aws secretsmanager put-secret-value`; docs/terraform.md).
resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:AWS cannot renew a provider's key by itself; rotation_lambda_arns names a function that can
  for_each = var.secrets

  name                    = "${var.path}/${each.key}"
  description             = "Access to the ${each.value.provider} provider, as JSON: ${join(", ", each.value.keys)}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_days

  tags = { Keys = join(" ", each.value.keys) }
}

# The one secret that nobody gives us: random, made once. A write-only argument is in no plan and in no state, so nobody
# but Secrets Manager ever knows it. Two UUIDs have 244 random bits; as text of 64 hexadecimal digits.
resource "aws_secretsmanager_secret" "made" {
  #checkov:skip=CKV2_AWS_57:a new key would break the links in every mail that was ever sent
  name                    = "${var.path}/${var.made}"
  description             = "Signs links of ours, such as those to leave by, as JSON: key"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_days
}

resource "aws_secretsmanager_secret_version" "made" {
  secret_id                = aws_secretsmanager_secret.made.id
  secret_string_wo         = jsonencode({ key = sha256("${uuid()}${uuid()}") })
  secret_string_wo_version = 1
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
