"""The tree of commands, and the one place where a command's errors become lines and an exit code.

Commands are registered by import path: each module is imported when its command runs, as `disparo --help` should
not wait for what it does not need.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Group, Parameter

from disparo.entrypoints.cli.audit_trail import CHANGING, record
from disparo.entrypoints.cli.faults import ExitCode, cause_of, code_of, lines_of, log_bug, usage_line
from disparo.entrypoints.cli.printing import Output
from disparo.entrypoints.cli.session import Session

_HERE = "disparo.entrypoints.cli"

_GENERAL = Group("Opções gerais", sort_key=9)

_PLAIN = Parameter(negative=(), show_default=lambda value: str(value) if value not in (False, (), None) else None)
"""No `--no-json`, and no default that says no more than that an option was not given."""

COMMANDS: dict[str, tuple[str, str]] = {
    "import": ("importing:import_file", "Traz um arquivo de contatos (CSV, XLSX) para uma lista."),
    "campaign create": ("campaigns:create", "Cria uma campanha a partir de um arquivo TOML, sem a iniciar."),
    "campaign list": ("campaigns:list_", "Lista as campanhas."),
    "campaign show": ("campaigns:show", "Mostra como anda uma campanha, passo por passo."),
    "campaign start": ("campaigns:start", "Inicia uma campanha: um worker passa a enviá-la."),
    "campaign pause": ("campaigns:pause", "Pausa uma campanha; nada mais sai até retomar."),
    "campaign resume": ("campaigns:resume", "Retoma uma campanha pausada."),
    "campaign cancel": ("campaigns:cancel", "Cancela uma campanha: o que não saiu não sairá."),
    "campaign update": ("campaigns:update", "Troca textos, horários, limites e esperas, também com ela em andamento."),
    "contacts lists": ("contacts:lists", "Lista as listas de contatos."),
    "contacts list": ("contacts:list_", "Lista contatos: de uma lista, ou os que se procura."),
    "contacts show": ("contacts:show", "Mostra um contato e o que recebeu."),
    "contacts suppressed": ("contacts:suppressed", "Lista os endereços bloqueados."),
    "contacts suppress": ("contacts:suppress", "Bloqueia um endereço: nenhuma mensagem irá para ele."),
    "contacts unsuppress": ("contacts:unsuppress", "Desfaz um bloqueio."),
    "contacts erase": ("contacts:erase", "Apaga os dados de uma pessoa (LGPD)."),
    "contacts export": ("contacts:export", "Tudo o que se guarda de uma pessoa, em JSON (LGPD)."),
    "suppressions import": ("suppressions:import_file", "Bloqueia os endereços de um arquivo, como o Não Me Ligue."),
    "suppressions list": ("contacts:suppressed", "Lista os endereços bloqueados."),
    "suppressions add": ("contacts:suppress", "Bloqueia um endereço: nenhuma mensagem irá para ele."),
    "suppressions remove": ("contacts:unsuppress", "Desfaz um bloqueio."),
    "inbox list": ("inbox:list_", "Lista o que as pessoas responderam."),
    "inbox show": ("inbox:show", "Mostra uma resposta e a conversa a que pertence."),
    "inbox handle": ("inbox:handle", "Marca respostas como resolvidas."),
    "inbox notices": ("inbox:notices", "Lista o que os provedores avisaram sobre a conta."),
    "hosts load": ("host_load:load", "Traz anfitriões e tipos de reunião de um arquivo TOML."),
    "hosts list": ("hosts:list_", "Lista os anfitriões."),
    "hosts show": ("hosts:show", "Mostra um anfitrião, seus bloqueios e seus tipos de reunião."),
    "hosts types": ("hosts:types", "Lista os tipos de reunião, ou mostra um com todas as regras."),
    "hosts block": ("hosts:block", "Bloqueia um tempo na agenda de um anfitrião, como férias."),
    "hosts unblock": ("hosts:unblock", "Retira um bloqueio."),
    "hosts feed": ("hosts:feed", "Mostra o link secreto das reuniões de um anfitrião, para assinar."),
    "hosts check": ("hosts:check", "Pergunta aos calendários dos anfitriões se podem ser lidos."),
    "slots": ("slots:slots", "Mostra os horários livres de um tipo de reunião, dia por dia."),
    "why-slot": ("slots:why_slot", "Diz qual regra recusa uma reunião num horário."),
    "meetings propose": ("meetings:propose", "Oferece horários a um contato e os reserva."),
    "meetings book": ("meetings:book", "Marca uma reunião num horário livre, sem oferecer antes."),
    "meetings list": ("meeting_list:list_", "Lista reuniões."),
    "meetings show": ("meeting_list:show", "Mostra uma reunião, seus avisos e calendários."),
    "meetings confirm": ("meetings:confirm", "Confirma um dos horários oferecidos."),
    "meetings reschedule": ("meetings:reschedule", "Remarca uma reunião, ou oferece outros horários."),
    "meetings cancel": ("meetings:cancel", "Cancela uma reunião."),
    "meetings decline": ("meetings:decline", "Anota que o contato recusou."),
    "meetings outcome": ("meetings:outcome", "Anota se a reunião aconteceu ou se o contato faltou."),
    "meetings host": ("meetings:hand_over", "Passa uma reunião a outro anfitrião, no mesmo horário."),
    "meetings rates": ("meeting_rates:rates", "Conta confirmações, faltas e remarcações."),
    "messages": ("messages:messages", "Lista mensagens, ou mostra a história de uma."),
    "dead-letters list": ("dead_letters:list_", "Lista as cartas mortas, por motivo ou uma a uma."),
    "dead-letters show": ("dead_letters:show", "Mostra uma carta morta e a sua história."),
    "dead-letters redrive": ("dead_letters:redrive", "Recoloca cartas mortas na fila."),
    "dead-letters queue": ("dead_letters:queue", "Mostra e esvazia a fila de cartas mortas da AWS."),
    "templates list": ("templates:list_", "Lista os modelos de uma campanha e as variáveis que leem."),
    "templates preview": ("templates:preview", "Mostra as mensagens como os contatos as receberiam."),
    "why": ("why:why", "Diz por que uma mensagem saiu, não saiu ou ainda espera."),
    "forecast": ("forecast:forecast", "Prevê uma campanha: quando começa e termina, e o que a limita."),
    "cost": ("cost:cost", "Estima o custo mensal na AWS, item por item, ao lado do documento."),
    "demo": ("demo:demo", "Mostra uma campanha inteira num relógio acelerado, sem enviar nada."),
    "senders": ("senders:senders", "Lista os remetentes: provedor, peso, limites usados e saúde."),
    "numbers": ("numbers:numbers", "Mostra os números do envio: nos últimos cinco minutos, hora ou dia."),
    "alarms": ("numbers:alarms", "Mostra os alarmes, ou o que mudou neles."),
    "serve": ("serve:serve", "Atende provedores e contatos por HTTP e envia, num processo só."),
    "mcp": ("mcp:mcp", "Deixa um assistente trabalhar com esta instalação, por MCP."),
    "sandbox serve": ("sandbox:serve", "Emula WhatsApp, SendGrid e Twilio nesta máquina, para experimentar sem conta."),
    "backup": ("backup:backup", "Grava tudo o que se guarda num só arquivo, também durante o trabalho."),
    "restore": ("backup:restore", "Traz um backup para uma pasta vazia, com as campanhas pausadas."),
    "worker": ("worker:worker", "Trabalha: envia o que há para enviar, até ser parado."),
    "aws package": ("aws:package", "Monta o zip das funções Lambda, sempre com os mesmos bytes."),
    "accounts add": ("accounts:add", "Convida alguém a entrar no console, com um link."),
    "accounts list": ("accounts:list_", "Lista quem pode entrar no console."),
    "accounts role": ("accounts:role", "Muda o que alguém pode fazer."),
    "accounts password": ("accounts:password", "Faz um link para alguém escolher outra senha."),
    "accounts disable": ("accounts:disable", "Desativa uma conta: a pessoa sai e não entra mais."),
    "accounts reset-2fa": ("accounts:reset_2fa", "Desliga as duas etapas de quem perdeu o celular."),
    "keys add": ("keys:add", "Cria uma chave com que um programa usa a API."),
    "keys list": ("keys:list_", "Lista as chaves da API."),
    "keys revoke": ("keys:revoke", "Revoga uma chave da API, para sempre."),
    "webhooks add": ("webhooks:add", "Manda o que acontece a outro programa; mostra o segredo."),
    "webhooks list": ("webhooks:list_", "Lista os endereços que recebem o que acontece."),
    "webhooks log": ("webhooks:log", "Mostra o que foi enviado a um endereço nos últimos 30 dias."),
    "webhooks retry": ("webhooks:retry", "Manda de novo uma entrega, ou tudo o que falhou."),
    "webhooks rotate": ("webhooks:rotate", "Troca o segredo de um endereço; o anterior vale por mais 24 horas."),
    "webhooks remove": ("webhooks:remove", "Remove um endereço e o que espera por ele."),
    "webhooks test": ("webhooks:test", "Manda um evento de teste, agora."),
    "config show": ("config:show", "Mostra as configurações e de onde veio cada uma."),
    "config check": ("config:check", "Diz o que há de estranho nas configurações."),
    "doctor": ("doctor:doctor", "Confere se esta instalação está sã."),
}
"""Each command's function and help, in the order of the help."""

_GROUPS = {
    "campaign": "Campanhas.",
    "contacts": "Contatos e bloqueios.",
    "suppressions": "Endereços que não devem receber nada.",
    "inbox": "O que as pessoas responderam.",
    "hosts": "Anfitriões e tipos de reunião.",
    "meetings": "Reuniões.",
    "dead-letters": "Mensagens que foram dadas por perdidas.",
    "templates": "Modelos de mensagem.",
    "sandbox": "Provedores de mentira, para experimentar.",
    "accounts": "Quem pode entrar no console.",
    "keys": "Chaves da API.",
    "webhooks": "Outros programas que são avisados do que acontece.",
    "aws": "A família AWS.",
    "config": "Configurações.",
}


def build() -> App:
    """The application, its commands not yet imported."""
    from disparo import __version__

    app = _app("disparo", "Campanhas por WhatsApp, e-mail e SMS, dentro de horários e limites.", version=__version__)
    groups: dict[str, App] = {}
    for position, (path, (target, help_text)) in enumerate(COMMANDS.items()):
        group, _, name = path.rpartition(" ")
        if group and group not in groups:
            groups[group] = _app(group, _GROUPS[group], sort_key=position)
            app.command(groups[group])
        parent = groups[group] if group else app
        parent.command(f"{_HERE}.{target}", name=name, help=help_text, sort_key=position, default_parameter=_PLAIN)
    app["--help"].help = "Mostra esta ajuda."
    app["--version"].help = "Mostra a versão."
    return app


def _app(name: str, help_text: str, **more: Any) -> App:
    return App(
        name=name,
        help=help_text,
        group_commands=Group("Comandos", sort_key=1),
        group_arguments=Group("Argumentos", sort_key=2),
        group_parameters=Group("Opções", sort_key=3),
        default_parameter=_PLAIN,
        help_formatter="default" if sys.stdout.isatty() else "plain",
        **more,
    )


def _general(help_text: str) -> Parameter:
    return Parameter(group=_GENERAL, help=help_text)


def run(argv: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing but the code leaves this function."""
    launched: list[Session] = []
    try:
        return _run(argv, launched)
    except CycloptsError as error:
        return _report([usage_line(error)], ExitCode.INPUT)
    except KeyboardInterrupt:
        return _report(["interrompido"], ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has had enough; Python would complain once more when it flushes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.PIPE_CLOSED
    except Exception as error:
        return _failed(error, launched[0] if launched else None)


def _run(argv: Sequence[str], launched: list[Session]) -> int:
    app = build()

    def launch(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        data: Annotated[Path | None, _general("Pasta dos dados (sem ela: ./disparo-data).")] = None,
        config: Annotated[Path | None, _general("Arquivo de configurações (sem ele: ./disparo.toml).")] = None,
        tfvars: Annotated[Path | None, _general("Um terraform.tfvars, o mesmo que o Terraform lê.")] = None,
        json: Annotated[bool, _general("Um documento JSON em vez de texto.")] = False,
        plain: Annotated[bool, _general("Linhas simples, como num pipe.")] = False,
        debug: Annotated[bool, _general("Mostra onde o programa falhou.")] = False,
    ) -> int:
        terminal = sys.stdout.isatty() and not plain and not json
        session = Session(Output(sys.stdout, sys.stderr, json=json, terminal=terminal), data, config, tfvars, debug)
        launched.append(session)
        command, bound, unparsed = app.parse_args(tokens, exit_on_error=False, print_error=False)
        for name in unparsed:
            bound.arguments[name] = session
        code = _exit_code(command(*bound.args, **bound.kwargs))
        if code == ExitCode.OK and (path := _path(tokens)) in CHANGING:
            _finish(record(session, path, bound.arguments))
        return code

    app.meta.default(launch)
    app.meta.suppress_keyboard_interrupt = False
    result = app.meta(list(argv), exit_on_error=False, print_error=False, result_action="return_value")
    sys.stdout.flush()
    return result if isinstance(result, int) else ExitCode.OK


def _path(tokens: Sequence[str]) -> str:
    """Which command the words of a line are of."""
    return next((path for path in (" ".join(tokens[:2]), *tokens[:1]) if path in COMMANDS), "")


def _exit_code(result: object) -> int:
    """What a command returned: nothing, an exit code, or a coroutine that will."""
    if inspect.iscoroutine(result):
        return _exit_code(_finish(result))
    return result if isinstance(result, int) else ExitCode.OK


def _finish(coroutine: Coroutine[Any, Any, object]) -> object:
    import asyncio

    return asyncio.run(coroutine)


def _failed(raised: Exception, session: Session | None) -> int:
    error = cause_of(raised)
    code = code_of(error)
    if code is not ExitCode.BUG:
        return _report(lines_of(error), code)
    if session and session.debug:
        import traceback

        traceback.print_exception(raised)
    where = log_bug(raised, _data_folder(session))
    kept = f"; detalhes em {where}" if where else "; repita com --debug para ver onde"
    return _report([f"falha inesperada: {type(error).__name__}: {' '.join(str(error).split())}{kept}"], code)


def _data_folder(session: Session | None) -> Path | None:
    """Where the data are, if the settings can be read at all."""
    try:
        return session.settings.data if session else None
    except Exception:  # the settings may be what is broken
        return None


def _report(lines: Sequence[str], code: ExitCode) -> int:
    for line in lines:
        sys.stderr.write(f"erro: {line}\n")
    sys.stderr.flush()
    return code
