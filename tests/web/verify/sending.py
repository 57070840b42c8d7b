"""How files are sent to the page."""

from __future__ import annotations

from typing import Any

NAME = "Amira Khan"


def form_of(files: dict[str, tuple[bytes, str]]) -> dict[str, Any]:
    """What a browser sends of files by the fields that they were chosen in."""
    lines = []
    for field, (content, name) in files.items():
        named = f'form-data; name="{field}"; filename="{name}"'
        head = f"--edge\r\nContent-Disposition: {named}\r\n\r\n"
        lines += [head.encode(), content, b"\r\n"]
    body = b"".join([*lines, b"--edge--\r\n"])
    return {"data": body, "content_type": "multipart/form-data; boundary=edge"}
