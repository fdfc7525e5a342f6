variable "bucket" {
  description = "Name of the bucket."
  type        = string
}

variable "prefix" {
  description = "Folder of the contact files; a file that arrives there is announced to the queue."
  type        = string
}

variable "queue_arn" {
  description = "Queue that hears of new files; its policy must let the bucket send."
  type        = string
}

variable "retention_days" {
  description = "Days after which a file is deleted: it holds personal data, and what was in it is in the tables."
  type        = number
}

variable "erasable" {
  description = "Let Terraform delete the bucket while there are files in it."
  type        = bool
}

variable "kms_key_arn" {
  description = "Key of ours that encrypts the files; null for S3's own."
  type        = string
}
