"""`disparo aws ...`: what the AWS family needs before Terraform."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from disparo.domain.errors import InputError
from disparo.entrypoints.cli.session import GivenSession

if TYPE_CHECKING:
    from disparo.adapters.aws.package import Package

_STEPS = {"install": "buscando as bibliotecas", "compile": "compilando", "zip": "compactando"}
_TITLES = {
    "path": "arquivo",
    "size": "tamanho",
    "files": "arquivos",
    "compiled": "módulos compilados",
    "sha256": "SHA-256",
}


def package(
    *,
    arch: Annotated[Literal["arm64", "x86_64"], Parameter(help="Máquina das funções.")] = "arm64",
    output: Annotated[Path, Parameter(help="Pasta do zip.")] = Path("dist"),
    python: Annotated[str, Parameter(help="Python das funções.")] = "3.12",
    compiler: Annotated[
        Path | None, Parameter(help="Um Python dessa versão para compilar os módulos (sem ele: procura um).")
    ] = None,
    session: GivenSession,
) -> None:
    """Build the zip of the four functions, and say how large it is."""
    from disparo.adapters.aws.package import build_package
    from disparo.adapters.aws.package_wheels import Arch, Target

    if not re.fullmatch(r"3\.\d{1,2}", python):
        raise InputError(f"--python {python}: escreva uma versão como 3.12")
    out = session.out
    built = build_package(
        Target(Arch(arch), python),
        session.cwd / output,
        compiler=str(compiler) if compiler else None,
        on_step=lambda step: out.note(f"{_STEPS[step]}..."),
    )
    if built.compiled_by is None:
        out.note(
            f"aviso: não há Python {python} nesta máquina, e os módulos vão sem compilar: cada partida a frio leva "
            f"mais tempo. Instale-o (uv python install {python}), ou indique-o com --compiler"
        )
    document = _document(built)
    if out.json:
        out.document(document)
    elif out.terminal:
        out.details(_shown(built), _TITLES)
    else:
        out.details(document, {key: key for key in document})


def _document(built: Package) -> dict[str, Any]:
    return {
        "path": str(built.path),
        "arch": str(built.target.arch),
        "python": built.target.python,
        "zipped_bytes": built.zipped,
        "unpacked_bytes": built.unpacked,
        "files": built.files,
        "compiled": built.compiled_by is not None,
        "sha256": built.sha256,
    }


def _shown(built: Package) -> dict[str, Any]:
    from disparo.adapters.aws.package import MOST_UNPACKED, MOST_ZIPPED

    sizes = (built.zipped, MOST_ZIPPED, built.unpacked, MOST_UNPACKED)
    zipped, most_zipped, unpacked, most_unpacked = (f"{size / 1024**2:.0f}" for size in sizes)
    return {
        **_document(built),
        "size": f"{zipped} MiB (limite {most_zipped}), {unpacked} MiB descompactado (limite {most_unpacked})",
        "compiled": built.compiled_by is not None,
    }
