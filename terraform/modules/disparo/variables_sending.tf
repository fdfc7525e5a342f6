# The settings of the source document and of the program, under the names of both (docs/settings.md), as they stand in
# terraform.tfvars. What the program alone reads may be left out: then its profile decides.

variable "environment" {
  description = "The profile, and the last part of every name."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "Write dev or prod."
  }
}

variable "rate_limit_whatsapp_hourly" {
  description = "WhatsApp messages in any rolling 3,600 s."
  type        = string

  validation {
    condition     = var.rate_limit_whatsapp_hourly == null ? true : can(regex("^([1-9][0-9]*|none)$", var.rate_limit_whatsapp_hourly))
    error_message = "A limit is a whole number from 1, or \"none\" for no limit: 0 would send nothing."
  }
}

variable "rate_limit_whatsapp_burst" {
  description = "WhatsApp messages in any rolling 60 s."
  type        = string

  validation {
    condition     = var.rate_limit_whatsapp_burst == null ? true : can(regex("^([1-9][0-9]*|none)$", var.rate_limit_whatsapp_burst))
    error_message = "A limit is a whole number from 1, or \"none\" for no limit: 0 would send nothing."
  }
}

variable "rate_limit_whatsapp_daily" {
  description = "WhatsApp messages in any rolling 86,400 s."
  type        = string
  default     = null

  validation {
    condition     = var.rate_limit_whatsapp_daily == null ? true : can(regex("^([1-9][0-9]*|none)$", var.rate_limit_whatsapp_daily))
    error_message = "A limit is a whole number from 1, or \"none\" for no limit: 0 would send nothing."
  }
}

variable "rate_limit_email_hourly" {
  description = "E-mails in any rolling 3,600 s."
  type        = string

  validation {
    condition     = var.rate_limit_email_hourly == null ? true : can(regex("^([1-9][0-9]*|none)$", var.rate_limit_email_hourly))
    error_message = "A limit is a whole number from 1, or \"none\" for no limit: 0 would send nothing."
  }
}

variable "rate_limit_email_burst" {
  description = "E-mails in any rolling 60 s."
  type        = string

  validation {
    condition     = var.rate_limit_email_burst == null ? true : can(regex("^([1-9][0-9]*|none)$", var.rate_limit_email_burst))
    error_message = "A limit is a whole number from 1, or \"none\" for no limit: 0 would send nothing."
  }
}

variable "rate_limit_email_daily" {
  description = "E-mails in any rolling 86,400 s."
  type        = string
  default     = null

  validation {
    condition     = var.rate_limit_email_daily == null ? true : can(regex("^([1-9][0-9]*|none)$", var.rate_limit_email_daily))
    error_message = "A limit is a whole number from 1, or \"none\" for no limit: 0 would send nothing."
  }
}

variable "rate_limit_sms_hourly" {
  description = "SMS in any rolling 3,600 s."
  type        = string

  validation {
    condition     = var.rate_limit_sms_hourly == null ? true : can(regex("^([1-9][0-9]*|none)$", var.rate_limit_sms_hourly))
    error_message = "A limit is a whole number from 1, or \"none\" for no limit: 0 would send nothing."
  }
}

variable "rate_limit_sms_burst" {
  description = "SMS in any rolling 60 s."
  type        = string

  validation {
    condition     = var.rate_limit_sms_burst == null ? true : can(regex("^([1-9][0-9]*|none)$", var.rate_limit_sms_burst))
    error_message = "A limit is a whole number from 1, or \"none\" for no limit: 0 would send nothing."
  }
}

variable "rate_limit_sms_daily" {
  description = "SMS in any rolling 86,400 s."
  type        = string
  default     = null

  validation {
    condition     = var.rate_limit_sms_daily == null ? true : can(regex("^([1-9][0-9]*|none)$", var.rate_limit_sms_daily))
    error_message = "A limit is a whole number from 1, or \"none\" for no limit: 0 would send nothing."
  }
}

variable "max_retries" {
  description = "Attempts after the first one."
  type        = number
}

variable "backoff_strategy" {
  description = "How the wait grows."
  type        = string

  validation {
    condition     = contains(["exponential", "linear"], var.backoff_strategy)
    error_message = "Write exponential or linear."
  }
}

variable "backoff_multiplier" {
  description = "By what each wait is multiplied when the strategy is exponential."
  type        = number
}

variable "initial_backoff_ms" {
  description = "Wait before the first retry, in ms."
  type        = number
}

variable "jitter" {
  description = "Spread the waits at random."
  type        = bool
  default     = null
}

variable "circuit_breaker_threshold" {
  description = "Consecutive faults of the provider that open the breaker."
  type        = number
}

variable "circuit_breaker_timeout_ms" {
  description = "How long it stays open before one message may try, in ms."
  type        = number
}

variable "business_hours_start" {
  description = "Opening, as an hour (8) or a time (\"08:30\")."
  type        = string
  default     = null
}

variable "business_hours_end" {
  description = "Closing, written like the opening."
  type        = string
  default     = null
}

variable "business_hours_timezone" {
  description = "IANA zone of contacts of whom none is known."
  type        = string
  default     = null
}

variable "business_hours" {
  description = "The document's JSON for hours, as an object, or the path of a JSON file from the tfvars' folder; instead of the three above."
  type        = any
  default     = null

  validation {
    condition     = var.business_hours == null || (var.business_hours_start == null && var.business_hours_end == null && var.business_hours_timezone == null)
    error_message = "business_hours replaces business_hours_start, _end and _timezone, which would be lost beside it: leave them out."
  }
}

variable "doubt_policy_whatsapp" {
  description = "A message whose outcome is unknown: hold it or resend it."
  type        = string
  default     = null

  validation {
    condition     = var.doubt_policy_whatsapp == null ? true : contains(["hold", "resend"], var.doubt_policy_whatsapp)
    error_message = "Write hold or resend."
  }
}

variable "doubt_policy_email" {
  description = "A message whose outcome is unknown: hold it or resend it."
  type        = string
  default     = null

  validation {
    condition     = var.doubt_policy_email == null ? true : contains(["hold", "resend"], var.doubt_policy_email)
    error_message = "Write hold or resend."
  }
}

variable "doubt_policy_sms" {
  description = "A message whose outcome is unknown: hold it or resend it."
  type        = string
  default     = null

  validation {
    condition     = var.doubt_policy_sms == null ? true : contains(["hold", "resend"], var.doubt_policy_sms)
    error_message = "Write hold or resend."
  }
}

variable "doubt_hold_hours" {
  description = "Hours that a held message waits for its receipt before it is dead."
  type        = number
  default     = null
}

variable "send_timeout_s" {
  description = "How long a provider may take, in s."
  type        = number
  default     = null
}

variable "lease_s" {
  description = "How long a claim lasts, in s."
  type        = number
  default     = null
}

variable "send_concurrency" {
  description = "Sends under way at once, per channel and function instance."
  type        = number
  default     = null
}

variable "default_region" {
  description = "Country of phone numbers written without one in contact files."
  type        = string
  default     = null
}

variable "default_list" {
  description = "List that an import without a list goes to."
  type        = string
  default     = null
}

variable "live" {
  description = "Send to real providers; else the sandbox takes everything."
  type        = bool
  default     = null
}

variable "send_pace_per_second" {
  description = "Messages per second that a tick spreads its claims by."
  type        = number
  default     = null
}
