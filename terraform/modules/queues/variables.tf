variable "prefix" {
  description = "First part of every name."
  type        = string
}

variable "environment" {
  description = "Last part of every name."
  type        = string
}

variable "queues" {
  description = "What each queue needs: visibility in s, and after how many receives a message goes to its DLQ."
  type = map(object({
    visibility_s = number
    max_receives = number
  }))
}

variable "retention_s" {
  description = "How long a queue keeps a message, in s; a dead-letter queue always keeps it for 14 days."
  type        = number
}

variable "event_sources" {
  description = "Per queue, the bucket (ARN) that may send to it."
  type        = map(string)
}

variable "account_id" {
  description = "Account that the event sources must belong to."
  type        = string
}

variable "arns" {
  description = "ARN of each queue, put together from its name, so that a plan shows whole policies."
  type        = map(string)
}

variable "kms_key_arn" {
  description = "Key of ours that encrypts the queues; null for SQS's own."
  type        = string
}
