"""Typesets what it reads: the other side of `elsewhere`."""

from __future__ import annotations

import sys

from signer.declaration.pdf.declaration_pdf import typeset
from signer.declaration.pdf.subprocess_typesetting import VERSION, what_was_asked
from signer.declaration.pdf.version_pdf import VersionText, typeset_version

what, arguments = what_was_asked(sys.stdin.buffer.read())
if what == VERSION:
    blocks = arguments.pop("policy_blocks")
    pdf = typeset_version(VersionText.of(arguments), blocks)
else:
    pdf = typeset(**arguments)
sys.stdout.buffer.write(pdf)
