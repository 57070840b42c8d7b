"""How settings are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.config import load
from signer.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "a secret of the tests that is long enough to be one"


def refused(tmp_path: Path, **environ: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(environ, tmp_path)
    return caught.value
