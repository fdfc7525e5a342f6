"""What notices are filled in with: fit for a subject, whatever a list of contacts holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from disparo.adapters.babel_wording import BabelWording
from disparo.adapters.liquid.renderer import LiquidRenderer
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.notice import NoticeKind
from disparo.domain.agenda.notice_texts import own_template
from disparo.domain.agenda.slot import Slot
from disparo.domain.contact import Channel, Contact
from disparo.engine.agenda.values import notice_values
from tests.agenda_scene import MONDAY, SAO_PAULO, host, meeting_type


@pytest.mark.parametrize("name", ["Bia\r\nBcc: x@example.com", "Bia\x00", "Bia\u2028Lima", "\n"])
def test_a_line_break_in_a_contacts_name_keeps_no_host_from_hearing_of_a_meeting(name: str) -> None:
    meeting = Meeting(
        id="1",
        type_id="demo",
        contact_id="1",
        channel=Channel.EMAIL,
        place=SAO_PAULO,
        language="pt",
        uid="u@disparo",
        proposed_at=MONDAY,
        buffer_before=timedelta(0),
        buffer_after=timedelta(0),
        state=MeetingState.CONFIRMED,
        slot=Slot(("ana",), MONDAY, MONDAY + timedelta(minutes=30)),
        agreed=1,
    )
    contact = Contact("1", "contatos", "", None, name=name, email="bia@example.com")
    hosts = {"ana": host("ana")}
    values = notice_values(hosts["ana"], meeting, meeting_type(), hosts, contact, BabelWording(), None)
    content = LiquidRenderer().compile(own_template(NoticeKind.HOST_BOOKED, "pt")).render(values)
    assert content.subject is not None and content.subject.endswith(("com Bia", "com Bia Lima", "@example.com"))
