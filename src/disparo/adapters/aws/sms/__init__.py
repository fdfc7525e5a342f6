"""SMS by AWS End User Messaging."""
