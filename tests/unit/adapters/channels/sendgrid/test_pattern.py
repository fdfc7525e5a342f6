from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from disparo.adapters.channels.sendgrid.pattern import MOST_GAPS, WHOLE, Pattern, pattern_of

TAGS = [f"\x01{number}\x02" for number in range(MOST_GAPS)]


def put_together(skeleton: str, values: list[str]) -> str:
    for tag, value in zip(TAGS, values, strict=False):
        skeleton = skeleton.replace(tag, value)
    return skeleton


@given(
    st.integers(1, 7).flatmap(
        lambda parts: st.lists(
            st.lists(st.sampled_from(["", "a", "b", "ab", "aa", " "]), min_size=parts, max_size=parts).map("\n".join),
            min_size=1,
            max_size=6,
        )
    )
)
def test_pattern_and_values_give_each_text_back(texts: list[str]) -> None:
    pattern = pattern_of(dict.fromkeys(texts), "\n")
    skeleton = pattern.with_tags(TAGS[: pattern.gaps])
    for text in texts:
        values = pattern.values(text)
        assert values is not None
        assert put_together(skeleton, values) == text


def test_only_what_differs_is_a_value() -> None:
    pattern = pattern_of(["a\nb\nc\nd\ne", "a\nB\nC\nd\nE"], "\n")
    assert pattern.with_tags(["1", "2"]) == "a\n1\nd\n2"
    assert pattern.values("a\nB\nC\nd\nE") == ["B\nC", "E"]


def test_a_difference_that_comes_late_is_seen() -> None:
    texts = [f"a\nb\nc\n{number}" for number in range(9)] + ["A\nb\nc\n9"]
    pattern = pattern_of(texts, "\n")
    assert pattern.pieces == ["", "\nb\nc\n", ""]
    assert [pattern.values(text) for text in texts] == [[text[0], text[-1]] for text in texts]


def test_one_text_has_no_place_for_anything() -> None:
    pattern = pattern_of(["a\nb"], "\n")
    assert (pattern.with_tags([]), pattern.values("a\nb"), pattern.values("a\nc")) == ("a\nb", [], None)


def test_a_text_without_the_pieces_has_no_values() -> None:
    pattern = Pattern(("<p>", "</p><b>", "</b>"))
    assert pattern.values("<p>1</p><b>2</b>") == ["1", "2"]
    assert pattern.values("<p>1</p><b></b>") == ["1", ""]
    for other in ("", "<p>", "<p>1</b>", "<p>1</p><b>2", "<p></p></b>", "<p></b></p><b>"):
        assert pattern.values(other) is None
    assert Pattern(("aba", "ba")).values("aba") is None


def test_texts_of_other_shapes_or_with_too_many_differences_are_values_as_a_whole() -> None:
    many = ["\n".join(f"same\n{text}" for _ in range(MOST_GAPS + 1)) for text in "ab"]
    assert pattern_of(["a", "b\nb"], "\n") is WHOLE
    assert pattern_of(many, "\n") is WHOLE
    assert (WHOLE.with_tags(["t"]), WHOLE.values("a\nb")) == ("t", ["a\nb"])
