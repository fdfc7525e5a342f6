from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from disparo.adapters.channels.sendgrid.pattern import MOST_RUNS, WHOLE, pattern_of

TAGS = [f"\x01{number}\x02" for number in range(MOST_RUNS)]


def put_together(skeleton: str, values: list[str]) -> str:
    for tag, value in zip(TAGS, values, strict=False):
        skeleton = skeleton.replace(tag, value)
    return skeleton


@given(
    st.integers(1, 6).flatmap(
        lambda parts: st.lists(
            st.lists(st.sampled_from(["", "a", "b", "ab", " "]), min_size=parts, max_size=parts).map("\n".join),
            min_size=1,
            max_size=5,
        )
    )
)
def test_pattern_and_values_give_each_text_back(texts: list[str]) -> None:
    pattern = pattern_of(dict.fromkeys(texts), "\n")
    skeleton = pattern.with_tags(TAGS[: len(pattern.runs)])
    assert [put_together(skeleton, pattern.values(text)) for text in texts] == texts


def test_only_what_differs_is_a_value() -> None:
    pattern = pattern_of(["a\nb\nc\nd\ne", "a\nB\nC\nd\nE"], "\n")
    assert pattern.with_tags(["1", "2"]) == "a\n1\nd\n2"
    assert pattern.values("a\nB\nC\nd\nE") == ["B\nC", "E"]


def test_one_text_has_no_place_for_anything() -> None:
    pattern = pattern_of(["a\nb"], "\n")
    assert (pattern.with_tags([]), pattern.values("a\nb")) == ("a\nb", [])


def test_texts_of_other_shapes_or_with_too_many_differences_are_values_as_a_whole() -> None:
    many = ["\n".join(f"same\n{text}" for _ in range(MOST_RUNS + 1)) for text in "ab"]
    assert pattern_of(["a", "a\nb"], "\n") is WHOLE
    assert pattern_of(many, "\n") is WHOLE
    assert (WHOLE.with_tags(["t"]), WHOLE.values("a\nb")) == ("t", ["a\nb"])
