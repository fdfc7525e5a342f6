"""Whom a campaign is for, in one sentence: its list, or what the program uses it for by itself."""

from __future__ import annotations

from collections.abc import Mapping

from disparo.domain.campaign import Campaign, CampaignKind
from disparo.domain.hand_message import HandPurpose
from disparo.entrypoints.console.formats import Formats
from disparo.entrypoints.console.words import Words, mark

_STANDING: Mapping[CampaignKind, str] = {
    CampaignKind.SERVICE: mark("Respostas automáticas a quem escreve; está sempre ligada."),
    CampaignKind.AGENDA: mark("Convites, lembretes e avisos de reuniões; está sempre ligada."),
    CampaignKind.HAND: mark("Mensagens escritas à mão pela equipe; está sempre ligada."),
}
_BY_HAND: Mapping[HandPurpose, str] = {
    HandPurpose.ANSWER: mark("Respostas escritas à mão na caixa de entrada; está sempre ligada."),
    HandPurpose.NOTE: mark("Mensagens escritas à mão, no horário comercial de cada contato; está sempre ligada."),
    HandPurpose.TEST: mark("Testes que a equipe manda para si mesma; está sempre ligada."),
}


def whose(campaign: Campaign, contacts: int, words: Words, formats: Formats) -> str:
    """`Lista clientes, 1.200 contatos`; of a campaign that is always there, what it is for."""
    if campaign.kind is CampaignKind.HAND:
        purpose = next((one for one in HandPurpose if campaign.name.startswith(one.prefix)), None)
        return words.gettext(_BY_HAND[purpose] if purpose else _STANDING[campaign.kind])
    if campaign.standing:
        return words.gettext(_STANDING[campaign.kind])
    count = words.ngettext("%(count)s contato", "%(count)s contatos", contacts, count=formats.number(contacts))
    return words.gettext("Lista %(list)s, %(count)s", list=campaign.list_name, count=count)
