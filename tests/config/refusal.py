"""How settings are refused."""

from __future__ import annotations

import pytest

from signer.config import load
from signer.errors import SettingsError

SECRET = "a secret of the tests that is long enough to be one"


def refused(**environ: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(environ)
    return caught.value
