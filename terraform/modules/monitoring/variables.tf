variable "prefix" {
  description = "First part of the names of the topic and the dashboard."
  type        = string
}

variable "environment" {
  description = "Last part of every name."
  type        = string
}

variable "region" {
  description = "Region that the dashboard shows."
  type        = string
}

variable "account_id" {
  description = "Account whose alarms may publish."
  type        = string
}

variable "email" {
  description = "Who is told of alarms; empty for nobody. The person must confirm the subscription."
  type        = string
}

variable "functions" {
  description = "Functions by short name, and which of them answer quickly when all is well."
  type        = map(object({ name = string, timeout_s = number, quick = bool }))
}

variable "scheduled_function" {
  description = "Name of the function that is called every minute."
  type        = string
}

variable "queues" {
  description = "Queue names, and how old a message may become in s before that is an alarm."
  type        = map(object({ name = string, dead = string, oldest_s = number }))
}

variable "tables" {
  description = "Table names by what they hold."
  type        = map(string)
}

variable "api_id" {
  description = "Id of the HTTP API."
  type        = string
}

variable "schedule_group" {
  description = "Group of the schedules."
  type        = string
}

variable "metrics" {
  description = "Namespace of the program's own metrics, and the value of their dimension `service`."
  type        = object({ namespace = string, service = string })
}

variable "kms_key_arn" {
  description = "Key of ours that encrypts the topic; null for none."
  type        = string
}
