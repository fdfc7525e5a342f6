"""Forms with a file, as a browser sends them."""

from __future__ import annotations

from tests.unit.entrypoints.http.conftest import Answer, Client

BOUNDARY = "----limite"
HEADERS = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def form(file: bytes | None, name: str, field: str = "file", **fields: str) -> bytes:
    """The body of a form with these fields and then a file."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    if file is not None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + file + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


async def posted(client: Client, path: str, file: bytes | None, name: str = "contatos.csv", **fields: str) -> Answer:
    """What a form is answered."""
    return await client.post(path, form(file, name, **fields), headers=HEADERS)
