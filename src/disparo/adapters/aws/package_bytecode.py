"""Compiled modules in the package: on Lambda the code's folder is read-only, so nothing else would keep them.

A `.pyc` is of use to one minor version of Python only, so only such an interpreter can make it. It holds the hash of
its source instead of a time, and is used unchecked: the same source gives the same bytes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

TASK_ROOT = "/var/task"
"""Where Lambda puts the package; tracebacks shall name it and not the folder of this build."""

_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"
_FIXED_SEED = {"PYTHONHASHSEED": "0"}
_LOOKING_S = 20
_COMPILING_S = 600


def interpreter(version: str) -> str | None:
    """An interpreter of this machine whose version is `version` (such as `3.12`), or None."""
    return next((found for found in _candidates(version) if is_python(found, version)), None)


def is_python(path: str, version: str) -> bool:
    """Whether this is a Python of that version that runs; a shim of a version manager may be there and not run."""
    try:
        command = [path, "-c", _VERSION]
        said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LOOKING_S)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and said.stdout.strip() == version


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    if found := shutil.which(f"python{version}"):
        yield found
    if uv := shutil.which("uv"):
        command = [uv, "python", "find", "--no-python-downloads", "--no-project", version]
        said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LOOKING_S)  # noqa: S603
        if said.returncode == 0:
            yield said.stdout.strip()
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for folder in sorted(pyenv.glob(f"{version}.*"), reverse=True):
        yield str(folder / "bin" / f"python{version}")


def compile_modules(python: str, folder: Path) -> bool:
    """Compile every module below `folder`; False when one of them cannot be compiled.

    One process and a fixed hash seed, as the order of a set of constants would otherwise differ from build to build.
    """
    modes = ["--invalidation-mode", "unchecked-hash", "-q", "-q"]
    done = subprocess.run(  # noqa: S603 - no shell, and nothing from outside
        [python, "-P", "-s", "-m", "compileall", *modes, "-s", str(folder), "-p", TASK_ROOT, str(folder)],
        env={**{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}, **_FIXED_SEED},
        capture_output=True,
        check=False,
        timeout=_COMPILING_S,
    )
    return done.returncode == 0
