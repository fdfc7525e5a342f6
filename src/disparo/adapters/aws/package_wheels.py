"""The libraries of the Lambda functions, as wheels for the functions' machine and not for this one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from disparo.domain.errors import DisparoError

RUNTIME = "3.12"
"""The Python of the functions (Lambda runtime `python3.12`)."""

GLIBC = (2, 34)
"""Of Amazon Linux 2023, on which that runtime stands (AWS Lambda developer guide, "Lambda runtimes")."""

_TOO_LONG_S = 900
_OLDEST_MANYLINUX = 17


class Arch(StrEnum):
    """The two machines of Lambda, by its own names."""

    ARM64 = "arm64"
    X86_64 = "x86_64"

    @property
    def machine(self) -> str:
        """The name that wheels use."""
        return "aarch64" if self is Arch.ARM64 else "x86_64"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the package shall run: machine and Python, such as `3.12`."""

    arch: Arch = Arch.ARM64
    python: str = RUNTIME


class PackageError(DisparoError):
    """The package cannot be built; the message says why and what to do."""


def install(target: Target, lock: Path, folder: Path) -> None:
    """Install what `lock` pins into `folder`, each file checked against its hash; by uv when it is there, else by pip.

    PackageError when a library has no wheel for the target, cannot be fetched, or does not match its hash.
    """
    uv = shutil.which("uv")
    command = _with_uv(uv, target) if uv else _with_pip(target)
    wheels = ["--only-binary", ":all:", "--require-hashes", "--target", str(folder), "--requirement", str(lock)]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing from outside
            [*command, *wheels], capture_output=True, text=True, errors="replace", check=False, timeout=_TOO_LONG_S
        )
    except subprocess.TimeoutExpired:
        raise PackageError("as bibliotecas não chegaram a tempo; confira a rede e repita") from None
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-400:]
        name = "uv" if uv else "pip"
        raise PackageError(f"as bibliotecas não puderam ser instaladas; confira a rede e repita ({name}: {said})")


def _with_uv(uv: str, target: Target) -> list[str]:
    platform = f"{target.arch.machine}-manylinux_{GLIBC[0]}_{GLIBC[1]}"
    where = ["--python", sys.executable, "--python-platform", platform, "--python-version", target.python]
    # Hard links into uv's cache would let a later change of mode reach the cache.
    return [uv, "pip", "install", "--quiet", "--no-deps", "--link-mode", "copy", *where]


def _with_pip(target: Target) -> list[str]:
    """pip takes each platform tag by its name; a wheel for an older glibc runs on a newer one."""
    machine = target.arch.machine
    tags = [f"manylinux_{GLIBC[0]}_{minor}_{machine}" for minor in range(GLIBC[1], _OLDEST_MANYLINUX - 1, -1)]
    platforms = [option for tag in (*tags, f"manylinux2014_{machine}") for option in ("--platform", tag)]
    python = ["--python-version", target.python, "--implementation", "cp"]
    return [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--no-deps", *platforms, *python]
