# Who sends, and where we are (docs/channels.md). Secrets are named here and never written: their values are put in by hand.

variable "senders" {
  description = "Senders by name; a channel without one has a single sender, of the usual provider."
  type = map(object({
    channel      = string
    provider     = string
    secret       = optional(string)
    weight       = optional(number)
    hourly       = optional(string)
    burst        = optional(string)
    daily        = optional(string)
    doubt_policy = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.senders) : can(regex("^[a-z0-9][a-z0-9_-]{0,39}$", name))])
    error_message = "A sender's name has up to 40 small letters without accents, digits, - and _."
  }

  validation {
    condition     = alltrue([for one in values(var.senders) : contains(["whatsapp", "email", "sms"], one.channel)])
    error_message = "A sender's channel is whatsapp, email or sms."
  }

  validation {
    condition     = alltrue([for name, one in var.senders : !contains(["whatsapp", "email", "sms"], name) || name == one.channel])
    error_message = "A sender that is called like a channel must be of that channel."
  }

  validation {
    condition = alltrue([for one in values(var.senders) : contains(lookup({
      whatsapp = ["whatsapp", "mcp", "sandbox"]
      email    = ["sendgrid", "smtp", "mcp", "sandbox"]
      sms      = ["twilio", "aws_sms", "mcp", "sandbox"]
    }, one.channel, []), one.provider)])
    error_message = "Providers are: whatsapp, mcp, sandbox for whatsapp; sendgrid, smtp, mcp, sandbox for email; twilio, aws_sms, mcp, sandbox for sms."
  }

  validation {
    condition     = alltrue([for one in values(var.senders) : one.secret == null ? true : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", one.secret)) && one.secret != "links"])
    error_message = "A secret's name has up to 100 letters, digits, - and _, and is not links. It is the name alone, never the value."
  }

  validation {
    condition     = length(jsonencode([for one in values(var.senders) : { for key, value in one : key => value if value != null }])) <= 1500
    error_message = "Lambda allows 4 KB for all that a function is told: fewer senders, or shorter names."
  }
}

variable "sender_recovery_minutes" {
  description = "How long a sender whose breaker was open takes to get its whole share again."
  type        = number
  default     = null
}

variable "public_url" {
  description = "Address under which providers and contacts reach us; null for the API's own. A domain of yours keeps links alive when the API is made anew."
  type        = string
  default     = null

  validation {
    condition     = var.public_url == null ? true : can(regex("^https://[^\\s/?#@]+(/[^\\s?#]*)?$", var.public_url))
    error_message = "Write an address such as https://disparo.example.com."
  }
}

variable "opt_out_answer" {
  description = "What somebody is told, once, who asked for no more messages."
  type        = string
  default     = null

  validation {
    condition     = var.opt_out_answer == null ? true : length(var.opt_out_answer) >= 1 && length(var.opt_out_answer) <= 300 && !can(regex("\\{[{%]", var.opt_out_answer))
    error_message = "1 to 300 characters, and no {{ }} or {% %}: it is sent as it is."
  }
}

variable "mailbox_secret" {
  description = "Name of the secret of the mailbox (IMAP) in which bounces and replies arrive; null for no mailbox."
  type        = string
  default     = null

  validation {
    condition     = var.mailbox_secret == null ? true : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", var.mailbox_secret)) && var.mailbox_secret != "links"
    error_message = "A secret's name has up to 100 letters, digits, - and _, and is not links."
  }
}

variable "mail_webhook_secret" {
  description = "Name of the secret of the door /webhooks/mail; null for no such door."
  type        = string
  default     = null

  validation {
    condition     = var.mail_webhook_secret == null ? true : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", var.mail_webhook_secret)) && var.mail_webhook_secret != "links"
    error_message = "A secret's name has up to 100 letters, digits, - and _, and is not links."
  }
}

variable "oidc_secret" {
  description = "Name of the secret by which the provider of sign-in knows us; null where it asks for none. The rest of it goes by function_environment (docs/accounts.md)."
  type        = string
  default     = null

  validation {
    condition     = var.oidc_secret == null ? true : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", var.oidc_secret)) && var.oidc_secret != "links"
    error_message = "A secret's name has up to 100 letters, digits, - and _, and is not links."
  }
}

variable "sms_identity_arns" {
  description = "Numbers, pools and sender IDs that the provider aws_sms may send from; empty for all of this account and region."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.sms_identity_arns : can(regex("^arn:aws[a-z-]*:sms-voice:[a-z0-9-]+:[0-9]{12}:(phone-number|pool|sender-id)/\\S+$", arn))])
    error_message = "ARNs of phone-number/..., pool/... or sender-id/... of the service sms-voice."
  }
}
