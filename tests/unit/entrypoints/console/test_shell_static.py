"""Files of the console: kept for ever under an address that changes with them."""

from __future__ import annotations

import asyncio
import gzip
import re

import pytest

from disparo.entrypoints.console.static_files import static_files, static_hash, static_url
from tests.unit.entrypoints.console.conftest import Site


def test_a_file_is_served_to_be_kept(site: Site) -> None:
    answer = asyncio.run(site.get(static_url("console.css")))
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert b"--accent" in answer.body
    small = asyncio.run(site.get(static_url("console.css"), {"accept-encoding": "gzip, br"}))
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == answer.body


def test_scripts_are_scripts(site: Site) -> None:
    answer = asyncio.run(site.get(static_url("console.js")))
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    [
        "0000000000000000/console.css",
        "{hash}/none.css",
        "{hash}/../shell.py",
        "{hash}/..%2fshell.py",
        "{hash}/style/1-ground.css",
        "{hash}/",
        "console.css",
    ],
)
def test_there_is_nothing_else(site: Site, path: str) -> None:
    assert asyncio.run(site.get("/console/static/" + path.format(hash=static_hash()))).status == 404


def test_a_file_that_does_not_exist_is_noticed_where_it_is_named() -> None:
    with pytest.raises(KeyError):
        static_url("none.png")


def test_nothing_is_fetched_from_elsewhere() -> None:
    for name, file in static_files().items():
        if not name.endswith((".js", ".css")):
            continue
        assert not re.search(r"https?://|@import|url\((?!data:)", file.content.decode()), name


def test_scripts_set_no_style_attributes_and_no_markup_from_texts() -> None:
    for name, file in static_files().items():
        if name.endswith(".js"):
            assert not re.search(
                r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|setAttribute\(.style", file.content.decode()
            ), name
