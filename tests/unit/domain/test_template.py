from __future__ import annotations

import pytest

from disparo.domain.contact import Channel
from disparo.domain.errors import DisparoError, InputError
from disparo.domain.template import (
    Content,
    RenderError,
    SizeProblem,
    SmsEncoding,
    SmsSegments,
    Template,
    TemplateError,
    check_shape,
    check_size,
    sms_segments,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", SmsSegments(SmsEncoding.GSM7, 0, 1)),
        ("a" * 160, SmsSegments(SmsEncoding.GSM7, 160, 1)),
        ("a" * 161, SmsSegments(SmsEncoding.GSM7, 161, 2)),
        ("a" * 306, SmsSegments(SmsEncoding.GSM7, 306, 2)),
        ("a" * 307, SmsSegments(SmsEncoding.GSM7, 307, 3)),
        ("€" * 80, SmsSegments(SmsEncoding.GSM7, 160, 1)),
        ("é" * 160, SmsSegments(SmsEncoding.GSM7, 160, 1)),
        ("ã" * 70, SmsSegments(SmsEncoding.UCS2, 70, 1)),
        ("ç" * 71, SmsSegments(SmsEncoding.UCS2, 71, 2)),
        ("ã" * 134, SmsSegments(SmsEncoding.UCS2, 134, 2)),
        ("😀" * 35, SmsSegments(SmsEncoding.UCS2, 70, 1)),
    ],
)
def test_sms_segments_follow_the_alphabet(text: str, expected: SmsSegments) -> None:
    assert sms_segments(text) == expected


def test_an_escaped_character_is_not_split_between_segments() -> None:
    whole = "a" * 153 + "b" * 153
    assert sms_segments(whole).segments == 2
    shifted = "a" * 152 + "€" + "b" * 152
    assert sms_segments(shifted) == SmsSegments(SmsEncoding.GSM7, 306, 3)


def test_a_surrogate_pair_is_not_split_between_segments() -> None:
    assert sms_segments("ã" * 66 + "😀" + "ã" * 66) == SmsSegments(SmsEncoding.UCS2, 134, 3)


def test_the_basic_alphabet_has_127_printable_places() -> None:
    basic = [chr(c) for c in range(0x3000) if sms_segments(chr(c)) == SmsSegments(SmsEncoding.GSM7, 1, 1)]
    extended = [chr(c) for c in range(0x3000) if sms_segments(chr(c)) == SmsSegments(SmsEncoding.GSM7, 2, 1)]
    assert len(basic) == 127
    assert sorted(extended) == sorted("\f^{}\\[~]|€")


def test_email_needs_a_subject() -> None:
    with pytest.raises(TemplateError, match="precisa de assunto") as caught:
        check_shape(Template("oferta", "Oi"), Channel.EMAIL)
    assert (caught.value.template, caught.value.part, caught.value.line) == ("oferta", "subject", None)
    assert isinstance(caught.value, InputError)
    check_shape(Template("oferta", "Oi", subject="Oferta", html="<p>Oi</p>"), Channel.EMAIL)


@pytest.mark.parametrize("channel", [Channel.WHATSAPP, Channel.SMS])
@pytest.mark.parametrize("part", ["subject", "html"])
def test_whatsapp_and_sms_carry_text_only(channel: Channel, part: str) -> None:
    template = Template("oferta", "Oi", **{part: "x"})
    with pytest.raises(TemplateError, match=f"não leva .*; retire {part}"):
        check_shape(template, channel)
    check_shape(Template("oferta", "Oi"), channel)


@pytest.mark.parametrize("channel", list(Channel))
def test_every_channel_needs_a_text(channel: Channel) -> None:
    with pytest.raises(TemplateError, match="está vazio"):
        check_shape(Template("oferta", " \n", subject="Oi"), channel)


@pytest.mark.parametrize(
    ("content", "channel", "problem"),
    [
        (Content("a" * 4096), Channel.WHATSAPP, None),
        (Content("a" * 4097), Channel.WHATSAPP, SizeProblem("text_too_long", 4097, 4096, "characters")),
        (Content("a" * 1530), Channel.SMS, None),
        (Content("a" * 1531), Channel.SMS, SizeProblem("text_too_long", 11, 10, "segments")),
        (Content("ã" * 671), Channel.SMS, SizeProblem("text_too_long", 11, 10, "segments")),
        (Content("a" * 5000, subject="Oi"), Channel.EMAIL, None),
        (
            Content("a", subject="a" * 256),
            Channel.EMAIL,
            SizeProblem("subject_too_long", 256, 255, "characters"),
        ),
        (
            Content("a", subject="a", html="ã" * 52225),
            Channel.EMAIL,
            SizeProblem("html_too_long", 104450, 104448, "bytes"),
        ),
        (
            Content("a" * 104449, subject="a"),
            Channel.EMAIL,
            SizeProblem("text_too_long", 104449, 104448, "bytes"),
        ),
        (Content(" "), Channel.SMS, SizeProblem("text_empty", 0, 1, "characters")),
        (Content("a", subject=" "), Channel.EMAIL, SizeProblem("subject_empty", 0, 1, "characters")),
    ],
)
def test_a_content_fits_its_channel_or_says_why(
    content: Content, channel: Channel, problem: SizeProblem | None
) -> None:
    assert check_size(content, channel) == problem


def test_a_render_error_names_reason_place_and_variable() -> None:
    error = RenderError("missing_variable", "falta", template="oferta", part="html", variable="uf", line=3)
    assert str(error) == 'modelo "oferta", html, linha 3: falta'
    assert (error.reason, error.variable, error.line) == ("missing_variable", "uf", 3)
    assert isinstance(error, DisparoError)
    assert not isinstance(error, InputError)
