locals {
  # The document's custom metrics, and one of ours.
  custom = {
    "Envio"       = ["MessagesSent", "RateLimitHit", "QueueDepth"]
    "Qualidade"   = ["MessagesFailedRate", "ConfirmationRate", "NoShowRate"]
    "Tempo médio" = ["AverageDispatchTime"]
    "Agendas"     = ["CalendarUnreadable"]
  }
  counted = ["CalendarUnreadable", "MessagesSent", "RateLimitHit"] # the others are averages

  widgets = concat(
    [for title, names in local.custom : {
      title = title
      lines = [for name in names : [
        var.metrics.namespace, name, "service", var.metrics.service,
        { stat = contains(local.counted, name) ? "Sum" : "Average" },
      ]]
    }],
    [for metric, stat in { Invocations = "Sum", Errors = "Sum", Throttles = "Sum", Duration = "p95" } : {
      title                            = "Lambda: ${metric} (${stat})"
      lines                            = [for function in var.functions : ["AWS/Lambda", metric, "FunctionName", function.name, { stat = stat }]]
    }],
    [{
      title = "Filas: mensagens visíveis"
      lines = [for name in flatten([for queue in var.queues : [queue.name, queue.dead]]) :
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name, { stat = "Maximum" }]
      ]
      }, {
      title = "Filas: idade da mais antiga (s)"
      lines = [for queue in var.queues :
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue.name, { stat = "Maximum" }]
      ]
      }, {
      title = "DynamoDB: unidades de gravação"
      lines = [for name in var.tables : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", name, { stat = "Sum" }]]
      }, {
      title = "API"
      lines = [for metric in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", metric, "ApiId", var.api_id, { stat = "Sum" }]]
    }],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.prefix}-${var.environment}"

  dashboard_body = jsonencode({
    widgets = [for place, widget in local.widgets : {
      type   = "metric"
      x      = 8 * (place % 3)
      y      = 6 * floor(place / 3)
      width  = 8
      height = 6
      properties = {
        title   = widget.title
        region  = var.region
        period  = 300
        view    = "timeSeries"
        stacked = false
        metrics = widget.lines
      }
    }]
  })
}
