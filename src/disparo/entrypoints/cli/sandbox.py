"""`disparo sandbox serve`: WhatsApp, SendGrid and Twilio emulated here, to try everything without an account."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.errors import InputError
from disparo.entrypoints.cli.faults import ExitCode
from disparo.entrypoints.cli.options import pairs
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.cli.worker import loop_factory

if TYPE_CHECKING:
    from disparo.simulation.emulators.plan import Plan
    from disparo.simulation.emulators.server import Running
    from disparo.simulation.emulators.taken import Taken

LOOK_EVERY_S = 2.0
LONGEST_TEXT = 60
LIVELY = {"reply": 0.1, "opt_out": 0.02}
"""Shares without `--errors`: enough comes back to see the whole loop."""


def serve(
    *,
    port: Annotated[int, Parameter(help="Porta dos emuladores.")] = 8600,
    host: Annotated[str, Parameter(help="Endereço em que atendem; 127.0.0.1 é só esta máquina.")] = "127.0.0.1",
    webhooks: Annotated[str, Parameter(help="Onde atende «disparo serve»: para lá vão os avisos.")] = (
        "http://127.0.0.1:8080"
    ),
    write_secrets: Annotated[
        bool, Parameter(help="Grava os segredos na pasta dos dados, onde «disparo serve» os procura.")
    ] = False,
    seed: Annotated[int, Parameter(help="Semente: a mesma dá o mesmo comportamento.")] = 1,
    errors: Annotated[
        tuple[str, ...], Parameter(help="Parte que sai errada, como lost_answer=0.05; pode repetir.")
    ] = (),
    latency_ms: Annotated[int, Parameter(help="Quanto demora cada resposta.")] = 50,
    pace: Annotated[float, Parameter(help="Ritmo do que volta: 1 é o real, 0 é na hora.")] = 0.02,
    open_window: Annotated[
        bool, Parameter(help="Aceita texto livre no WhatsApp de quem não escreveu nas últimas 24 horas.")
    ] = False,
    record: Annotated[Path | None, Parameter(help="Arquivo JSON Lines em que cada mensagem é anotada.")] = None,
    session: GivenSession,
) -> int:
    """Answer as the providers do and post their webhooks, until stopped by Ctrl-C or SIGTERM."""
    plan = _plan(errors, seed, latency_ms, pace, open_window)
    if not 0 <= port <= 65_535:
        raise InputError(f"--port {port}: escreva uma porta de 0 (qualquer uma livre) a 65535")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_serve(session, plan, host, port, webhooks, write_secrets, record))


def _plan(errors: Sequence[str], seed: int, latency_ms: int, pace: float, open_window: bool) -> Plan:
    from disparo.simulation.emulators.plan import plan_of, shares

    given = dict(LIVELY)
    for name, text in pairs(errors, "--errors").items():
        if name not in shares():
            raise InputError(f"--errors {name}: não existe; escreva um destes: {', '.join(shares())}")
        try:
            given[name] = float(text)
        except ValueError:
            given[name] = -1.0
        if not 0 <= given[name] <= 1:
            raise InputError(f"--errors {name}={text}: escreva uma parte de 0 a 1, como {name}=0.05")
    if seed < 0 or latency_ms < 0 or not 0 <= pace <= 1000:
        raise InputError("--seed, --latency-ms e --pace: escreva um número a partir de 0")
    return plan_of(given, seed=seed, latency_s=latency_ms / 1000, pace=pace, window=not open_window)


async def _serve(
    session: Session, plan: Plan, host: str, port: int, webhooks: str, writes: bool, record: Path | None
) -> int:
    from disparo.simulation.emulators.server import emulators

    if record is not None:
        _check(record)
    async with AsyncExitStack() as stack:
        opened = emulators(
            plan,
            webhook_base_url=webhooks or None,
            public_url=session.settings.public_url,
            host=host,
            port=port,
            record=record,
        )
        try:
            running = await stack.enter_async_context(opened)
        except OSError as error:
            raise InputError(
                f"{host}:{port} não pode ser usado ({error.strerror}); escolha outra com --port"
            ) from error
        _introduce(session, running, webhooks, writes)
        running.log.listeners.append(lambda taken: _show(session, taken))
        await _watch(session, running)
    session.out.note(f"fim: {len(running.taken)} mensagens aceitas pelos emuladores")
    return ExitCode.OK


def _check(record: Path) -> None:
    try:
        record.touch()
    except OSError as error:
        raise InputError(f"{record}: não pode ser escrito ({error.strerror}); escolha outro com --record") from error


def _introduce(session: Session, running: Running, webhooks: str, writes: bool) -> None:
    from disparo.simulation.emulators.secret_files import write_secrets

    folder = session.settings.data / "secrets"
    session.out.note(f"WhatsApp, SendGrid e Twilio emulados em {running.origin}; os avisos vão só para {webhooks}")
    if writes:
        for path in write_secrets(folder, running.secrets):
            session.out.note(f"segredo gravado: {path}")
    else:
        session.out.note(f"segredos, para {folder} (chmod 600; --write-secrets os grava):")
        for name, secret in running.secrets.items():
            session.out.note(f"{name}.json\n{json.dumps(secret, ensure_ascii=False, indent=2)}")
    chosen = f" --data {session.settings.data}" if session.data is not None else ""
    session.out.note(
        "noutro terminal, para enviar por eles:\n"
        f"  1. disparo{chosen} campaign create examples/campanha.toml\n"
        f"  2. disparo{chosen} campaign start NOME\n"
        f"  3. DISPARO_LIVE=true DISPARO_PUBLIC_URL={webhooks} disparo{chosen} serve\n"
        "Ctrl-C termina"
    )
    if session.out.json:
        session.out.stdout.write(json.dumps({"event": "started", "origin": running.origin}) + "\n")
        session.out.stdout.flush()


def _show(session: Session, taken: Taken) -> None:
    if session.out.json:
        line = json.dumps(asdict(taken), ensure_ascii=False, default=datetime.isoformat)
    else:
        text = " ".join(taken.text.split())
        shown = text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
        line = f"{taken.at.astimezone():%H:%M:%S}  {taken.provider:<8}  {taken.to:<24}  {shown}"
    session.out.stdout.write(line + "\n")
    session.out.stdout.flush()


async def _watch(session: Session, running: Running) -> None:
    """Until a signal; what keeps webhooks from arriving is said once for each cause."""
    stopped, said = asyncio.Event(), set[str]()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows: Ctrl-C ends the program at once there
            break
    while not stopped.is_set():
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await stopped.wait()
        except TimeoutError:
            for trouble in _troubles(running):
                if trouble not in said:
                    said.add(trouble)
                    session.out.note(f"aviso: {trouble}")


def _troubles(running: Running) -> list[str]:
    found = []
    for name, tally in running.tallies().items():
        if tally.unreachable:
            found.append(f"ninguém atende em {running.webhooks}; abra «disparo serve», ou aponte com --webhooks")
        for status in tally.refused:
            hint = "; o segredo é o destes emuladores?" if status in (401, 403) else ""
            found.append(f"{name}: aviso recusado com {status}{hint}")
    return found
