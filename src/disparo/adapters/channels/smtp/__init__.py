"""E-mail through any SMTP server (RFC 5321)."""
