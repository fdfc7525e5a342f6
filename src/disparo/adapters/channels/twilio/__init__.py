"""SMS by Twilio's Programmable Messaging."""
