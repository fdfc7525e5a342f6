"""What is in the repository holds anywhere: no path of one machine, no address of one registry."""

from __future__ import annotations

import re

from tests.tidy.source_tree import ROOT, repository_files

OURS_ALONE = {
    "a folder of one machine": re.compile(r"(?<![\w./~$}])/(?:work|root|opt|home|Users)/[\w.]"),
    "the address of a package registry": re.compile(r"pypi\.(?:org|python)|pythonhosted|--(?:index-url|find-links)"),
    "how the text came to be": re.compile(r"\bA\.?I\b|\bL{2}M\b|language[ ]model|[Cc]o-[Aa]uthored-[Bb]y"),
}
THIS_FILE = "tests/tidy/test_repository_texts.py"


def test_nothing_speaks_of_the_machine_that_it_was_made_on() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {what}: {match.group()!r}"
        for path in repository_files()
        if str(path.relative_to(ROOT)) != THIS_FILE and (text := _text(path.read_bytes())) is not None
        for what, pattern in OURS_ALONE.items()
        if (match := pattern.search(text))
    ]
    assert not found


def test_locks_hold_a_hash_for_everything() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-aws.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        pinned = [index for index, line in enumerate(lines) if not line.startswith(" ")]
        assert pinned, name
        assert all("==" in lines[index] for index in pinned), name
        assert all(lines[index + 1].strip().startswith("--hash=sha256:") for index in pinned), name


def test_both_locks_pin_the_same_versions() -> None:
    run, dev = (_pins(name) for name in ("requirements.lock", "requirements-dev.lock"))
    assert run.items() <= dev.items()


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", text, re.M))


def _text(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
