# What the source document does not speak of; every variable of modules/disparo/variables_operations.tf may stand here.
alarm_email          = "" # who is told of alarms
jwt_issuer           = "" # empty: callers of the API sign with IAM
log_retention_days   = 365
deletion_protection  = true
secret_recovery_days = 30

# The document's PROD bills on demand and enables autoscaling, which then does nothing; each plan says so.
accept_autoscaling_without_effect = true
