# What AWS takes but does otherwise than it looks. Each is a warning of every plan, in the words of `disparo config check`.
check "autoscaling_has_an_effect" {
  assert {
    condition     = !var.dynamodb_autoscaling_enabled || local.billing_mode == "PROVISIONED"
    error_message = "dynamodb_autoscaling_enabled has no effect: an on-demand table has no capacity to scale. It is accepted because accept_autoscaling_without_effect = true."
  }
}

check "fixed_capacity" {
  assert {
    condition     = local.billing_mode != "PROVISIONED" || var.dynamodb_autoscaling_enabled
    error_message = "PROVISIONED without autoscaling: the capacity stays at autoscaling_read_min and autoscaling_write_min."
  }
}

check "visibility" {
  assert {
    condition     = local.visibility.send >= local.visibility_factor * var.lambda_timeout_send
    error_message = "visibility_timeout_seconds = ${local.visibility.send} is less than 6 x lambda_timeout_send = ${local.visibility_factor * var.lambda_timeout_send}: the queue may deliver again what is still being sent. Leave it out."
  }
}
