"""Typesets what it reads: the other side of `elsewhere`."""

from __future__ import annotations

import json
import sys
from base64 import b64decode

from signer.declaration.typesetting import typeset

asked = json.load(sys.stdin)
sys.stdout.buffer.write(
    typeset(
        b64decode(asked["statement_json"]),
        asked["policy_blocks"],
        b64decode(asked["policy_source"]),
        asked["policy_filename"],
    )
)
