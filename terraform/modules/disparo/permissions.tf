# What each function may do, and nothing else: exact tables and indexes, queues, secrets and folders. Own logs and
# traces are added in modules/functions.
locals {
  table_actions = {
    read  = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
    write = ["dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
  }
  queue_actions = {
    consume = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    send    = ["sqs:SendMessage"]
    measure = ["sqs:GetQueueAttributes"]
  }
  file_actions = {
    read   = ["s3:GetObject"]
    write  = ["s3:PutObject"]
    remove = ["s3:DeleteObject"]
  }

  all_tables = ["agenda", "campaigns", "contacts", "control", "ledger"]

  uses = {
    api = {
      tables  = { read = local.all_tables, write = local.all_tables }
      queues  = { consume = ["send-dlq", "ingest-dlq"], send = ["send", "ingest"], measure = ["send", "ingest"] }                              # dead letters are looked at and sent back
      files   = { read = ["imports", "rejected"], write = ["imports", "rejected"], remove = ["imports", "rejected"] }                          # an upload's address is signed by it, files are looked into before their import, an erased person is taken out
      secrets = concat(local.sending_secrets, compact([var.mail_webhook_secret, var.oidc_secret]), var.calendar_secrets, [local.links_secret]) # calls are checked, templates asked for, people signed in, calendars read, links read
    }
    send = {
      tables  = { read = local.all_tables, write = ["control", "ledger"] } # notices are composed of meetings
      queues  = { consume = ["send"], send = ["send-dlq"] }                # what is dead for the engine is shown there too
      files   = {}
      secrets = concat(local.sending_secrets, [local.links_secret]) # mails have a link to leave by
    }
    schedule = {
      tables  = { read = local.all_tables, write = local.all_tables }         # hosts become contacts, whom notices go to
      queues  = { send = ["send", "send-dlq", "ingest"], measure = ["send"] } # tickets, dead letters, imports that stand still
      files   = {}
      secrets = concat(local.sending_secrets, compact([var.mailbox_secret]), var.calendar_secrets, [local.links_secret]) # providers are asked about messages in doubt, the mailbox for mail, calendars written; meetings are named by the key of links
    }
    ingest = {
      tables  = { read = ["contacts", "control"], write = ["contacts", "control"] }
      queues  = { consume = ["ingest"], send = ["ingest"] } # the next part of a large file
      files   = { read = ["imports"], write = ["rejected"] }
      secrets = []
    }
  }

  # Reading goes through the indexes as well.
  tables_and_indexes = { for key, arn in local.table_arns : key => compact([arn, lookup(local.index_arns, key, "")]) }

  statements = { for name, use in local.uses : name => concat(
    [for way, tables in use.tables : {
      sid       = "Tables${title(way)}"
      actions   = local.table_actions[way]
      resources = way == "read" ? flatten([for table in tables : local.tables_and_indexes[table]]) : [for table in tables : local.table_arns[table]]
    }],
    [for way, queues in use.queues : {
      sid       = "Queues${title(way)}"
      actions   = local.queue_actions[way]
      resources = [for queue in queues : local.queue_arns[queue]]
    }],
    [for way, folders in use.files : {
      sid       = "Files${title(way)}"
      actions   = local.file_actions[way]
      resources = [for folder in folders : "${local.bucket_arn}/${folder}/*"]
    }],
    length(use.files) == 0 ? [] : [{
      sid       = "FilesMissing"
      actions   = ["s3:ListBucket"] # without it S3 says "forbidden" of a file that is not there
      resources = [local.bucket_arn]
    }],
    length(use.secrets) == 0 ? [] : [{
      sid       = "Secrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [for secret in distinct(use.secrets) : local.secret_arns[secret]]
    }],
    name == "send" && local.sends_by_aws ? [{
      sid       = "Sms"
      actions   = ["sms-voice:SendTextMessage"]
      resources = local.sms_identities
    }] : [],
    var.customer_managed_key ? [{
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [module.key[0].arn]
    }] : [],
  ) }
}
