"""The functions on AWS Lambda: `api`, `send`, `schedule`, `ingest`."""
