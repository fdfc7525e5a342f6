variable "group" {
  description = "Name of the schedule group, and of the role that calls the function."
  type        = string
}

variable "function_arn" {
  description = "ARN of the alias that is called."
  type        = string
}

variable "invoke_arns" {
  description = "What the role may call, put together from names, so that a plan shows the whole policy."
  type        = list(string)
}

variable "group_arn" {
  description = "ARN of the group, put together from its name."
  type        = string
}

variable "account_id" {
  description = "Account that the schedules belong to."
  type        = string
}

variable "tasks" {
  description = "Each schedule and how often it fires; the function gets {\"task\": <its name>}."
  type        = map(string)
}
