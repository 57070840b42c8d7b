"""Metrics: what Prometheus reads, and that the guide names all of it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from signer.workflows.operations.heartbeat import Heart
from tests.conftest import PEOPLE, python
from tests.production.harness.disks import small_disk
from tests.web.browsing import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "operators" / "running.md"


def scrape(app: Flask) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Each sample by its name and labels."""
    answer = app.test_client().get("/metrics", base_url=ADDRESS)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_record_is_counted(
    app: Flask, app_context: AppContext, sign: Callable[[str], Page]
) -> None:
    """Requests, mails, declarations, log, heartbeats; and no label is a person's."""
    sign("Amira Khan")
    Heart(app_context).beat("mail")
    samples = scrape(app)
    assert samples["signer_database_up", ()] == 1
    signed = (("status", "signed"), ("version", "2"))
    assert samples["signer_requests", signed] == 1
    receipt = (("delivery", "queued"), ("kind", "receipt"))
    assert samples["signer_mails", receipt] == 1
    assert samples["signer_declarations", ()] == 1
    assert samples["signer_declarations_unsealed", ()] == 0
    assert samples["signer_log_entries", ()] == 3
    assert samples["signer_worker_heartbeat_age_seconds", (("lane", "mail"),)] == 0
    labels = repr([labels for _, labels in samples])
    assert not any(
        cell in labels for line in PEOPLE.splitlines()[1:] for cell in line.split(",")
    )


def test_requests_are_counted_by_route(app: Flask) -> None:
    """By method, route and status; whatever a stranger sends makes no new label."""
    client = app.test_client()
    for number in range(3):
        client.get(f"/nowhere/{number}", base_url=ADDRESS)
        client.open("/healthz", method=f"X{number}", base_url=ADDRESS)
    samples = scrape(app)
    missed = (("method", "GET"), ("route", "(no such page)"), ("status", "404"))
    assert samples["signer_http_requests_total", missed] == 3
    methods = {dict(labels).get("method") for _, labels in samples} - {None}
    assert methods == {"GET", "other"}
    count = samples["signer_http_request_seconds_count", (("route", "(no such page)"),)]
    assert count >= 3


def test_a_database_that_is_gone_is_a_figure(app: Flask) -> None:
    """Whoever scrapes hears of it, and of the requests all the same."""
    app_context = app.extensions["context"]
    app_context.sessions.close()
    Path(app_context.settings.database.removeprefix("sqlite:///")).write_bytes(
        b"no" * 9999
    )
    samples = scrape(app)
    assert samples["signer_database_up", ()] == 0
    assert not any(name == "signer_requests" for name, _ in samples)


def test_processes_count_together(tmp_path: Path) -> None:
    """A child's requests are in another one's answer; a dead master's folder goes."""
    stale = tmp_path / "signer-metrics-left"
    stale.mkdir()
    program = """
import os
from signer.web.operations.metrics import share_counters
share_counters()
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
counter = Counter("signer_http_requests", "x", ["route"], registry=CollectorRegistry())
for _ in range(2):
    child = os.fork()
    if not child:
        counter.labels("/s/<path:token>").inc(20)
        os._exit(0)
    os.waitpid(child, 0)
counter.labels("/s/<path:token>").inc()
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
print(os.listdir(os.environ["TMPDIR"]))
"""
    done = subprocess.run(
        [python(), "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert 'signer_http_requests_total{route="/s/<path:token>"} 41.0' in done.stdout
    assert "signer-metrics-left" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_every_metric_is_in_the_operators_guide(
    app: Flask, app_context: AppContext, sign: Callable[[str], Page]
) -> None:
    """The table has a row for each, with its labels, and no other row."""
    sign("Amira Khan")
    Heart(app_context).beat("mail")
    answer = app.test_client().get("/metrics", base_url=ADDRESS)
    answer = app.test_client().get("/metrics", base_url=ADDRESS)
    exported = {
        (
            family.name + ("_total" if family.type == "counter" else ""),
            tuple(sorted({*family.samples[0].labels} - {"le"}))
            if family.samples
            else (),
        )
        for family in text_string_to_metric_families(answer.text)
        if not family.name.endswith("_created")
    }
    rows = re.findall(
        r"^\| `(signer_\w+)` \|([^|]*)\|", GUIDE.read_text(), re.MULTILINE
    )
    documented = {
        (name, tuple(sorted(re.findall(r"`(\w+)`", labels)))) for name, labels in rows
    }
    assert exported == documented


COUNTING = """
import sys
from pathlib import Path
from flask import Flask
from signer.web.operations import metrics

metrics.share_counters()
app = Flask("counted")
app.extensions["context"] = None
metrics.install(app)
for number in range(400):
    app.add_url_rule(f"/{number}", str(number), lambda: "answered")
client = app.test_client()
client.get("/0")
with (Path(sys.argv[1]) / "all-the-rest").open("wb", buffering=0) as file:
    try:
        while file.write(bytes(4096)):
            pass
    except OSError:
        print("full")
print(sum(client.get(f"/{number}").text == "answered" for number in range(400)))
"""


def test_a_full_disk_ends_no_process_that_counts(tmp_path: Path) -> None:
    """A count that has no room is given up; every answer is sent."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    with small_disk(folder, 2 * 2**20):
        done = subprocess.run(
            [python(), "-c", COUNTING, str(folder)],
            env={**os.environ, "TMPDIR": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (0, "full\n400\n"), done.stderr
