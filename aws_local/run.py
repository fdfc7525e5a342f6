"""`python -m aws_local`: an emulator, Terraform applied to it, the functions running, the demo campaign to its end."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from aws_local import twin
from aws_local.channels import Account, Providers, providers, settled
from aws_local.demo_run import Demo, Say
from aws_local.demo_scene import contact_file, environment
from aws_local.deployment import (
    Client,
    Deployment,
    clients,
    deployed_by_calls,
    deployed_by_terraform,
    local_environment,
)
from aws_local.ending import Ending, differences, show
from aws_local.gateway import door
from aws_local.meeting import Booked
from aws_local.names import Names
from aws_local.running import House, opened
from aws_local.server import running
from aws_local.terraform import TerraformMissingError, find_terraform
from aws_local.trouble import Trouble
from disparo.bootstrap import App, open_app
from disparo.entrypoints.cli.printing import Output
from disparo.settings import load_settings


def main(arguments: list[str] | None = None) -> int:
    """0 when the campaign ended as on one machine and every promise was kept, else 1."""
    chosen = _parser().parse_args(arguments)
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - started:6.1f} s  {text}\n")

    with tempfile.TemporaryDirectory(prefix="disparo-aws-") as temporary, running(chosen.port) as url:
        folder = Path(temporary)
        logs = chosen.logs or folder
        logs.mkdir(parents=True, exist_ok=True)
        say(f"emulator at {url}")
        client, names = clients(url), Names()
        if chosen.channels:
            return _by_channels(chosen, folder, logs, url, say)
        deployment = _deployed(chosen, folder, url, client, names, environment(), say)
        with opened(deployment, client, logs, every_s=chosen.every) as house:
            file = contact_file(folder, chosen.contacts)
            here, booked = _played(house, deployment, file, Trouble(url, chosen.kills, chosen.faults), say)
            there = twin.play(file, folder)
            unlike = differences(here, there)
            _report(chosen, here, there, unlike, house, booked)
            if chosen.keep:
                _keep(house, say)
    return 0 if not unlike and here.proof.holds and there.proof.holds and booked.holds else 1


def _by_channels(chosen: argparse.Namespace, folder: Path, logs: Path, url: str, say: Say) -> int:
    client, names = clients(url), Names()
    with providers() as outside:
        deployment = _deployed(chosen, folder, url, client, names, outside.environment(), say)
        outside.put_secrets(client("secretsmanager"), names)
        with opened(deployment, client, logs, every_s=chosen.every) as house:
            outside.door.gateway = house.gateway
            app, file = _looking_on(deployment, folder), contact_file(folder, chosen.contacts)
            try:
                account = asyncio.run(
                    _told(Demo(house, app, say, Trouble(url, chosen.kills, chosen.faults)), file, outside)
                )
            finally:
                app.close()
            document = {**asdict(account), "failed_schedules": house.failures}
    sys.stdout.write(json.dumps(document, indent=1) + "\n")
    return 0 if account.holds else 1


async def _told(demo: Demo, file: Path, outside: Providers) -> Account:
    await demo.run(file)
    return await settled(demo.app, outside)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m aws_local", description=__doc__)
    parser.add_argument("--contacts", type=int, default=40, help="rows of the sample file, 0 for all (default 40)")
    parser.add_argument("--every", type=float, default=10, help="seconds that stand for the schedules' minute (10)")
    parser.add_argument("--port", type=int, default=0, help="of the emulator; 0 takes a free one")
    parser.add_argument("--logs", type=Path, help="folder that keeps what the functions print")
    parser.add_argument("--without-terraform", action="store_true", help="create tables and queues by API calls")
    parser.add_argument("--keep", action="store_true", help="stay, with the API on a port, until interrupted")
    parser.add_argument("--kills", type=int, default=0, help="how many functions are killed at work, at random (0)")
    parser.add_argument("--faults", action="store_true", help="DynamoDB and SQS throttle, refuse and lose answers")
    parser.add_argument("--channels", action="store_true", help="through WhatsApp, SendGrid and Twilio, emulated here")
    parser.add_argument("--json", action="store_true", help="the result as one JSON document")
    return parser


def _deployed(
    chosen: argparse.Namespace,
    folder: Path,
    url: str,
    client: Client,
    names: Names,
    settings: Mapping[str, str],
    say: Say,
) -> Deployment:
    told = {**local_environment(url), **settings}
    if not chosen.without_terraform:
        try:
            terraform = find_terraform()
        except TerraformMissingError as missing:
            say(f"no Terraform ({missing}): tables, queues and bucket are created by API calls")
        else:
            say("applying terraform/envs/dev (about a minute and a half: the provider waits for SQS and S3)")
            deployment = deployed_by_terraform(terraform, folder, url, client, names, told)
            say(f"applied: {', '.join(plan.name for plan in deployment.functions.values())}")
            return deployment
    deployment = deployed_by_calls(client, names, told)
    say("created by API calls: tables, queues, bucket, secrets")
    return deployment


def _played(house: House, deployment: Deployment, file: Path, trouble: Trouble, say: Say) -> tuple[Ending, Booked]:
    app = _looking_on(deployment, file.parent)
    try:
        return asyncio.run(Demo(house, app, say, trouble).play(file))
    finally:
        app.close()


def _looking_on(deployment: Deployment, folder: Path) -> App:
    """The installation as a person's terminal opens it."""
    told = deployment.functions["api"].environment
    os.environ.update({name: value for name, value in told.items() if name.startswith("AWS_")})
    return open_app(load_settings(environ=told, cwd=folder).settings)


def _report(
    chosen: argparse.Namespace, here: Ending, there: Ending, unlike: list[str], house: House, booked: Booked
) -> None:
    calls = {short: function.cold_starts for short, function in house.functions.items()}
    if chosen.json:
        document = {
            "steps": [asdict(one) for one in here.steps],
            "proof": asdict(here.proof),
            "embedded": [asdict(one) for one in there.steps],
            "differences": unlike,
            "meeting": asdict(booked),
            "cold_starts": calls,
            "failed_schedules": house.failures,
        }
        sys.stdout.write(json.dumps(document, indent=1) + "\n")
        return
    out = Output(sys.stdout, sys.stderr, terminal=sys.stdout.isatty())
    show(out, here)
    same = "the embedded family ends the same: every counter of every step"
    out.line("\n".join(unlike) if unlike else same)
    out.line(f"the meeting {'was booked and everybody told' if booked.holds else 'did not come about'}: {booked}")


def _keep(house: House, say: Say) -> None:
    server = door(house.gateway)
    say(f"the API answers at http://127.0.0.1:{server.server_address[1]}; Ctrl-C ends everything")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    raise SystemExit(main())
