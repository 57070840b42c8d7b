"""Strings of hexadecimal digits in a PDF, read at once.

pyHanko reads them digit by digit, and the value of a seal has thousands.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic

_PLAIN = re.compile(rb"<((?:[0-9A-Fa-f]{2})*)>")

read_digit_by_digit = generic.read_hex_string_from_stream


def read_hexadecimal(stream: Any) -> Any:  # noqa: ANN401 - as pyHanko has it
    """The string that a stream stands at; the stream then stands behind it.

    Only digits, and an even number of them, are read at once. Whatever else there is,
    such as spaces, comments, or what is no digit, pyHanko makes of it what it does.
    """
    if type(stream) is BytesIO:
        begin = stream.tell()
        if found := _PLAIN.match(stream.getvalue(), begin):
            stream.seek(found.end())
            return generic.pdf_string(unhexlify(found[1]))
    return read_digit_by_digit(stream)


def read_at_once() -> None:
    """Have pyHanko read such strings so, in this process."""
    generic.read_hex_string_from_stream = read_hexadecimal
