# The agenda (docs/agenda.md). Hosts and types of meetings stand in a file of their own, agenda.toml, and in a table.

variable "company_name" {
  description = "Who invites, as booking pages show it; null for nothing."
  type        = string
  default     = null

  validation {
    condition     = var.company_name == null ? true : length(var.company_name) <= 80
    error_message = "At most 80 characters."
  }
}

variable "calendar_timeout_s" {
  description = "How long a host's calendar may take to answer, in s; then it is busy. Null for 10."
  type        = number
  default     = null

  validation {
    condition     = var.calendar_timeout_s == null ? true : var.calendar_timeout_s > 0 && var.calendar_timeout_s <= 60
    error_message = "More than 0 and at most 60 s."
  }

  # A click may ask twice, and API Gateway waits for 30 s at most.
  validation {
    condition     = var.calendar_timeout_s == null ? true : 2 * var.calendar_timeout_s < min(var.lambda_timeout_api, 30)
    error_message = "Somebody who picks a time may wait for calendars twice: less than half of lambda_timeout_api, and of the 30 s of API Gateway."
  }
}

variable "calendar_secrets" {
  description = "Names of the secrets that hosts' calendars name in agenda.toml (calendar.secret)."
  type        = list(string)
  default     = ["mcp-calendar"]
  nullable    = false

  validation {
    condition     = alltrue([for name in var.calendar_secrets : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", name)) && name != "links"])
    error_message = "A secret's name has up to 100 letters, digits, - and _, and is not links. It is the name alone, never the value."
  }
}
