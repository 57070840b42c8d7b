"""Shutting a process in: no file but those it needs, and no socket, by the kernel.

Landlock (https://docs.kernel.org/userspace-api/landlock.html) takes away every path
that is not named, for this process and whatever it starts. It knows TCP alone, so a
filter of system calls (seccomp) takes away the making of sockets of any kind, and with
them the ring of calls that no filter sees. Neither needs privileges; neither can be
undone.

They are called by ctypes. Of what PyPI has, `landlock` is a release for developers of
2025, `landlockpy` and `seccompy` are some weeks old and used by few, and `pyseccomp` is
of 2021 and wants a library of the machine: too little to rest a wall on. These are five
calls of the kernel, whose numbers and layouts never change.
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import struct
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import signer

# The numbers of Landlock's calls are the same on every machine.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_READ = _READ_FILE | _READ_DIR
# By the version of Landlock: how many rights over files there are from it on.
_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
_TCP_FROM, _TCP = 4, 3
_SCOPES_FROM, _SCOPES = 6, 3

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 13, 0x80000000
_LOAD, _AND, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_X32 = 0x40000000
# What the kernel calls the machine; its numbers of socket, connect, bind, listen and
# io_uring_setup; and of socketpair, for Python's event loops wake themselves by a pair.
_MACHINES = {
    "x86_64": (0xC000003E, (41, 42, 49, 50, 425), 53),
    "aarch64": (0xC00000B7, (198, 203, 200, 201, 425), 199),
}
_NUMBER, _MACHINE, _SECOND_ARGUMENT = 0, 4, 24
_KIND_OF_SOCKET, _STREAM = 0xF, 1

# What libraries read while they work, and nobody's secret.
_SYSTEM = (
    "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib",
    "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo",
    "/dev/null", "/dev/urandom", "/proc/self",
)  # fmt: skip
_PACKAGES = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True)
class Isolation:
    """What a process cannot do any more, as far as it tried.

    Attributes:
        files: it can open no file but those that it needs.
        sockets: it can make no socket.
    """

    files: bool
    sockets: bool


def isolate(folder: Path) -> Isolation:
    """Shut this process in, for good; gives what it then could not do.

    To be called before it starts a thread, for those that run already go free.

    Args:
        folder: the one in which it may write.
    """
    if sys.platform == "linux":
        calls = ctypes.CDLL(None, use_errno=True)
        if calls.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
            _restrict_files(calls, folder)
            _refuse_sockets(calls)
    return Isolation(files=not _can_open(sys.executable), sockets=not _can_connect())


def _can_open(path: str) -> bool:
    try:
        Path(path).open("rb").close()
    except PermissionError:
        return False
    return True


def _can_connect() -> bool:
    try:
        socket.socket(socket.AF_UNIX).close()
        socket.socket(socket.AF_INET).close()
    except PermissionError:
        return False
    return True


def _restrict_files(calls: ctypes.CDLL, folder: Path) -> None:
    """Leave it the files that it needs; nothing where the kernel has no Landlock."""
    version = calls.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return
    known = max(bits for since, bits in _RIGHTS.items() if since <= version)
    handled = (1 << known) - 1
    fields = [handled]
    if version >= _TCP_FROM:
        fields.append(_TCP)
    if version >= _SCOPES_FROM:
        fields.append(_SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    rules = calls.syscall(
        _CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0
    )
    if rules < 0:
        return
    try:
        for path in _readable():
            _allow(calls, rules, path, _READ if path.is_dir() else _READ_FILE)
        _allow(calls, rules, folder, handled & ~_EXECUTE)
        calls.syscall(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _readable() -> Iterable[Path]:
    """The libraries, this package, and what they read; never a folder with records."""
    installed = sysconfig.get_paths()
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    paths = {installed[name] for name in names}.union(_SYSTEM, signer.__path__)
    # Those of a .pth file too, and of the system; but not the current folder.
    paths |= {path for path in sys.path if Path(path).name in _PACKAGES}
    return [Path(path) for path in sorted(paths) if Path(path).exists()]


def _allow(calls: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, beneath)
        calls.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(beneath)


def _refuse_sockets(calls: ctypes.CDLL) -> None:
    """Answer "not permitted" to the making of sockets, on the machines known here."""
    known = _MACHINES.get(platform.machine())
    if known is None:
        return
    machine, numbers, pair = known
    refusals = [_step(_IF_EQUAL, number, jump=0, other=1) for number in numbers]
    steps = [
        _step(_LOAD, _MACHINE),
        _step(_IF_EQUAL, machine, jump=1),
        # Calls of another kind of program have other numbers.
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_IF_AT_LEAST, _X32, jump=0, other=1),
        _step(_RETURN, _KILL),
    ]
    for refusal in refusals:
        steps += [refusal, _step(_RETURN, _REFUSE)]
    steps += [
        _step(_IF_EQUAL, pair, jump=0, other=4),
        # Two ends of a stream reach each other alone; one of datagrams reaches others.
        _step(_LOAD, _SECOND_ARGUMENT),
        _step(_AND, _KIND_OF_SOCKET),
        _step(_IF_EQUAL, _STREAM, jump=1, other=0),
        _step(_RETURN, _REFUSE),
        _step(_RETURN, _ALLOW),
    ]
    program = ctypes.create_string_buffer(b"".join(steps))
    described = struct.pack("@HP", len(steps), ctypes.addressof(program))
    calls.prctl(_SECCOMP, _FILTER, ctypes.c_char_p(described), 0, 0)


def _step(code: int, value: int, *, jump: int = 0, other: int = 0) -> bytes:
    """An instruction of the filter: ``struct sock_filter``."""
    return struct.pack("=HBBI", code, jump, other, value)
