"""Files that are there whole or not at all, whenever the machine stops.

The bytes go to a hidden file in the same folder and reach the disk; only then does
one system call give them their name. While it is written its owner holds a lock on
it, which the system drops with the process, however that ends. So what nobody holds
is a leftover, and `sweep` takes it away; neither a number of a process that was given
to another one nor a slow writer is ever mistaken.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from signer.errors import FileExists, FileNotWritten

TYPESET_PREFIX = "signer-typeset-"
"""What the temporary folders begin with that documents are typeset in."""
VERIFY_PREFIX = "signer-verify-"
"""What the temporary folders begin with that files are examined in."""

_UNNAMED = ".{name}.{token}.part"
# The second and third kind are those of earlier releases.
_LEFT = re.compile(
    r"\..+\.[0-9a-f]{16}\.part | \..+\.[0-9]{1,10}\.part | \.bundle-[a-z0-9_]{8}",
    re.VERBOSE | re.ASCII,
)
_LONGEST_NAME = 200
"""Most systems end a file's name at 255 bytes."""

_MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it is private
"""Files in memory, as Linux offers them."""
_DISK = Path("/tmp")  # noqa: S108 - see above
"""Where temporary files go unless somebody says otherwise."""
_ENOUGH_MEMORY = 16 * 2**20
"""Bytes that must be free there: containers may give it very little."""
_USABLE = os.R_OK | os.W_OK | os.X_OK

_swept: set[Path] = set()
"""Where this process has looked for leftovers; a folder may hold thousands of files."""

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""What systems say that give a file one name alone, as those of memory sticks do."""


def create(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file that is not there yet.

    Args:
        path: the file.
        content: the whole of it.
        private: whether only its owner may read it.

    Raises:
        FileExists: it is there; nothing was changed.
        FileNotWritten: it cannot be written; nothing is left behind.
    """
    with creating(path, private=private) as file:
        file.write(content)


def replace(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file, in the place of the one that may be there.

    Whoever reads meanwhile finds the old or the new. A link is followed, and what is
    no file, such as a pipe, is written to as it is.

    Args:
        path: the file.
        content: the whole of it.
        private: whether only its owner may read it.

    Raises:
        FileNotWritten: it cannot be written; the one before it is as it was.
    """
    with _told_of(path):
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        target = path.resolve()
        with _unnamed(target, private=private) as (file, part):
            file.write(content)
            _to_disk(file)
            part.replace(target)
            sync_folder(target.parent)


@contextmanager
def creating(path: Path, *, private: bool = False) -> Iterator[IO[bytes]]:
    """Write a file that is not there yet piece by piece.

    It gets its name when the block ends; when that raises, nothing is left behind.

    Args:
        path: the file.
        private: whether only its owner may read it.

    Raises:
        FileExists: it is there; nothing was changed.
        FileNotWritten: it cannot be written.
    """
    with _told_of(path):
        if os.path.lexists(path):
            # Before the work: an hour's backup is not made to be refused.
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        with _unnamed(path, private=private) as (file, part):
            yield file
            _to_disk(file)
            _name(part, path)
            sync_folder(path.parent)


def create_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write private files into a private folder that is not there yet, or is empty.

    Args:
        folder: the folder; those above it are made.
        contents: the files by their names.

    Raises:
        FileExists: it holds something already; nothing was changed.
        FileNotWritten: it cannot be written; nothing is left behind.
    """
    with _told_of(folder):
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            # A file stands where a folder above should be: nothing is there already.
            raise NotADirectoryError(
                errno.ENOTDIR, os.strerror(errno.ENOTDIR)
            ) from error
        sweep(folder.parent)
        with _held_meanwhile(lambda: _new_folder(_unnamed_beside(folder))) as (_, part):
            for name, content in contents.items():
                with os.fdopen(_new_file(part / name, private=True), "wb") as file:
                    file.write(content)
                    _to_disk(file)
            sync_folder(part)
            try:
                # Onto a folder that is not empty this fails: the first one wins.
                part.rename(folder)
            except OSError as error:
                if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
                    raise FileExistsError(errno.EEXIST, "") from error
                raise
            sync_folder(folder.parent)


class TemporaryFolder:
    """A private folder for a process's own work, which no kill leaves behind for good.

    Attributes:
        path: the folder, among the system's temporary ones.
    """

    def __init__(self, prefix: str, *, in_memory: bool = False) -> None:
        """Make it, and take away those of its kind whose process is gone.

        Args:
            prefix: what its name begins with: that of its kind.
            in_memory: whether memory is to be preferred to a disk, where there is
                some and nobody named another folder for temporary files.

        Raises:
            OSError: it cannot be made.
        """
        sweep_temporary(prefix)
        self._owner = os.getpid()
        parent = _MEMORY if in_memory and _has_memory() else None
        self._descriptor, self.path = _held(lambda: _temporary(prefix, parent))

    def remove(self) -> None:
        """Take it away with all that is in it; in a forked child, let go of it."""
        if os.getpid() == self._owner:
            shutil.rmtree(self.path, ignore_errors=True)
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def sweep(folder: Path) -> None:
    """Take away what stopped processes left unfinished in a folder.

    Never fails: what cannot be taken away is passed over by every reader.
    """
    _sweep(folder, _LEFT.fullmatch)


def sweep_temporary(prefix: str) -> None:
    """Take away the temporary folders of a kind whose processes are gone.

    Never fails, as `sweep`.

    Args:
        prefix: what their names begin with.
    """
    with suppress(OSError):
        for folder in (_MEMORY, Path(tempfile.gettempdir())):
            _sweep(folder, lambda name: name.startswith(prefix))


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    with suppress(PermissionError):  # one that may be written, and not listed
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.EOPNOTSUPP}:
                raise
        finally:
            os.close(descriptor)


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise FileExists(str(path)) from error
    except OSError as error:
        raise FileNotWritten(str(path), error.strerror or str(error)) from error


@contextmanager
def _unnamed(path: Path, *, private: bool) -> Iterator[tuple[IO[bytes], Path]]:
    """A hidden file beside another: open, locked, and gone afterwards."""
    if path.parent not in _swept:
        _swept.add(path.parent)
        sweep(path.parent)
    with (
        _held_meanwhile(lambda: _opened(_unnamed_beside(path), private=private)) as (
            descriptor,
            part,
        ),
        os.fdopen(descriptor, "w+b", closefd=False) as file,
    ):
        yield file, part


def _unnamed_beside(path: Path) -> Path:
    name = path.name.encode()[:_LONGEST_NAME].decode(errors="ignore")
    return path.with_name(_UNNAMED.format(name=name, token=secrets.token_hex(8)))


def _held(make: Callable[[], tuple[int, Path]]) -> tuple[int, Path]:
    """A new file or folder that this process holds, open."""
    while True:
        try:
            descriptor, path = make()
        except _SweptMeanwhile:
            continue
        with suppress(OSError):  # a system without locks has no sweeping either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        # A sweep may have come between the making and the lock.
        if path.exists():
            return descriptor, path
        os.close(descriptor)


@contextmanager
def _held_meanwhile(
    make: Callable[[], tuple[int, Path]],
) -> Iterator[tuple[int, Path]]:
    """As `_held`; what has got no other name goes at the end."""
    descriptor, path = _held(make)
    try:
        yield descriptor, path
    finally:
        with suppress(OSError):
            _remove(path)
        os.close(descriptor)


def _opened(path: Path, *, private: bool) -> tuple[int, Path]:
    return _new_file(path, private=private), path


def _new_file(path: Path, *, private: bool) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    return os.open(path, flags, 0o600 if private else 0o666)


def _new_folder(path: Path) -> tuple[int, Path]:
    path.mkdir(mode=0o700)
    return _opened_folder(path)


def _temporary(prefix: str, parent: Path | None) -> tuple[int, Path]:
    return _opened_folder(Path(tempfile.mkdtemp(prefix=prefix, dir=parent)))


def _has_memory() -> bool:
    """Whether a folder is in memory, for what is usually kept in `_DISK`."""
    try:
        if Path(tempfile.gettempdir()) != _DISK or not os.access(_MEMORY, _USABLE):
            return False
        room = os.statvfs(_MEMORY)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize >= _ENOUGH_MEMORY


def _opened_folder(path: Path) -> tuple[int, Path]:
    try:
        return os.open(path, os.O_RDONLY), path
    except FileNotFoundError as error:
        raise _SweptMeanwhile from error


class _SweptMeanwhile(Exception):
    """Another process took a new folder away before this one could hold it."""


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _name(part: Path, path: Path) -> None:
    """Give a file its name, if nobody else has it."""
    try:
        # Unlike a renaming, a link never takes another file's place.
        os.link(part, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Taken first, and empty for as long as a renaming takes.
        os.close(_new_file(path, private=True))
        part.replace(path)


def _sweep(folder: Path, is_left: Callable[[str], object]) -> None:
    with suppress(OSError):
        for name in [entry.name for entry in os.scandir(folder)]:
            if is_left(name):
                with suppress(OSError):
                    _remove_if_unheld(folder / name)


def _remove_if_unheld(path: Path) -> None:
    """Take away what no process holds.

    Raises:
        OSError: one holds it, or it cannot be taken away.
    """
    # Neither a link nor a pipe of somebody else's is opened or waited for.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(path, flags)
    try:
        status = os.fstat(descriptor)
        ours = status.st_uid == os.getuid()
        if ours and (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(path)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
