"""A stranger's check: the bundle in an empty folder, and nothing of this program."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from typing import TYPE_CHECKING

import pytest

from signer.audit.check import stand_alone
from tests.audit.making import contents

if TYPE_CHECKING:
    from pathlib import Path

# A Python without site: no .pth file brings this package in, and the libraries are
# found because they are named.
ALONE = """\
import runpy, sys
sys.path.append({libraries!r})
try:
    import signer
except ModuleNotFoundError:
    pass
else:
    sys.exit("signer can be imported: this is no stranger")
sys.argv = ["check.py", *{arguments!r}]
runpy.run_path("check.py", run_name="__main__")
"""

Done = subprocess.CompletedProcess[str]


@pytest.fixture
def unpacked(exported: Path, tmp_path: Path) -> Path:
    """The bundle's files in a folder that held nothing."""
    folder = tmp_path / "bundle"
    with zipfile.ZipFile(exported) as archive:
        archive.extractall(folder)
    return folder


def check(folder: Path, *arguments: str) -> Done:
    """Run the verifier of the bundle, where this package cannot be imported."""
    libraries = sysconfig.get_paths()["purelib"]
    code = ALONE.format(libraries=libraries, arguments=arguments)
    command = [sys.executable, "-I", "-S", "-W", "error", "-c", code]
    return subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, env={}
    )


def changed(folder: Path, name: str, before: bytes, after: bytes) -> None:
    """Change a file of an unpacked bundle in one place."""
    path = folder / name
    content = path.read_bytes()
    assert before in content
    path.write_bytes(content.replace(before, after, 1))


def test_the_verifier_is_short_and_knows_nothing_of_this_package() -> None:
    """A stranger reads it before running it."""
    text = stand_alone().decode()

    assert len(text.splitlines()) <= 400
    assert not re.search(r"^\s*(from|import) signer", text, re.MULTILINE)


def test_a_stranger_verifies_the_whole_log_and_every_declaration(
    unpacked: Path,
) -> None:
    """With pyHanko alone, and without this package, everything is found to fit."""
    done = check(unpacked)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Entries of the log 127.0.0.1:8000/log: 8\n" in done.stdout
    assert "Of these, open: 8\n" in done.stdout
    assert "Declarations checked: 2\nProblems found: 0\n" in done.stdout
    assert "SIGNER UNKNOWN TO YOU. Keys of its own were trusted" in done.stdout


def test_a_stranger_verifies_one_declaration(unpacked: Path) -> None:
    """Named by its reference; with keys of one's own nothing more is to be said."""
    one = next((unpacked / "declarations").iterdir()).stem
    keys = ("--trust", "keys/ca.pem", "--log-key", "keys/log.vkey")
    done = check(unpacked, one, *keys)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Declarations checked: 1\nProblems found: 0\n" in done.stdout
    assert "UNKNOWN" not in done.stdout


def blocks(readme: str) -> list[str]:
    """The commands of the README: lines that are indented, as they stand together."""
    part = readme.partition("HOW TO CHECK IT")[2].partition("WHAT THIS SHOWS")[0]
    found = re.findall(r"(?:^    .*\n)+", part, re.MULTILINE)
    return [re.sub(r"^    ", "", one, flags=re.MULTILINE) for one in found]


@pytest.mark.parametrize(
    "shell", [pytest.param(("bash",), id="bash"), pytest.param(("sh",), id="sh")]
)
@pytest.mark.tool("pdfsig")
@pytest.mark.tool("openssl")
def test_the_commands_of_the_readme_do_what_it_says(
    unpacked: Path, shell: tuple[str, ...]
) -> None:
    """Each is run as it stands there, and prints what the README promises."""
    readme = (unpacked / "README.txt").read_text(encoding="utf-8")
    *steps, last = blocks(readme)
    assert last == "python3 check.py\n"
    script = "".join(f"{one}echo; echo ==== step\n" for one in steps)
    done = subprocess.run(
        [*shell, "-eu", "-c", script],
        cwd=unpacked,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(unpacked), "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = [one.strip() for one in done.stdout.split("==== step\n")]
    sums, fingerprint, log_key, head, listed, pdfsig, cms, inside, entry, path, _ = told

    assert sums == ""
    assert re.search("Fingerprint=[0-9A-F:]{95}$", fingerprint)
    assert re.match("[0-9a-f]{64} ", log_key)
    assert head == "Signature Verified Successfully"
    verified, *numbers = listed.split("\n")
    assert verified == "Signature Verified Successfully"
    assert len({one[:64] for one in numbers}) == 1
    assert pdfsig.count("Signature #") == 1
    assert "Signature is Valid." in pdfsig
    assert "Total document signed" in pdfsig
    whole, size = cms.split()
    assert whole == size
    assert "CMS Verification successful" in done.stderr
    assert len(set(re.findall("[0-9a-f]{64}", inside))) == 1
    assert len(re.findall("[0-9a-f]{64}", inside)) == 3
    record, pdf_sha256 = entry.splitlines()
    assert f'"pdf_sha256":"{pdf_sha256[:64]}"' in record
    computed, signed = path.splitlines()
    assert computed == signed
    # What the commands wrote lies apart: the list of files still fits.
    assert check(unpacked).returncode == 0


SPOILT = {
    "a byte of a PDF": ("declarations/{one}.pdf", b"/Kids[", b"/kids["),
    "the record of an entry": ("log/openings.jsonl", b"sealed", b"signed"),
    "the size of the log": ("log/checkpoint", b"\n8\n", b"\n7\n"),
    "a released text": ("versions/2.md", b"## Purpose", b"## purpose"),
    "the place in a proof": ("proofs/{one}.tlog-proof", b"index ", b"index 1"),
    "the length of an entry": ("log/tile/entries/000.p/8", b"\0\x20", b"\0\x21"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_the_verifier_finds_what_was_changed(unpacked: Path, what: str) -> None:
    """One change anywhere is a problem, said in a line, and the exit code is 1."""
    name, before, after = SPOILT[what]
    one = min((unpacked / "declarations").iterdir()).stem
    changed(unpacked, name.format(one=one), before, after)
    done = check(unpacked)

    assert done.returncode == 1
    assert "PROBLEM: " in done.stdout
    assert "Traceback" not in done.stderr


def test_the_verifier_finds_what_is_missing_and_what_is_too_many(
    unpacked: Path,
) -> None:
    """A PDF that was taken out, and one that no entry knows."""
    first, second = sorted((unpacked / "declarations").iterdir())
    first.rename(unpacked / "declarations" / "D-0000-0000-0000.pdf")
    done = check(unpacked)

    assert done.returncode == 1
    assert "D-0000-0000-0000 has a file and no entry in the log." in done.stdout
    assert f"{first.stem} cannot be checked" in done.stdout
    assert second.stem not in done.stdout


def test_the_verifier_trusts_the_keys_that_are_brought_along(
    unpacked: Path, exported: Path, tmp_path: Path
) -> None:
    """A bundle that was made with other keys does not get by with its own."""
    files = contents(exported)
    other = files["keys/log.vkey"].decode().replace("/log+", "/other+")
    (tmp_path / "other.vkey").write_text(other)
    done = check(unpacked, "--log-key", str(tmp_path / "other.vkey"))

    assert done.returncode == 1
    assert "no key that you trust signed it" in done.stdout
