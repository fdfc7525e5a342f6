# What the source document does not speak of; every variable of modules/disparo/variables_operations.tf may stand here.
alarm_email          = "" # who is told of alarms
jwt_issuer           = "" # empty: callers of the API sign with IAM
log_retention_days   = 30
deletion_protection  = false
secret_recovery_days = 0 # after a destroy the names are free at once
