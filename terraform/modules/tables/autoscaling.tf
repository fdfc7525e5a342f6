# An on-demand table has no capacity to scale, so there is nothing here for it, whatever the variable says.
locals {
  scaled = local.provisioned && var.capacity.autoscaling

  scalable = merge(
    { for name, table in local.tables : name => { table = name, path = "", kind = "table" } },
    { for name, index in local.indexed : "${name}/${index.name}" => { table = name, path = "/index/${index.name}", kind = "index" } },
  )

  dimensions = local.scaled ? {
    for pair in setproduct(keys(local.scalable), ["read", "write"]) : "${pair[0]}:${pair[1]}" => {
      resource  = local.scalable[pair[0]]
      way       = pair[1]
      dimension = "dynamodb:${local.scalable[pair[0]].kind}:${title(pair[1])}CapacityUnits"
      range     = pair[1] == "read" ? var.capacity.read : var.capacity.write
    }
  } : {}
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.dimensions

  service_namespace  = "dynamodb"
  resource_id        = "table/${aws_dynamodb_table.this[each.value.resource.table].name}${each.value.resource.path}"
  scalable_dimension = each.value.dimension
  min_capacity       = each.value.range.min
  max_capacity       = each.value.range.max
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.dimensions

  name               = "${aws_appautoscaling_target.this[each.key].resource_id}-${each.value.way}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = 70 # percent of the capacity in use

    predefined_metric_specification {
      predefined_metric_type = "DynamoDB${title(each.value.way)}CapacityUtilization"
    }
  }
}
