resource "aws_scheduler_schedule_group" "this" {
  name = var.group
}

resource "aws_scheduler_schedule" "this" {
  #checkov:skip=CKV_AWS_297:the input is the name of a task, which is no secret
  for_each = var.tasks

  name                = each.key
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = each.value

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.function_arn
    role_arn = aws_iam_role.this.arn
    input    = jsonencode({ task = each.key })

    retry_policy {
      maximum_retry_attempts       = 0 # the next minute is the retry
      maximum_event_age_in_seconds = 60
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [var.group_arn]
    }
  }
}

data "aws_iam_policy_document" "invoke" {
  statement {
    sid       = "CallTheFunction"
    actions   = ["lambda:InvokeFunction"]
    resources = var.invoke_arns
  }
}

resource "aws_iam_role" "this" {
  name               = "${var.group}-scheduler"
  description        = "Lets the schedules of ${var.group} call their function"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "this" {
  name   = "call-the-function"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.invoke.json
}
