"""One zip for the four Lambda functions: disparo, its libraries for the functions' machine, and nothing else.

The same sources, lock and tools give the same bytes: files in order, with one time and one mode. So Terraform, which
compares hashes, sends it only when something changed.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import disparo
from disparo.adapters.aws.package_bytecode import compile_modules, interpreter, is_python
from disparo.adapters.aws.package_contents import copy_ours, prune
from disparo.adapters.aws.package_wheels import PackageError, Target, install

LOCK = "requirements-aws.lock"

MOST_ZIPPED = 50 * 1024**2
MOST_UNPACKED = 250 * 1024**2
"""Limits of a package that is sent directly (AWS Lambda developer guide, "Lambda quotas")."""

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip knows
_FILE_MODE, _LIBRARY_MODE = 0o100644, 0o100755
_UNIX = 3


@dataclass(frozen=True, slots=True)
class Package:
    """A zip that was built: sizes in bytes, and which Python compiled its modules (None: they are not compiled)."""

    path: Path
    target: Target
    zipped: int
    unpacked: int
    files: int
    sha256: str
    compiled_by: str | None


def build_package(
    target: Target, output: Path, *, compiler: str | None = None, on_step: Callable[[str], None] = lambda _: None
) -> Package:
    """Build `disparo-lambda-<arch>.zip` in the folder `output`, over the one that is there.

    `compiler` is a Python of the target's version; without it one is looked for. `on_step` is told the names of the
    steps `install`, `compile`, `zip`. PackageError when libraries cannot be had, or Lambda would refuse the size.
    """
    if compiler is not None and not is_python(compiler, target.python):
        raise PackageError(f"{compiler}: não é um Python {target.python} que rode; indique outro")
    with tempfile.TemporaryDirectory(prefix="disparo-package-") as temporary:
        folder = Path(temporary)
        on_step("install")
        install(target, lock_file(), folder)
        prune(folder)
        copy_ours(_our_source(), folder / "disparo")
        on_step("compile")
        python = compiler or interpreter(target.python)
        if python is not None and not compile_modules(python, folder):
            raise PackageError(f"os módulos não puderam ser compilados por {python}; indique outro Python")
        on_step("zip")
        output.mkdir(parents=True, exist_ok=True)
        return _packed(folder, output / f"disparo-lambda-{target.arch}.zip", target, python)


def lock_file() -> Path:
    """What pins the libraries: beside the package, or in the source tree. PackageError when it is in neither."""
    package = _our_source()
    for folder in (package, package.parents[1]):
        if (folder / LOCK).is_file():
            return folder / LOCK
    raise PackageError(f"falta {LOCK}; rode a partir do código-fonte do projeto")


def _our_source() -> Path:
    return Path(disparo.__file__).parent


def _packed(folder: Path, path: Path, target: Target, python: str | None) -> Package:
    files = sorted((file.relative_to(folder).as_posix(), file) for file in folder.rglob("*") if file.is_file())
    unfinished = path.with_suffix(".part")
    unpacked = 0
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, file in files:
            content = file.read_bytes()
            unpacked += len(content)
            archive.writestr(_entry(name), content)
    zipped, sha256 = unfinished.stat().st_size, hashlib.sha256(unfinished.read_bytes()).hexdigest()
    if zipped > MOST_ZIPPED or unpacked > MOST_UNPACKED:
        unfinished.unlink()
        raise PackageError(f"o pacote passou dos limites da Lambda: {zipped} bytes, {unpacked} descompactados")
    unfinished.replace(path)
    return Package(path, target, zipped, unpacked, len(files), sha256, python)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = _UNIX
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (_LIBRARY_MODE if name.endswith(".so") or ".so." in name else _FILE_MODE) << 16
    return entry
