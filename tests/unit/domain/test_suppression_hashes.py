from __future__ import annotations

from datetime import UTC, datetime

import pytest

from disparo.domain.contact import Channel
from disparo.domain.suppression import Suppression, as_asked, hashed_key, lookup_keys, read_hash

NUMBER = "+5511987654321"


def test_a_key_is_hashed_as_its_sha_256_and_a_hash_stays() -> None:
    # FIPS 180-4, example "abc"
    assert hashed_key("abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hashed_key(hashed_key(NUMBER)) == hashed_key(NUMBER)


@pytest.mark.parametrize("prefix", ["", "sha256:", "SHA256:", "  "])
def test_a_lists_hash_is_read_in_any_case(prefix: str) -> None:
    digest = hashed_key(NUMBER).removeprefix("sha256:")
    assert read_hash(prefix + digest) == read_hash(prefix + digest.upper() + " ") == hashed_key(NUMBER)


@pytest.mark.parametrize("text", ["", NUMBER, "a" * 63, "g" * 64, "a" * 65, "md5:" + "a" * 64, "sha256:"])
def test_other_texts_are_no_hashes(text: str) -> None:
    assert read_hash(text) is None


def test_what_is_found_is_told_of_the_key_that_was_asked_for() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    asked = lookup_keys([NUMBER, "", "ana@x.com", NUMBER])
    assert list(asked) == [NUMBER, "ana@x.com", hashed_key(NUMBER), hashed_key("ana@x.com")]
    kept = [
        Suppression(hashed_key("ana@x.com"), None, "do_not_call", "l:1", now),
        Suppression(hashed_key(NUMBER), Channel.SMS, "do_not_call", "l:2", now),
        Suppression(NUMBER, None, "opted_out", "reply", now),
    ]
    assert [(one.key, one.reason) for one in as_asked(kept, asked)] == [
        (NUMBER, "opted_out"),
        (NUMBER, "do_not_call"),
        ("ana@x.com", "do_not_call"),
    ]
