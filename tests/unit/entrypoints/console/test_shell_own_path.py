"""Where the console lets itself be led."""

from __future__ import annotations

import pytest

from disparo.entrypoints.console.own_path import link, own_path


@pytest.mark.parametrize(
    "wanted", ["/console", "/console/campaigns", "/console?x=1", "/console/contacts/a%20b?q=ana#top", "/console/"]
)
def test_addresses_of_the_console_are_followed(wanted: str) -> None:
    assert own_path(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        None,
        "https://evil.example/console",
        "//evil.example/console",
        "/\\evil.example",
        "/console\\..\\..",
        "/console/../book",
        "/console/%2e%2E/book",
        "/console/./x",
        "/consolexyz",
        "/console\n//evil.example",
        "/console/\u202eevil",
        " /console",
        "javascript:alert(1)",
        "/console/" + "x" * 3000,
    ],
)
def test_anything_else_leads_to_the_first_page(wanted: str | None) -> None:
    assert own_path(wanted) == "/console"
    assert own_path(wanted, "/console/inbox") == "/console/inbox"


def test_a_link_leaves_out_what_is_not_given_and_keeps_the_rest() -> None:
    assert link("/console/contacts?q=ana&after=1#top", {"after": None, "state": "due"}) == (
        "/console/contacts?q=ana&state=due#top"
    )
    assert link("/console", {"q": "", "n": 0}) == "/console?n=0"
