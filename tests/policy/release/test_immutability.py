"""Released versions against their list and all of history."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from signer.errors import (
    CheckoutError,
    ReleaseRewritten,
    VersionChainError,
    VersionFileError,
)
from signer.policy.release.immutability import Checked, check_immutable
from signer.policy.sha256sums import list_releases, parse_sums, read_sums
from signer.policy.versions import read_versions
from tests.policy.checkouts import commit, git, new_checkout
from tests.policy.releasing import RELEASED, SOURCE, release_3

if TYPE_CHECKING:
    from pathlib import Path

SHA256 = RELEASED[0].sha256
TAMPERED = SOURCE.replace("civilised", "civilized", 1)
TAMPERED_SHA256 = hashlib.sha256(TAMPERED.encode()).hexdigest()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return new_checkout(tmp_path / "project")


@pytest.fixture
def versions(checkout: Path) -> Path:
    return checkout / "versions"


def tamper(versions: Path) -> None:
    (versions / "2.md").write_text(TAMPERED, encoding="utf-8")


def test_releases_that_were_never_touched_pass(checkout: Path, versions: Path) -> None:
    """Each commit that touched the folder since was looked at."""
    assert check_immutable(versions) == Checked(releases=1, commits=1)
    (checkout / "README.md").write_text("Hello\n", encoding="utf-8")
    commit(checkout)
    release_3(versions)
    list_releases(versions, read_versions(versions))
    commit(checkout)
    assert check_immutable(versions) == Checked(releases=2, commits=2)


def test_a_changed_byte_is_found(versions: Path) -> None:
    """Before it is committed, and without the chain: the newest has no follower."""
    tamper(versions)
    with pytest.raises(ReleaseRewritten) as found:
        check_immutable(versions)
    error = found.value
    assert (error.name, error.released, error.found) == (
        "2.md",
        SHA256,
        TAMPERED_SHA256,
    )
    assert (error.where, error.listed) == (None, False)


def test_a_change_is_found_even_with_its_line_brought_into_line(
    checkout: Path, versions: Path
) -> None:
    """Whoever changes file and list together is caught by history."""
    tamper(versions)
    (versions / "SHA256SUMS").unlink()
    list_releases(versions, read_versions(versions))
    with pytest.raises(ReleaseRewritten) as found:
        check_immutable(versions)
    assert (found.value.listed, found.value.where) == (True, None)
    where = commit(checkout)
    with pytest.raises(ReleaseRewritten) as found:
        check_immutable(versions)
    assert (found.value.listed, found.value.where) == (True, where)
    assert (found.value.released, found.value.found) == (SHA256, TAMPERED_SHA256)


def test_a_change_that_was_put_right_is_still_found(
    checkout: Path, versions: Path
) -> None:
    """For a while parents could be shown another text: that stays known."""
    tamper(versions)
    where = commit(checkout)
    (versions / "2.md").write_text(SOURCE, encoding="utf-8")
    commit(checkout)
    with pytest.raises(ReleaseRewritten) as found:
        check_immutable(versions)
    assert (found.value.where, found.value.found) == (where, TAMPERED_SHA256)


def test_a_change_on_a_branch_that_was_merged_is_found(
    checkout: Path, versions: Path
) -> None:
    """No way into the history is left out, even where the merge undid it."""
    git(checkout, "switch", "--quiet", "--create", "side")
    tamper(versions)
    where = commit(checkout)
    git(checkout, "switch", "--quiet", "main")
    commit(checkout)
    git(checkout, "merge", "--quiet", "--no-commit", "--no-ff", "side")
    (versions / "2.md").write_text(SOURCE, encoding="utf-8")
    commit(checkout)
    with pytest.raises(ReleaseRewritten) as found:
        check_immutable(versions)
    assert found.value.where == where


def test_branches_from_before_a_release_may_be_merged(
    checkout: Path, versions: Path
) -> None:
    """A commit that comes from before a release need not know of it."""
    git(checkout, "switch", "--quiet", "--create", "side")
    (versions / "reviews.toml").write_text("", encoding="utf-8")
    commit(checkout)
    git(checkout, "switch", "--quiet", "main")
    release_3(versions)
    list_releases(versions, read_versions(versions))
    commit(checkout)
    git(checkout, "merge", "--quiet", "--no-ff", "-m", "Bring together", "side")
    assert check_immutable(versions) == Checked(releases=2, commits=4)


@pytest.mark.parametrize("how", ["removed", "renamed"])
def test_a_file_that_is_gone_is_found(checkout: Path, versions: Path, how: str) -> None:
    """Now, and in the commit that took it away."""
    if how == "removed":
        (versions / "2.md").unlink()
    else:
        (versions / "2.md").rename(versions / "1.md")
    with pytest.raises(ReleaseRewritten) as found:
        check_immutable(versions)
    assert (found.value.name, found.value.found) == ("2.md", None)
    where = commit(checkout)
    (versions / "1.md").unlink(missing_ok=True)
    (versions / "2.md").write_text(SOURCE, encoding="utf-8")
    commit(checkout)
    with pytest.raises(ReleaseRewritten) as found:
        check_immutable(versions)
    assert (found.value.found, found.value.where) == (None, where)


def test_a_list_that_is_gone_is_found(checkout: Path, versions: Path) -> None:
    """Without the list nothing is pinned, so history remembers that it was there."""
    (versions / "SHA256SUMS").unlink()
    with pytest.raises(VersionFileError, match="not listed"):
        check_immutable(versions)
    (versions / "2.md").unlink()
    with pytest.raises(ReleaseRewritten) as found:
        check_immutable(versions)
    assert (found.value.listed, found.value.found) == (True, None)


def test_a_text_may_be_mended_before_it_is_listed(
    checkout: Path, versions: Path
) -> None:
    """What was brought in but not released yet is not held against anybody."""
    path = release_3(versions)
    commit(checkout)
    path.write_text(path.read_text(encoding="utf-8").replace("Inclusion", "Fair"))
    list_releases(versions, read_versions(versions))
    commit(checkout)
    assert check_immutable(versions) == Checked(releases=2, commits=3)


def test_a_release_that_was_not_finished_is_told(versions: Path) -> None:
    """The file without its line asks for the command to be run again."""
    release_3(versions)
    with pytest.raises(VersionFileError, match="`signer release` was stopped"):
        check_immutable(versions)


def test_the_chain_is_checked_too(versions: Path) -> None:
    """A listed version that names another predecessor is no release."""
    path = release_3(versions)
    path.write_text(path.read_text(encoding="utf-8").replace(SHA256, "0" * 64))
    with pytest.raises(VersionChainError):
        check_immutable(versions)


def test_a_shallow_clone_says_what_to_do(checkout: Path, tmp_path: Path) -> None:
    """Half a history proves nothing, so it is not taken for a whole one."""
    commit(checkout)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", checkout.as_uri(), str(clone))
    with pytest.raises(CheckoutError, match="git fetch --unshallow"):
        check_immutable(clone / "versions")
    git(clone, "fetch", "--quiet", "--unshallow")
    assert check_immutable(clone / "versions").commits == 1


def test_without_git_the_list_and_the_chain_are_checked(
    checkout: Path, versions: Path
) -> None:
    """An unpacked archive has no history; that is told, and the rest still holds."""
    shutil.rmtree(checkout / ".git")
    assert check_immutable(versions) == Checked(releases=1, commits=None)
    tamper(versions)
    with pytest.raises(ReleaseRewritten):
        check_immutable(versions)


def test_nothing_committed_is_no_history(checkout: Path, versions: Path) -> None:
    """A checkout before its first commit has nothing to compare with."""
    shutil.rmtree(checkout / ".git")
    git(checkout, "init", "--quiet")
    assert check_immutable(versions).commits is None


def test_a_folder_in_somebody_elses_checkout_has_no_history(
    checkout: Path, tmp_path: Path
) -> None:
    """What lies inside another project, uncommitted, is told as such."""
    inner = checkout / "elsewhere"
    shutil.copytree(checkout / "versions", inner)
    assert check_immutable(inner) == Checked(releases=1, commits=None)


def test_versions_at_the_top_of_a_checkout_are_checked(
    checkout: Path, tmp_path: Path
) -> None:
    """A school may keep its versions in a repository of their own."""
    top = tmp_path / "top"
    shutil.copytree(checkout / "versions", top)
    git(top, "init", "--quiet")
    commit(top)
    assert check_immutable(top).commits == 1
    tamper(top)
    where = commit(top)
    (top / "2.md").write_text(SOURCE, encoding="utf-8")
    with pytest.raises(ReleaseRewritten) as found:
        check_immutable(top)
    assert found.value.where == where


def test_a_broken_repository_is_not_taken_for_none(
    checkout: Path, versions: Path
) -> None:
    """Where git cannot tell, nobody is told that all is well."""
    (checkout / ".git" / "HEAD").write_text("nonsense", encoding="utf-8")
    with pytest.raises(CheckoutError, match="git rev-parse says no"):
        check_immutable(versions)


def test_a_checkout_without_git_installed_is_told(
    versions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """History that cannot be read is no reason to say nothing of it."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CheckoutError, match="git is not installed"):
        check_immutable(versions)


def test_replaced_commits_and_a_hooks_surroundings_change_nothing(
    checkout: Path, versions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """History is taken as it is, and from the checkout that the folder lies in."""
    before = git(checkout, "rev-parse", "HEAD").strip()
    tamper(versions)
    where = commit(checkout)
    (versions / "2.md").write_text(SOURCE, encoding="utf-8")
    after = commit(checkout)
    git(checkout, "replace", "--force", "--graft", after, before)
    monkeypatch.setenv("GIT_DIR", str(checkout / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(checkout / "nowhere"))
    with pytest.raises(ReleaseRewritten) as found:
        check_immutable(versions)
    assert found.value.where == where


def test_a_checkout_of_another_user_is_read(
    versions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project that is mounted into a container belongs to somebody else."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    refused = subprocess.run(["git", "-C", str(versions), "status"], check=False)
    assert refused.returncode != 0
    assert check_immutable(versions).commits == 1


def test_the_list_is_what_sha256sum_checks(versions: Path) -> None:
    """Whoever has no Python can check it too."""
    release_3(versions)
    list_releases(versions, read_versions(versions))
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=versions,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "2.md: OK\n3.md: OK\n"
    assert list(read_sums(versions)) == ["2.md", "3.md"]


def test_a_line_is_never_brought_into_line_with_a_changed_file(versions: Path) -> None:
    """What is listed is only added to."""
    tamper(versions)
    before = (versions / "SHA256SUMS").read_bytes()
    with pytest.raises(ReleaseRewritten):
        list_releases(versions, read_versions(versions))
    assert (versions / "SHA256SUMS").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"abc  2.md\n", 1),
        (f"{SHA256} 2.md\n".encode(), 1),
        (f"{SHA256}  ../2.md\n".encode(), 1),
        (f"{SHA256.upper()}  2.md\n".encode(), 1),
        (f"{SHA256}  2.md\n\n".encode(), 2),
        (f"{SHA256}  2.md\n{SHA256}  2.md\n".encode(), 2),
        (f"{SHA256}  2.md\n# note\n".encode(), 2),
        (f"{SHA256}  2.md\n\xff\n".encode("latin-1"), 2),
        (f"{SHA256}  2.md".encode(), None),
    ],
)
def test_an_odd_list_is_refused_with_its_line(content: bytes, line: int | None) -> None:
    """The list is strict: what it says is what it pins."""
    with pytest.raises(VersionFileError) as refused:
        parse_sums(content)
    assert refused.value.line == line
