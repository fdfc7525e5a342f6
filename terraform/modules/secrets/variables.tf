variable "path" {
  description = "First part of every name, without a slash at its end."
  type        = string
}

variable "secrets" {
  description = "Secrets by name: whose they are, and the fields of the JSON that is put in by hand."
  type        = map(object({ provider = string, keys = list(string) }))
}

variable "made" {
  description = "Name of the secret that gets a random value here."
  type        = string
}

variable "recovery_days" {
  description = "Days in which a deleted secret can be restored (7 to 30); 0 deletes at once and frees the name."
  type        = number
}

variable "rotation_lambda_arns" {
  description = "Per secret, the function that rotates it."
  type        = map(string)
}

variable "rotation_days" {
  description = "Days between two rotations."
  type        = number
}

variable "kms_key_arn" {
  description = "Key of ours that encrypts the secrets; null for the one that AWS keeps for Secrets Manager."
  type        = string
}
