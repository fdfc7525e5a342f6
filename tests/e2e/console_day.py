"""What an operator does at the console in a day, each act by what a person sees and presses."""

from __future__ import annotations

import re
import signal
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyotp
from playwright.sync_api import expect

from tests.e2e.console_person import EMAIL, NAME, PASSWORD, Person, code_of

CAMPAIGN, LIST, TYPE = "reativacao-novembro", "clientes", "demonstracao"
CONTACTS = 140
ZONE = ZoneInfo("America/Sao_Paulo")
WHOLE = re.compile(r"^100\s?%$")
_BOOK = re.compile(r"http://\S+/book/\S+")
WHATSAPP = (
    "Oi, {{ nome | primeiro_nome }}! Refiz a conta da sua energia em {{ onde_mora }}.\n"
    "Posso mostrar? Responda *SIM*.\n\n_Responda SAIR para não receber mais._"
)
MAIL = (
    "Olá, {{ nome | primeiro_nome }}!\n\nEscrevi no WhatsApp também; aqui está a conta completa.\n\n"
    "Para não receber mais: {{ link_descadastro }}"
)


def contact_file(folder: Path, people: int = CONTACTS) -> Path:
    """A list with headers that nothing recognizes, and three rows that are wrong."""
    rows = ["quem é?;onde mora;zap dele;correio;obs"]
    rows += [
        f"Lia Moraes {number:03};Curitiba;+55 41 99{number:03}-{4000 + number};lia{number}@example.com;cliente"
        for number in range(1, people + 1)
    ]
    rows += ["Sem Nada;;;;", "Zap Errado;Recife;123;;", "Correio Errado;Natal;;isto não é;"]
    path = folder / "lista-de-novembro.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def make_the_first_account(ana: Person) -> None:
    """By the link of the terminal, which brings her in."""
    ana.page.goto(ana.house.setup_link)
    ana.look("sign_in_setup")
    ana.fill(name=NAME, email=EMAIL, password=PASSWORD, again=PASSWORD)
    ana.press("Criar a conta e entrar")
    expect(ana.page).to_have_url(ana.house.url("/console"))
    ana.look("today_first")


def turn_on_the_second_factor(ana: Person) -> str:
    """The secret that her phone would have read."""
    ana.go("/console/account")
    ana.press("Ligar")
    ana.page.get_by_text("Não dá para ler? Escreva a chave").click()
    secret = ana.page.locator("details p.mono").inner_text().replace(" ", "")
    ana.look("account_enrol")
    ana.fill(code=pyotp.TOTP(secret).now())
    ana.press("Ligar")
    expect(ana.page.locator(".recovery-codes code")).to_have_count(10)
    ana.look("account_recovery")
    ana.follow("Já guardei")
    return secret


def sign_out(ana: Person) -> None:
    """By the menu."""
    ana.page.locator("details.account > summary").click()
    ana.press("Sair", within="details.account")
    expect(ana.page).to_have_url(ana.house.url("/console/sign-in"))


def sign_in_by_keyboard(ana: Person, secret: str) -> None:
    """Password and code, without a mouse: the first field has the focus."""
    ana.go("/console/sign-in")
    ana.look("sign_in")
    ana.page.keyboard.type(EMAIL)
    ana.page.keyboard.press("Tab")
    ana.page.keyboard.type(PASSWORD)
    ana.page.keyboard.press("Enter")
    expect(ana.page.locator("#f-code")).to_be_focused()
    ana.look("sign_in_code")
    ana.page.keyboard.type(code_of(secret))
    ana.page.keyboard.press("Enter")
    expect(ana.page).to_have_url(ana.house.url("/console"))


def sign_in(ana: Person) -> None:
    """By the password alone."""
    ana.go("/console/sign-in")
    ana.fill(email=EMAIL, password=PASSWORD)
    ana.press("Entrar")
    expect(ana.page).to_have_url(ana.house.url("/console"))


def say_who_gives_meetings(ana: Person) -> None:
    """A host that is there always, and a type of meeting that anybody may book."""
    ana.go("/console/hosts")
    ana.look("hosts_empty")
    ana.follow("Novo anfitrião")
    ana.fill(id="bruno", name="Bruno Lima", email="bruno@example.com", timezone="America/Sao_Paulo")
    for day in ana.page.locator("input[name=days]").all():
        day.check(force=True)
    ana.fill(start="08:00", end="20:00", lunch_start="", lunch_end="")
    ana.page.locator("#f-holidays").uncheck(force=True)
    ana.press("Salvar")
    ana.arrived("Bruno Lima")
    ana.go("/console/agenda/types/new")
    ana.fill(id=TYPE, title="Demo solar", duration="30m", location="https://video.example.com/bruno", min_notice="0m")
    ana.page.locator("#f-public").check(force=True)
    ana.page.locator("input[name=hosts][value=bruno]").check(force=True)
    for day in ana.page.locator("input[name=days]").all():
        day.check(force=True)
    ana.page.locator("#f-contact_holidays").uncheck(force=True)
    ana.press("Salvar")
    ana.arrived("Demo solar")


def import_contacts(ana: Person, path: Path) -> str:
    """By the wizard, saying of each column what it is; the rows that were refused, as they can be downloaded."""
    ana.go("/console/contacts/import")
    ana.look("import_file")
    ana.page.locator("#f-file").set_input_files(path)
    ana.fill(list=LIST)
    ana.press("Continuar")
    choose = {"quem é?": "name", "onde mora": "city", "zap dele": "phone", "correio": "email", "obs": "ignore"}
    for title, what in choose.items():
        ana.page.get_by_label(f"O que é a coluna {title}").select_option(what)
    ana.look("import_columns")
    ana.press("Conferir")
    expect(ana.page.locator("main")).to_contain_text("Linhas recusadas")
    ana.look("import_check")
    ana.page.get_by_role("button", name="Importar").last.click()
    ana.until(lambda: (ana.script or ana.page.reload()) and ana.page.get_by_text("Baixar as recusadas").count())
    with ana.page.expect_download() as download:
        ana.page.get_by_role("link", name="Baixar as recusadas (CSV)").click()
    ana.look("import_done")
    return Path(download.value.path()).read_text(encoding="utf-8-sig")


def write_a_campaign(ana: Person) -> None:
    """Two messages, hours, a forecast: as far as the page that starts it."""
    ana.go("/console/campaigns")
    ana.look("campaigns_empty")
    ana.page.get_by_role("button", name="Nova campanha").click()
    ana.fill(name=CAMPAIGN)
    ana.page.locator(f"input[name=list][value={LIST}]").check(force=True)
    ana.look("wizard_audience")
    ana.press("Continuar")
    ana.page.get_by_role("button", name="WhatsApp").click()
    ana.page.locator("#f-text").fill(WHATSAPP)
    ana.page.locator("#f-meeting").select_option(TYPE)
    expect(ana.page.locator("#preview")).to_contain_text("Oi, Lia! Refiz a conta da sua energia em Curitiba.")
    ana.look("wizard_message_whatsapp")
    ana.press("Salvar mensagem")
    ana.page.get_by_role("button", name="E-mail").click()
    ana.fill(subject="A conta de {{ nome }}", text=MAIL, wait="0")
    expect(ana.page.locator("#preview")).to_contain_text("A conta de Lia")
    ana.look("wizard_message_email")
    ana.press("Salvar mensagem")
    ana.look("wizard_messages")
    ana.follow("Continuar")
    ana.look("wizard_sending")
    ana.press("Continuar")
    expect(ana.page.locator("#forecast .tile").first).to_contain_text(str(2 * CONTACTS), timeout=30_000)
    expect(ana.page.locator("#forecast svg[role=img]")).to_be_visible()
    ana.look("wizard_forecast")
    ana.follow("Continuar")
    ana.look("wizard_start")


def try_it_out(ana: Person) -> None:
    """A test send to herself, before anybody else has it."""
    ana.page.locator("#f-step").select_option("2")
    ana.fill(address=EMAIL)
    ana.press("Enviar teste")
    expect(ana.page.locator(".told")).to_contain_text("Teste a caminho")


def start_by_keyboard(ana: Person) -> None:
    """The button that asks first, and the answer, without a mouse."""
    ana.page.get_by_role("button", name="Iniciar campanha").focus()
    ana.page.keyboard.press("Enter")
    ana.look("wizard_start_asks", axe=False)
    ana.page.keyboard.press("Tab")
    ana.page.keyboard.press("Enter")
    ana.arrived(CAMPAIGN)


def watch_it_go(ana: Person) -> None:
    """The numbers move while nobody touches the page; it is paused and goes on."""
    ana.page.evaluate("window.untouched = true")
    share = ana.page.locator("#live .big-number")
    first = share.inner_text()
    expect(share).not_to_have_text(first, timeout=30_000)
    assert ana.page.evaluate("window.untouched"), "without a new page"
    ana.press("Pausar")
    expect(ana.page.locator(".head .badge")).to_have_text("pausada")
    ana.look("campaign_paused")
    ana.press("Retomar")
    expect(ana.page.locator(".head .badge")).to_have_text("em andamento")
    before = len(ana.house.taken())
    ana.until(lambda: len(ana.house.taken()) > before)


def lose_power_and_come_back(ana: Person) -> None:
    """`kill -9` in the middle: the page that is open comes back by itself, and nothing goes twice."""
    ana.page.evaluate("window.untouched = true")
    ana.expected = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET")
    before = len(ana.house.taken())
    ana.house.stop(signal.SIGKILL)
    assert before < 2 * CONTACTS, "in the middle"
    ana.house.start()
    expect(ana.page.locator("#live .big-number")).to_have_text(WHOLE, timeout=90_000)
    assert ana.page.evaluate("window.untouched"), "without a new page"
    ana.expected = ()
    assert not ana.house.taken_twice()
    ana.go(f"/console/campaigns/{ana.page.url.rpartition('/')[2]}")
    ana.look("campaign_done")


def somebody_answers(ana: Person) -> tuple[str, str]:
    """A contact says yes: it is in the inbox, times were offered; who it is, and the page of the offer."""
    first = next(one for one in ana.house.taken() if one["text"].startswith("Oi, Lia!"))
    ana.go("/console/inbox")
    ana.look("inbox_empty")
    ana.house.reply(first["id"], "Sim, tenho interesse!")
    expect(ana.page.locator(".thread").first).to_contain_text("tenho interesse", timeout=30_000)
    contact = first["id"].rpartition(".")[2]
    return contact, ana.until(lambda: _offer_to(ana, first["address"]))


def _offer_to(ana: Person, address: str) -> str | None:
    theirs = (_BOOK.search(one["text"]) for one in ana.house.taken() if one["address"] == address)
    return next((found[0] for found in theirs if found), None)


def take_a_time(guest: Person, offer: str) -> str:
    """The contact, in a browser of their own, takes the first time that is offered."""
    guest.page.goto(offer)
    guest.look("booking_offer")
    guest.page.get_by_role("radio").first.check()
    guest.page.get_by_role("button", name="Confirmar horário").click()
    guest.arrived("Sua reunião está marcada")
    guest.look("booking_agreed")
    return guest.page.locator(".ticket").inner_text()


def see_the_meeting(ana: Person, contact: str) -> None:
    """In the week of the host, on Today when it is today, on its own page, and in the conversation."""
    [meeting] = ana.context.request.get(ana.house.url("/api/v1/meetings")).json()["items"]
    start_at = datetime.fromisoformat(meeting["start_at"]).astimezone(ZONE)
    ana.go(f"/console/agenda?who=host:bruno&day={start_at:%Y-%m-%d}")
    occasion = ana.page.locator(".week-column .occasion", has_text="Lia Moraes")
    expect(occasion.first).to_be_visible()
    expect(occasion.first).to_contain_text(f"{start_at:%H:%M}")
    ana.look("agenda_week")
    if start_at.date() == datetime.now(ZONE).date():
        ana.go("/console")
        expect(ana.page.locator("section[aria-labelledby=meetings-title]")).to_contain_text("Lia Moraes")
    ana.go(f"/console/inbox/{contact}")
    ana.follow("Ver reunião")
    ana.arrived("Reunião com Lia")
    ana.look("meeting")


def redrive_a_dead_letter(ana: Person) -> None:
    """Looked into, put back, and sent."""
    ana.go("/console/dead-letters")
    ana.look("dead_letters")
    ana.page.locator("section[aria-labelledby=letters-title] tbody a.title").first.click()
    expect(ana.page.locator("main")).to_contain_text("Por que parou")
    ana.look("dead_letter")
    message = ana.page.url.rpartition("/")[2]
    ana.press("Recolocar na fila")
    expect(ana.page.locator(".told")).to_be_visible()
    ana.until(lambda: any(one["id"] == message for one in ana.house.taken()))


def answer_by_hand(ana: Person, contact: str) -> None:
    """In the conversation, within the window of 24 hours."""
    ana.go(f"/console/inbox/{contact}")
    ana.look("inbox_thread")
    ana.page.locator("#f-text").fill("Combinado, Lia. Até lá!")
    ana.press("Enviar")
    ana.until(lambda: any("Combinado, Lia" in one["text"] for one in ana.house.taken()))
    expect(ana.page.locator(".talk")).to_contain_text("Combinado, Lia. Até lá!")


def without_a_script(ana: Person, path: Path) -> None:
    """Import, write, foresee, start and cancel by forms and links alone."""
    import_contacts(ana, path)
    ana.go("/console/campaigns")
    ana.page.get_by_role("button", name="Nova campanha").click()
    ana.fill(name=CAMPAIGN)
    ana.page.locator(f"input[name=list][value={LIST}]").check(force=True)
    ana.press("Continuar")
    for channel in ("WhatsApp", "E-mail"):
        ana.page.get_by_role("button", name=channel).click()
        ana.page.locator("#f-text").fill(MAIL.replace("{{ link_descadastro }}", "SAIR"))
        if channel == "E-mail":
            ana.fill(subject="A conta", wait="2")
            ana.page.locator("#f-wait_unit").select_option("h")
        ana.press("Ver como fica")
        expect(ana.page.locator("#preview")).to_contain_text("Olá, Lia!")
        ana.press("Salvar mensagem")
    ana.follow("Continuar")
    ana.press("Continuar")
    ana.follow("Prever agora")
    ana.until(lambda: ana.page.reload() and ana.page.locator("#forecast .tile").count())
    ana.follow("Continuar")
    ana.press("Iniciar campanha")
    ana.press("Iniciar agora")
    ana.arrived(CAMPAIGN)
    ana.until(lambda: ana.page.reload() and "50%" in ana.page.locator("#live .big-number").inner_text())
    ana.press("Cancelar")
    ana.press("Cancelar para sempre")
    expect(ana.page.locator(".head .badge")).to_have_text("cancelada")
