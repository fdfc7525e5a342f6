locals {
  longest_retention_s = 1209600 # 14 days, the most that SQS allows
}

resource "aws_sqs_queue" "dead" {
  for_each = var.queues

  name                              = "${var.prefix}-${each.key}-dlq-${var.environment}"
  message_retention_seconds         = local.longest_retention_s
  visibility_timeout_seconds        = 60 # people look at it, nothing consumes it
  receive_wait_time_seconds         = 1  # the api function waits for it; 0 would miss messages
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 3600
  policy                            = data.aws_iam_policy_document.queue["${each.key}-dlq"].json

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [var.arns[each.key]]
  })
}

resource "aws_sqs_queue" "this" {
  for_each = var.queues

  name                              = "${var.prefix}-${each.key}-${var.environment}"
  message_retention_seconds         = var.retention_s
  visibility_timeout_seconds        = each.value.visibility_s
  receive_wait_time_seconds         = 20
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 3600
  policy                            = data.aws_iam_policy_document.queue[each.key].json

  redrive_policy = jsonencode({
    deadLetterTargetArn = var.arns["${each.key}-dlq"]
    maxReceiveCount     = each.value.max_receives
  })

  depends_on = [aws_sqs_queue.dead]
}

data "aws_iam_policy_document" "queue" {
  for_each = var.arns

  statement {
    sid       = "OnlyEncryptedTransport"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [each.value]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  dynamic "statement" {
    for_each = contains(keys(var.event_sources), each.key) ? [var.event_sources[each.key]] : []
    content {
      sid       = "EventsOfTheBucket"
      actions   = ["sqs:SendMessage"]
      resources = [each.value]

      principals {
        type        = "Service"
        identifiers = ["s3.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [statement.value]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [var.account_id]
      }
    }
  }
}
