"""Files that come in a form (multipart/form-data, RFC 7578), with the fields beside them."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from disparo.domain.errors import InputError

FORM = "multipart/form-data"
_CHUNK = 1 << 18
_LONGEST_FIELD = 64 * 1024
_MOST_FIELDS = 600
_LONGEST_NAME_BYTES = 200
_MOST_BY_GATEWAY = 4 * 1024 * 1024
"""Behind API Gateway a body reaches a function as base64, in an event of at most 6 MB (AWS Lambda, "Lambda quotas")."""


def most_by_form(request: Request, upload_limit_mb: int) -> int:
    """The largest file, in bytes, that can come by a form the way that this request came."""
    most = upload_limit_mb * 1024 * 1024
    return min(most, _MOST_BY_GATEWAY) if "aws.event" in request.scope else most


_YES, _NO = ("true", "on", "1"), ("false", "0")
FLAG: dict[str, Any] = {"type": "string", "enum": [*_YES, *_NO, ""]}
"""The OpenAPI of a field that says yes or no: in a form everything is text, and a box that is left is empty."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file and the fields that came with it; `name` is the file's own, without a folder."""

    name: str
    file: UploadFile
    fields: Mapping[str, str]

    async def chunks(self) -> AsyncIterator[bytes]:
        """Its bytes."""
        await self.file.seek(0)
        while chunk := await self.file.read(_CHUNK):
            yield chunk

    @asynccontextmanager
    async def on_disk(self) -> AsyncIterator[Path]:
        """The file under its own name, for the length of a block."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp))
        try:
            path = folder / self.name
            with path.open("wb") as copy:
                async for chunk in self.chunks():
                    await asyncio.to_thread(copy.write, chunk)
            yield path
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def text(self, name: str, *, longest: int = 200, one_of: Sequence[str] | None = None) -> str | None:
        """A field, None when it is not there or blank; InputError for one that is too long or none of those."""
        value = self.fields.get(name, "").strip()
        if len(value) > longest or "\0" in value:
            raise InputError(f"{name}: escreva até {longest} letras")
        if value and one_of is not None and value not in one_of:
            raise InputError(f"{name}: escreva um destes: {', '.join(one_of)}")
        return value or None

    def flag(self, name: str) -> bool:
        """A field that says yes or no."""
        return self.text(name, one_of=_YES + _NO) in _YES

    def texts(self, name: str) -> dict[str, str] | None:
        """A field with a JSON object of texts, None when it is not there; InputError for anything else."""
        text = self.text(name, longest=_LONGEST_FIELD)
        if text is None:
            return None
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            raise InputError(f'{name}: não é JSON; escreva como {{"Celular": "phone"}}') from None
        if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
            raise InputError(f'{name}: escreva um objeto de textos, como {{"Celular": "phone"}}')
        return {str(key): value for key, value in found.items()}


def is_form(request: Request) -> bool:
    """Whether a request brings a form with a file."""
    return request.headers.get("content-type", "").lower().startswith(FORM)


@asynccontextmanager
async def received(request: Request, field: str = "file") -> AsyncIterator[Upload]:
    """The file of a form, gone when the block ends; what is larger than a megabyte lies on the disk meanwhile.

    InputError when there is none, or its name is of no use; HTTPException 400 for a form that cannot be read, and 413
    (from `BodyLimit`) once it is larger than files may be.
    """
    if not is_form(request):
        raise InputError(f"mande o arquivo como {FORM}, no campo {field}")
    async with request.form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD) as form:
        file = form.get(field)
        if not isinstance(file, UploadFile) or not file.filename:
            raise InputError(f"{field}: falta o arquivo; escolha um CSV ou uma planilha")
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        yield Upload(_own_name(field, file.filename), file, fields)


def _own_name(field: str, told: str) -> str:
    """The file's name without the folder that some browsers tell."""
    name = told.replace("\\", "/").rpartition("/")[2].strip()
    too_long = len(name.encode("utf-8", "replace")) > _LONGEST_NAME_BYTES
    if name in ("", ".", "..") or too_long or not name.isprintable():
        raise InputError(f"{field}: o nome do arquivo não serve; use um de até {_LONGEST_NAME_BYTES} bytes")
    return name


def form_body(fields: Mapping[str, Any], *, also: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The OpenAPI of a form with a `file` and these fields, `also` in other media types."""
    properties = {"file": {"type": "string", "format": "binary", "description": "CSV, XLSX, XLS, XLSB or ODS."}}
    form = {"schema": {"type": "object", "required": ["file"], "properties": {**properties, **fields}}}
    return {"requestBody": {"required": True, "content": {**(also or {}), FORM: form}}}
