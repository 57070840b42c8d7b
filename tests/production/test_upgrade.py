"""The upgrade of one command, with the real signer, pip, git and database."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from signer.store import schema
from tests.conftest import REPOSITORY, environment_of, run
from tests.production.harness.other_user import make_environment

if TYPE_CHECKING:
    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

RELEASED = (
    *("deploy", "requirements", "signer", "versions"),
    *("pyproject.toml", "README.md", "LICENSE"),
)
MIGRATIONS = Path("signer", "store", "migrations", "versions")
INSTALLING = (
    "install",
    "--quiet",
    "--no-deps",
    "--no-build-isolation",
    "--editable",
    ".",
)
MIGRATION = '''"""A table of the next release."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade():
    op.create_table("of_the_next_release", sa.Column("id", sa.Integer()))


def downgrade():
    op.drop_table("of_the_next_release")
'''


def git(folder: Path, *arguments: str) -> str:
    names = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    return run("git", "-C", folder, *names, *arguments).strip()


def commit(folder: Path, words: str) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", words)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """Where releases come from; the first of them is the present code."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    for name in RELEASED:
        kept = REPOSITORY / name
        if kept.is_dir():
            without = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(kept, folder / name, ignore=without)
        else:
            shutil.copy(kept, folder)
    (folder / ".gitignore").write_text(".venv/\n__pycache__/\n*.egg-info/\n")
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "first")
    return folder


@pytest.fixture
def checkout(upstream: Path, tmp_path: Path) -> Path:
    """A checkout that serves, with an environment of its own."""
    folder = tmp_path / "checkout"
    run("git", "clone", "--quiet", upstream, folder)
    make_environment(folder / ".venv", None)
    programs = folder / ".venv" / "bin"
    (programs / "mkdocs").unlink()
    (programs / "pip").write_text(
        f"#!{programs}/python\nfrom pip._internal.cli.main import main\nmain()\n"
    )
    (programs / "pip").chmod(0o755)
    return folder


def test_the_next_release_serves_the_records_that_were_there(
    upstream: Path, checkout: Path, app_context: AppContext, tmp_path: Path
) -> None:
    """Its tables are made, its code is what runs, and the backup from before is whole.

    The code from before refuses the newer database, and serves that backup.
    """
    first = git(checkout, "rev-parse", "HEAD")
    written = MIGRATION.format(revision="next", before=schema.newest())
    (upstream / MIGRATIONS / "next.py").write_text(written)
    second = commit(upstream, "second")
    backups, restarted = tmp_path / "backups", tmp_path / "restarted"
    variables = {
        **environment_of(app_context.settings),
        "PYTHONPATH": "",
        "BACKUPS": str(backups),
        "RESTART": f"touch {restarted}",
    }
    signer = checkout / ".venv" / "bin" / "signer"

    def upgrade(*commits: str) -> subprocess.CompletedProcess[str]:
        command = ["sh", str(checkout / "deploy" / "upgrade"), *commits]
        return subprocess.run(
            command, env=variables, capture_output=True, text=True, check=False
        )

    run(checkout / ".venv" / "bin" / "pip", *INSTALLING, cwd=checkout, env=variables)
    done = upgrade()
    assert done.returncode == 0, done.stdout + done.stderr
    assert git(checkout, "rev-parse", "HEAD") == second
    assert restarted.exists()
    (backup,) = backups.iterdir()
    with app_context.sessions.reading() as session:
        made = "SELECT count(*) FROM of_the_next_release"
        assert session.execute(text(made)).scalar() == 0
    assert "Amira Khan" in run(signer, "register", "list", env=variables)
    done = upgrade(first)
    assert done.returncode != 0
    assert git(checkout, "rev-parse", "HEAD") == first
    assert "stopped at the database" in done.stderr
    (command,) = re.findall(r"signer restore (\S+\.backup)", done.stderr)
    assert command == str(backup)
    empty = {**variables, "SIGNER_DATABASE_URL": f"sqlite:///{tmp_path / 'empty'}"}
    run(signer, "restore", backup, env=empty)
    assert "Amira Khan" in run(signer, "register", "list", env=empty)
