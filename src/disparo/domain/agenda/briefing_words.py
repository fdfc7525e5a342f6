"""The words of a briefing, in Portuguese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from disparo.domain.agenda.meeting import MeetingState as S
from disparo.domain.contact import Channel


@dataclass(frozen=True, slots=True)
class BriefingWords:
    """What a briefing says in one language; `tag` is the language's own (BCP 47)."""

    tag: str
    meeting: str
    person: str
    origin: str
    earlier: str
    conversation: str
    notes: str
    next_step: str
    span: str
    theirs: str
    hosts: str
    where: str
    attending: str
    not_said: str
    moved: str
    outcome: str
    list_name: str
    source: str
    campaign: str
    us: str
    them: str
    left_out: str
    states: Mapping[S, str]
    channels: Mapping[Channel, str]


PORTUGUESE: Final = BriefingWords(
    tag="pt-BR",
    meeting="Reunião: {}",
    person="Com quem",
    origin="De onde veio",
    earlier="Reuniões anteriores",
    conversation="Conversa até aqui",
    notes="Anotações",
    next_step="Próximo passo",
    span="{day}, das {start} às {end}, {zone}",
    theirs="Para o contato: {}, {}",
    hosts="Quem atende: {}",
    where="Onde: {}",
    attending="O contato disse que vem.",
    not_said="O contato ainda não disse se vem.",
    moved="Vezes em que foi remarcada: {}",
    outcome="Depois, diga se aconteceu: {}",
    list_name="Lista",
    source="Arquivo e linha",
    campaign="Campanha",
    us="nós",
    them="contato",
    left_out="Mensagens mais antigas que ficaram de fora: {}",
    states={
        S.PROPOSED: "proposta",
        S.CONFIRMED: "marcada",
        S.DECLINED: "recusada",
        S.EXPIRED: "sem resposta",
        S.CANCELLED: "cancelada",
        S.HELD: "aconteceu",
        S.NO_SHOW: "o contato faltou",
    },
    channels={Channel.WHATSAPP: "WhatsApp", Channel.EMAIL: "e-mail", Channel.SMS: "SMS"},
)

ENGLISH: Final = BriefingWords(
    tag="en",
    meeting="Meeting: {}",
    person="With whom",
    origin="Where they came from",
    earlier="Earlier meetings",
    conversation="Conversation so far",
    notes="Notes",
    next_step="Next step",
    span="{day}, from {start} to {end}, {zone}",
    theirs="For the contact: {}, {}",
    hosts="Hosted by: {}",
    where="Where: {}",
    attending="The contact said that they will come.",
    not_said="The contact has not said yet whether they will come.",
    moved="Times it was rescheduled: {}",
    outcome="Afterwards, say whether it was held: {}",
    list_name="List",
    source="File and row",
    campaign="Campaign",
    us="us",
    them="contact",
    left_out="Older messages left out: {}",
    states={
        S.PROPOSED: "proposed",
        S.CONFIRMED: "agreed",
        S.DECLINED: "declined",
        S.EXPIRED: "not answered",
        S.CANCELLED: "cancelled",
        S.HELD: "held",
        S.NO_SHOW: "the contact missed it",
    },
    channels={Channel.WHATSAPP: "WhatsApp", Channel.EMAIL: "e-mail", Channel.SMS: "SMS"},
)
