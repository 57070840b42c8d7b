"""A version's file is parsed once for all tests, whatever folder it stands in.

Each context reads its versions when it opens, and YAML is slow to read.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from signer.policy import versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signer.policy.versions import Version


@contextmanager
def versions_parsed_once() -> Iterator[None]:
    """Give the version again that files of the same name and bytes gave before."""
    parse = versions.parse_version
    parsed: dict[tuple[str, bytes], Version] = {}

    def share(path: str, source: bytes) -> Version:
        key = Path(path).name, source
        if key not in parsed:
            parsed[key] = parse(path, source)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(versions, "parse_version", share)
        yield
