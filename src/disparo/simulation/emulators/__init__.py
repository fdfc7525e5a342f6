"""Emulators of WhatsApp, SendGrid and Twilio that speak their wire formats on this machine."""
