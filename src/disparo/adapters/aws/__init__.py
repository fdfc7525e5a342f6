"""The AWS family: DynamoDB, SQS, S3, Secrets Manager and CloudWatch."""
