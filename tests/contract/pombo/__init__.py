"""Pombo: a provider of SMS that exists nowhere else. This folder and one entry are all that adding one takes.

It takes `POST <endpoint>/flights` with `{"ref", "to", "text"}` and answers 202 `{"flight"}` or an error's `{"error"}`.
Later it calls us with `{"events": [...]}`, signed in `x-pombo-signature` (HMAC-SHA256 of the body, hexadecimal).
"""
