# The first two tables are the source document's, keys, index and all; of the others two hold the engine's state and one the agenda.
locals {
  tables = {
    campaigns = {
      hash  = "campaign_id", range = null
      index = { name = "status-created-index", hash = "status", range = "created_at", projection = "ALL" }
    }
    contacts = {
      hash  = "contact_id", range = null
      index = { name = "campaign-status-index", hash = "campaign_id", range = "status", projection = "ALL" }
    }
    ledger = {
      hash  = "pk", range = "sk"
      index = { name = "due-index", hash = "lane", range = "due", projection = "KEYS_ONLY" }
    }
    control = { hash = "pk", range = "sk", index = null }
    agenda  = { hash = "pk", range = "sk", index = null }
  }

  indexed     = { for name, table in local.tables : name => table.index if table.index != null }
  provisioned = var.billing_mode == "PROVISIONED"
  replicated  = length(var.replica_regions) > 0
}

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name                        = "${var.prefix}-${each.key}-${var.environment}"
  billing_mode                = var.billing_mode
  hash_key                    = each.value.hash
  range_key                   = each.value.range
  read_capacity               = local.provisioned ? var.capacity.read.min : null
  write_capacity              = local.provisioned ? var.capacity.write.min : null
  deletion_protection_enabled = var.deletion_protection
  stream_enabled              = local.replicated
  stream_view_type            = local.replicated ? "NEW_AND_OLD_IMAGES" : null # what global tables travel by

  dynamic "attribute" {
    for_each = toset(compact([
      each.value.hash, each.value.range, try(each.value.index.hash, null), try(each.value.index.range, null),
    ]))
    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.index == null ? [] : [each.value.index]
    content {
      name            = global_secondary_index.value.name
      hash_key        = global_secondary_index.value.hash
      range_key       = global_secondary_index.value.range
      projection_type = global_secondary_index.value.projection
      read_capacity   = local.provisioned ? var.capacity.read.min : null
      write_capacity  = local.provisioned ? var.capacity.write.min : null
    }
  }

  dynamic "replica" {
    for_each = toset(var.replica_regions)
    content {
      region_name            = replica.value
      point_in_time_recovery = true
      propagate_tags         = true
    }
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  lifecycle {
    # Autoscaling moves them; without this each apply would put a busy table back to its minimum. An index's
    # capacity cannot be left out alone: with PROVISIONED, apply in quiet hours.
    ignore_changes = [read_capacity, write_capacity]
  }
}
