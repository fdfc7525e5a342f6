"""The rules by which a reply is understood; `disparo.domain.reply_intent` is their door."""
