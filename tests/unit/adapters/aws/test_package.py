from __future__ import annotations

import ast
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import disparo
from disparo.adapters.aws import package, package_wheels
from disparo.adapters.aws.package import build_package, lock_file
from disparo.adapters.aws.package_bytecode import compile_modules, interpreter, is_python
from disparo.adapters.aws.package_contents import LOCALES, SERVICES, prune
from disparo.adapters.aws.package_wheels import Arch, PackageError, Target, install

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
LIBRARY = {
    "bin/tool": "#!/bin/sh",
    "lib/__init__.py": "NAMES = {'a', 'b', 'c', 'd'}\n",
    "lib/__init__.pyi": "NAMES: set[str]\n",
    "lib/core.cpython-312-aarch64-linux-gnu.so": "not really",
    "lib-1.dist-info/METADATA": "Name: lib",
    "lib-1.dist-info/RECORD": "many lines",
    "lib-1.dist-info/licenses/LICENSE": "as is",
    "botocore/data/endpoints.json": "{}",
    **{f"botocore/data/{name}/1/service-2.json.gz": name for name in (*SERVICES, "ec2", "sns")},
    **{f"babel/locale-data/{name}.dat": name for name in (*LOCALES, "de", "zh_Hans")},
}


def test_prune_leaves_what_functions_read_and_the_licences(tmp_path: Path) -> None:
    _write(tmp_path, LIBRARY)
    prune(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    gone = {"bin/tool", "lib/__init__.pyi", "lib-1.dist-info/RECORD", "babel/locale-data/de.dat"}
    assert gone.isdisjoint(left)
    assert {"lib-1.dist-info/METADATA", "lib-1.dist-info/licenses/LICENSE", "botocore/data/endpoints.json"} <= left
    assert {path.split("/")[2] for path in left if path.endswith(".gz")} == set(SERVICES)
    assert {Path(path).stem for path in left if path.endswith(".dat")} == set(LOCALES)


def test_the_same_files_give_the_same_bytes_whatever_their_times_and_modes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds = []
    for name, mode in (("one", 0o600), ("two", 0o755)):
        monkeypatch.setattr(package, "install", lambda _target, _lock, folder, mode=mode: _write(folder, LIBRARY, mode))
        builds.append(build_package(Target(Arch.ARM64, HERE), tmp_path / name))
    assert builds[0].sha256 == builds[1].sha256
    assert builds[0].path.read_bytes() == builds[1].path.read_bytes()


def test_the_zip_is_in_order_has_one_time_and_holds_disparo_without_its_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "install", lambda _target, _lock, folder: _write(folder, LIBRARY))
    built = build_package(Target(Arch.ARM64, HERE), tmp_path)
    with zipfile.ZipFile(built.path) as archive:
        entries = archive.infolist()
    names = [entry.filename for entry in entries]
    assert built.path.name == "disparo-lambda-arm64.zip"
    assert names == sorted(names)
    assert len(names) == built.files
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {oct(entry.external_attr >> 16) for entry in entries if entry.filename.endswith(".so")} == {"0o100755"}
    assert {oct(entry.external_attr >> 16) for entry in entries if entry.filename.endswith(".py")} == {"0o100644"}
    assert "disparo/domain/campaign.py" in names
    assert "disparo/docs/guarantees.md" in names
    assert _data_files() <= set(names)
    assert "disparo/adapters/embedded/migrations" in {str(Path(name).parent) for name in names}
    assert not [name for name in names if name.startswith("disparo/entrypoints/cli")]
    assert f"disparo/domain/__pycache__/campaign.cpython-{HERE.replace('.', '')}.pyc" in names


def test_nothing_is_compiled_where_no_python_of_the_version_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "install", lambda _target, _lock, folder: _write(folder, LIBRARY))
    monkeypatch.setattr(package, "interpreter", lambda _version: None)
    built = build_package(Target(Arch.ARM64, "3.12"), tmp_path)
    with zipfile.ZipFile(built.path) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".pyc")]
    assert built.compiled_by is None


def test_what_lambda_would_refuse_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "install", lambda _target, _lock, folder: _write(folder, LIBRARY))
    monkeypatch.setattr(package, "MOST_UNPACKED", 1000)
    with pytest.raises(PackageError, match="limites da Lambda"):
        build_package(Target(Arch.ARM64, HERE), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_compiled_module_names_its_place_on_lambda_and_needs_no_source_time(tmp_path: Path) -> None:
    _write(tmp_path, {"lib/wrong.py": "def fail():\n    raise RuntimeError\n"})
    assert compile_modules(sys.executable, tmp_path)
    (compiled,) = (tmp_path / "lib" / "__pycache__").iterdir()
    content = compiled.read_bytes()
    assert b"/var/task/lib/wrong.py" in content
    assert str(tmp_path).encode() not in content
    assert int.from_bytes(content[4:8], "little") == 0b01  # hash-based, unchecked (PEP 552)


def test_a_module_that_cannot_be_compiled_is_told(tmp_path: Path) -> None:
    _write(tmp_path, {"lib/wrong.py": "def\n"})
    assert not compile_modules(sys.executable, tmp_path)


def test_an_interpreter_is_one_that_runs_and_has_the_version(tmp_path: Path) -> None:
    shim = tmp_path / "python9.9"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert interpreter(HERE) == sys.executable
    assert not is_python(str(shim), "9.9")
    assert not is_python(str(tmp_path / "absent"), HERE)
    assert interpreter("9.9") is None


def test_a_compiler_of_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"não é um Python 9\.9"):
        build_package(Target(Arch.ARM64, "9.9"), tmp_path, compiler=sys.executable)


@pytest.mark.parametrize("uv", ["/somewhere/uv", None])
def test_wheels_are_those_of_the_functions_machine_and_checked_against_their_hash(
    uv: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = []
    monkeypatch.setattr(package_wheels.shutil, "which", lambda _name: uv)
    monkeypatch.setattr(package_wheels.subprocess, "run", lambda command, **_: commands.append(command) or _Done(0, ""))
    install(Target(Arch.ARM64, "3.12"), tmp_path / "lock", tmp_path)
    (command,) = commands
    text = " ".join(command)
    assert "--require-hashes" in command
    assert "--only-binary :all:" in text
    assert "--python-version 3.12" in text
    assert ("aarch64-manylinux_2_34" if uv else "manylinux_2_34_aarch64") in text
    assert "x86_64" not in text


def test_libraries_that_cannot_be_had_are_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "error: no\n  route to host\n"
    monkeypatch.setattr(package_wheels.subprocess, "run", lambda _command, **_: _Done(1, said))
    with pytest.raises(PackageError, match="no route to host") as refused:
        install(Target(), tmp_path / "lock", tmp_path)
    assert "\n" not in str(refused.value)


def test_the_functions_get_none_of_the_terminals_libraries() -> None:
    pinned = {line.partition("==")[0] for line in lock_file().read_text("utf-8").splitlines() if "==" in line}
    assert {"boto3", "pydantic", "fastapi", "mangum", "aws-lambda-powertools", "python-liquid"} <= pinned
    assert pinned.isdisjoint({"cyclopts", "rich", "pygohcl", "uvloop", "moto", "pytest"})


def test_what_the_console_and_the_api_import_late_is_pinned() -> None:
    pinned = {line.partition("==")[0] for line in lock_file().read_text("utf-8").splitlines() if "==" in line}
    known = packages_distributions()
    wanted = {name for file in _ours() for name in _imported(file)} - {"disparo", *sys.stdlib_module_names}
    missing = {name for name in wanted if not {_plain(one) for one in known.get(name, [name])} & pinned}
    assert missing - {"google"} == {"pygohcl"}, "tfvars are read at a terminal alone"
    assert "google-auth" in pinned


def _ours() -> list[Path]:
    """What of disparo goes into the package."""
    source = Path(disparo.__file__).parent
    files = [path for path in source.rglob("*.py") if "__pycache__" not in path.parts and path.name != "__main__.py"]
    return [path for path in files if path.relative_to(source).parts[:2] != ("entrypoints", "cli")]


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _data_files() -> set[str]:
    """Templates, styles, scripts, words and migrations, as the zip calls them."""
    source = Path(disparo.__file__).parent
    kinds = (".html", ".css", ".js", ".svg", ".po", ".json", ".sql")
    found = [path.relative_to(source.parent).as_posix() for path in source.rglob("*") if path.suffix in kinds]
    assert {Path(name).suffix for name in found} == set(kinds)
    return {name for name in found if not name.startswith(("disparo/entrypoints/cli/", "disparo/examples/"))}


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


class _Done:
    def __init__(self, returncode: int, stderr: str) -> None:
        self.returncode, self.stderr, self.stdout = returncode, stderr, ""


def _write(folder: Path, files: dict[str, str], mode: int = 0o644) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(mode)
