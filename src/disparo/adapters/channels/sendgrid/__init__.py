"""E-mail by Twilio SendGrid: v3 Mail Send, and its signed Event Webhook."""
