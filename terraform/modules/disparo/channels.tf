# Which secrets there are, and what each function needs of them: derived from the senders, as the program derives it
# (src/disparo/bootstrap/senders.py; a test compares them).
locals {
  usual_provider   = { whatsapp = "whatsapp", email = "sendgrid", sms = "twilio" }
  secret_of        = { whatsapp = "mcp-whatsapp", email = "mcp-email", sms = "mcp-sms" }
  secret_of_others = { smtp = "mcp-email-smtp", aws_sms = "mcp-sms-aws" }

  # A channel without a sender of its own has the usual one, as soon as it is live.
  with_senders = toset([for one in values(var.senders) : one.channel])
  all_senders = concat(
    [for one in values(var.senders) : one if one.provider != "sandbox"],
    [for channel, provider in local.usual_provider : { channel = channel, provider = provider, secret = null } if !contains(local.with_senders, channel)],
  )
  sending = { for one in local.all_senders : coalesce(one.secret, lookup(local.secret_of_others, one.provider, null), local.secret_of[one.channel]) => one.provider... }

  sending_secrets = sort(keys(local.sending))
  sends_by_aws    = contains(flatten(values(local.sending)), "aws_sms")

  # Fields, for whoever fills them in: the document's where it has the secret ("Secrets - Estrutura Recomendada").
  fields_of_document = {
    mcp-whatsapp = { provider = "WhatsApp", keys = ["endpoint", "api_key", "phone_number_id", "business_account_id", "webhook_verify_token"] }
    mcp-email    = { provider = "e-mail", keys = ["endpoint", "api_key", "from_email", "from_name", "reply_to"] }
    mcp-calendar = { provider = "calendar", keys = ["endpoint", "api_key", "calendar_id", "service_account_email", "private_key"] }
    mcp-sms      = local.fields_of_provider.twilio
  }
  fields_of_provider = {
    whatsapp = { provider = "WhatsApp", keys = ["endpoint", "api_key", "phone_number_id", "business_account_id", "webhook_verify_token", "app_secret"] }
    sendgrid = { provider = "SendGrid", keys = ["endpoint", "api_key", "from_email", "from_name", "reply_to", "webhook_public_key"] }
    smtp     = { provider = "SMTP", keys = ["host", "port", "username", "password", "from_email", "from_name", "reply_to"] }
    twilio   = { provider = "Twilio", keys = ["account_sid", "auth_token", "from_number"] }
    aws_sms  = { provider = "AWS End User Messaging", keys = ["region", "origination_identity", "configuration_set", "topic_arn"] }
    mcp      = { provider = "MCP", keys = ["profile", "server"] }
  }
  fields_of_mail = merge(
    var.mailbox_secret == null ? {} : { (var.mailbox_secret) = { provider = "mailbox", keys = ["imap_host", "username", "password"] } },
    var.mail_webhook_secret == null ? {} : { (var.mail_webhook_secret) = { provider = "mail server", keys = ["webhook_secret"] } },
    var.oidc_secret == null ? {} : { (var.oidc_secret) = { provider = "sign-in", keys = ["client_secret"] } },
  )
  secrets = merge(
    { for name in var.calendar_secrets : name => { provider = "calendar", keys = ["url", "username", "password"] } }, # CalDAV's; others' in docs/calendars.md
    { for name, providers in local.sending : name => local.fields_of_provider[providers[0]] },
    local.fields_of_mail,
    local.fields_of_document,
  )

  links_secret = "links" # signs our own links; Terraform gives it a value, as nobody else knows it

  # Our own numbers, pools and sender IDs: what SendTextMessage can be restricted to (Service Authorization Reference,
  # "AWS End User Messaging SMS and Voice V2"). The secret may name another region; then sms_identity_arns says so, too.
  sms_identities = length(var.sms_identity_arns) > 0 ? var.sms_identity_arns : [
    for kind in ["phone-number/*", "pool/*", "sender-id/*"] : "${local.arn["sms-voice"]}:${kind}"
  ]
}
