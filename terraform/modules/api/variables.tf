variable "name" {
  description = "Name of the API."
  type        = string
}

variable "function" {
  description = "The function that answers, and how its alias is called."
  type        = object({ name = string, alias = string, invoke_arn = string, timeout_s = number })
}

variable "jwt" {
  description = "Who issues the tokens, and for whom; null when there is nobody, then callers sign with IAM."
  type        = object({ issuer = string, audience = list(string) })
}

variable "api_keys" {
  description = "Whether programs call the API with keys of ours, where there is no issuer; else they sign with IAM."
  type        = bool
}

variable "throttling" {
  description = "Requests per second, and how many at once above it, of all routes but the open ones."
  type        = object({ rate = number, burst = number })
}

variable "webhook_throttling" {
  description = "The same of each route that is open to all."
  type        = object({ rate = number, burst = number })
}

variable "log_retention_days" {
  description = "Days that access log lines are kept."
  type        = number
}

variable "kms_key_arn" {
  description = "Key of ours that encrypts the access log; null for AWS's own."
  type        = string
}
