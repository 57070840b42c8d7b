"""Frames: how two processes tell on a pipe where one message ends."""

from __future__ import annotations

import struct
from typing import IO

_LENGTH = struct.Struct(">Q")


def write_frame(stream: IO[bytes], content: bytes) -> None:
    """Write the content's length in eight bytes, then the content.

    Raises:
        OSError: nobody reads any more.
    """
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def read_frame(stream: IO[bytes], most: int) -> bytes:
    """The content of the next frame.

    Args:
        stream: what `write_frame` wrote to.
        most: the longest content that is taken, in bytes.

    Raises:
        EOFError: there is none, it breaks off, or it is longer.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError("no frame")
    (length,) = _LENGTH.unpack(head)
    if length > most:
        raise EOFError("the frame is too long")
    content = stream.read(length)
    if len(content) < length:
        raise EOFError("the frame breaks off")
    return content
