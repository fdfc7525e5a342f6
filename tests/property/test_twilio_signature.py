"""Twilio's own validator and ours agree on every call."""

from __future__ import annotations

import json
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from disparo.adapters.channels.twilio.signature import is_signed, signature
from disparo.ports.callback import Call

TOKENS = st.text("0123456789abcdef", min_size=1, max_size=32)
NAMES = st.sampled_from(["From", "To", "Body", "MessageSid", "MessageStatus", "NumMedia", "é", ""])
FORMS = st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=6)
PATHS = st.from_regex(r"(/[a-z.%0-9-]{1,8}){0,3}(\?[a-z]=[A-Za-z0-9.%+&=:@/-]{1,12})?", fullmatch=True)
URLS = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["https", "http"]),
    st.sampled_from(["h.example", "my-shop.example.com.br", "10.0.0.1"]),
    st.sampled_from(["", ":443", ":80", ":8443"]),
    PATHS,
)


@given(URLS, FORMS, TOKENS, st.sampled_from(["same", "token", "url", "form", "spelling"]))
def test_forms(url: str, form: dict[str, str], token: str, signed: str) -> None:
    validator = RequestValidator(token)
    fields, target = dict(form), url
    if signed == "url":
        target += "x"
    if signed == "form":
        fields["extra"] = "1"
    if signed == "spelling":
        target = target.replace("h.example", "h.example:443", 1) if "h.example/" in target else target
    given_signature = RequestValidator(token + ("x" if signed == "token" else "")).compute_signature(target, fields)
    call = Call(url, {"x-twilio-signature": given_signature}, b"")
    assert is_signed(call, list(form.items()), token) == validator.validate(url, form, given_signature)


@given(URLS, st.dictionaries(st.text(max_size=5), st.integers(), max_size=3), TOKENS, st.booleans())
def test_json(url: str, document: dict[str, int], token: str, whole: bool) -> None:
    body = json.dumps(document)
    digest = sha256((body if whole else body + " ").encode()).hexdigest()
    url += ("&" if "?" in url else "?") + f"bodySHA256={digest}"
    given_signature = signature(url, (), token)
    call = Call(url, {"x-twilio-signature": given_signature}, body.encode())
    assert is_signed(call, None, token) == RequestValidator(token).validate(url, body, given_signature) == whole
