"""The built site, with the headers that it has where it is published."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

HEADERS_FILE = "_headers"
NOT_FOUND = "404.html"
AGAIN = "public, max-age=0, must-revalidate"
"""A browser keeps a page, and asks each time whether it is still the same."""
TYPES = {
    # The table of the machine may not know these.
    ".md": "text/markdown",
    ".woff2": "font/woff2",
    ".js": "text/javascript",
}

Rules = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def blueprint_for(folder: Path) -> Blueprint:
    """The pages of a built site.

    Args:
        folder: what ``mkdocs build`` wrote.
    """
    blueprint = Blueprint("static_site", __name__)
    root = folder.absolute()

    @blueprint.get("/", defaults={"path": ""})
    @blueprint.get("/<path:path>")
    def page(path: str) -> ResponseReturnValue:
        target = _target(root, path)
        if target and target.is_dir() and path and not path.endswith("/"):
            return redirect(f"/{path}/", 301)
        if target and target.is_dir():
            target /= "index.html"
        rules = read_headers(root / HEADERS_FILE)
        if target and target.is_file():
            answer = _with_headers(_answer(target), rules)
            return answer.make_conditional(request.environ)
        if (root / NOT_FOUND).is_file():
            answer = _with_headers(_answer(root / NOT_FOUND), rules)
            answer.status_code = 404
            return answer
        raise NotFound

    return blueprint


def _target(root: Path, path: str) -> Path | None:
    """The file or folder at a path; None where there is none, or none to be shown."""
    joined = safe_join(str(root), path)
    if joined is None or "\0" in path:
        return None
    target = Path(joined)
    # Netlify keeps its own files, such as _headers, to itself. A path may name them in
    # many ways, and joined it has but one.
    if target.relative_to(root).as_posix().startswith("_"):
        return None
    try:
        target.stat()
    except OSError:
        # Also what no file system holds, such as a name of 300 bytes.
        return None
    return target


def _answer(path: Path) -> Response:
    """A file, with a mark that changes with its content and with nothing else.

    A site is built anew at each release; what a release left as it was is not sent
    again. Each file is small, and is held whole to be compressed.
    """
    content = path.read_bytes()
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    answer = Response(content, mimetype=kind or "application/octet-stream")
    answer.headers["Cache-Control"] = AGAIN
    answer.set_etag(hashlib.sha256(content).hexdigest()[:16])
    return answer


def read_headers(path: Path) -> Rules:
    """The rules of a ``_headers`` file: a pattern, and the headers for it.

    Source: Netlify's syntax for custom headers: a path on a line of its own, each
    header below it indented, ``*`` at the end for everything that begins so.
    """
    # It is written anew with each release, and names files of that build.
    return _rules(path, path.stat().st_mtime_ns) if path.is_file() else ()


@lru_cache(maxsize=4)
def _rules(path: Path, written: int) -> Rules:
    del written
    rules: list[tuple[str, list[tuple[str, str]]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            rules.append((line.strip(), []))
        elif rules:
            name, _, value = line.strip().partition(":")
            rules[-1][1].append((name.strip(), value.strip()))
    return tuple((pattern, tuple(headers)) for pattern, headers in rules)


def _with_headers(answer: Response, rules: Rules) -> Response:
    g.has_own_headers = bool(rules)
    for pattern, headers in rules:
        start = pattern.removesuffix("*")
        whole = start == pattern
        if request.path == pattern if whole else request.path.startswith(start):
            for name, value in headers:
                answer.headers[name] = value
    return answer
