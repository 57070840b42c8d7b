"""Metrics for Prometheus: the record's figures, and what each process has answered.

Figures come from the database at each scrape, so that they are the same whichever
process answers. Requests are counted by each process; where several serve, they count
in files of one folder, and the one that answers adds them up.
"""

from __future__ import annotations

import atexit
import logging
import mmap
import os
import struct
import sys
from collections.abc import Iterator
from concurrent.futures import TimeoutError as NotInTime
from contextlib import suppress
from datetime import datetime
from time import perf_counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError

from signer.errors import StoreError
from signer.files import TemporaryFolder
from signer.store.write_health import WriteState
from signer.web import access_log
from signer.web.overload.bounded import PATIENCE, Bounded
from signer.workflows.operations.figures import (
    Figures,
    Totals,
    count_totals,
    take_figures,
)

if TYPE_CHECKING:
    # For its types alone: it reads a variable when it is first imported.
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus_client when it is first imported."""

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_KEY = "metrics"

_log = logging.getLogger(__name__)


def share_counters() -> None:
    """Let this process and the children it forks count together.

    To be called before the application is made. The folder goes with this process;
    one that a killed process has left goes now.
    """
    try:
        folder = TemporaryFolder("signer-metrics-")
    except OSError as error:
        _log.warning("each process counts requests for itself: %s", error)
        return
    os.environ[FOLDER_VARIABLE] = str(folder.path)
    # A child that ends in good order comes here too, and leaves the folder alone.
    atexit.register(folder.remove)


def _claim_room_first() -> None:
    """Have prometheus_client claim room on the disk for a file that it maps.

    It maps files with holes. On a full disk the first write into a hole is no error but
    a signal (SIGBUS), which ends the process before the answer to a parent is sent.
    """
    from prometheus_client import mmap_dict  # noqa: PLC0415

    def mapped(descriptor: int, length: int, **options: int) -> mmap.mmap:
        if options.get("access") != mmap.ACCESS_READ and sys.platform == "linux":
            os.posix_fallocate(descriptor, 0, length)
        return mmap.mmap(descriptor, length, **options)

    names = {name: getattr(mmap, name) for name in ("ACCESS_READ", "ACCESS_WRITE")}
    vars(mmap_dict)["mmap"] = SimpleNamespace(
        mmap=mapped, PAGESIZE=mmap.PAGESIZE, **names
    )


def install(app: Flask) -> None:
    """Count each request of an application by method, route and status."""
    _claim_room_first()
    # Not before: the variable of the folder must be set when this is imported.
    from prometheus_client import (  # noqa: PLC0415
        CollectorRegistry,
        Counter,
        Histogram,
    )

    registry = CollectorRegistry()
    requests = Counter(
        "signer_http_requests",
        "Requests answered.",
        ["method", "route", "status"],
        registry=registry,
    )
    seconds = Histogram(
        "signer_http_request_seconds",
        "How long answers took.",
        ["route"],
        buckets=SECONDS,
        registry=registry,
    )
    app.extensions[_KEY] = registry
    context = app.extensions["context"]
    app.extensions["figures"] = Bounded(
        lambda: (
            take_figures(context),
            count_totals(context),
            context.sessions.look_at_writing(),
        )
    )

    @app.after_request
    def count(response: Response) -> Response:
        method = request.method if request.method in METHODS else "other"
        route = access_log.route()
        # A count that finds no room is given up, and never the answer. Once a file
        # could not grow, whatever is counted anew falls outside of it.
        with suppress(OSError, ValueError, IndexError, struct.error):
            requests.labels(method, route, str(response.status_code)).inc()
            if "started" in g:
                seconds.labels(route).observe(perf_counter() - g.started)
        return response


def metrics() -> Response:
    """Return every metric in Prometheus' text format."""
    from prometheus_client import (  # noqa: PLC0415
        CONTENT_TYPE_LATEST,
        CollectorRegistry,
        generate_latest,
    )
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    counted: CollectorRegistry = current_app.extensions[_KEY]
    if os.environ.get(FOLDER_VARIABLE):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call] # it has no types
    record = CollectorRegistry()
    figures, totals, writing = _figures()
    writable = writing is not None and writing.problem is None
    waited = current_app.extensions["context"].sessions.writes.waited()
    record.register(_Record(figures, totals, writable=writable, waited=waited))
    text = generate_latest(record) + generate_latest(counted)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _figures() -> tuple[Figures, Totals, WriteState] | tuple[None, None, None]:
    bounded = cast(
        "Bounded[tuple[Figures, Totals, WriteState]]",
        current_app.extensions["figures"],
    )
    try:
        return bounded.ask(PATIENCE)
    except (NotInTime, SQLAlchemyError, StoreError):
        return None, None, None


class _Record:
    """The figures of the record as metrics; without a database, that alone."""

    def __init__(
        self,
        figures: Figures | None,
        totals: Totals | None,
        *,
        writable: bool,
        waited: float,
    ) -> None:
        self._figures = figures
        self._totals = totals
        self._writable = writable
        self._waited = waited

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        figures, totals = self._figures, self._totals

        def gauge(name: str, help_text: str, value: float | None) -> Metric:
            family = GaugeMetricFamily(f"signer_{name}", help_text)
            if value is not None:
                family.add_metric([], value)
            return family

        yield gauge("database_up", "Whether the database answers.", bool(figures))
        yield gauge("database_writable", "Whether it can be written.", self._writable)
        yield gauge(
            "database_write_waiting_seconds",
            "How long the writer waits who has waited longest in this process.",
            self._waited,
        )
        if figures is None or totals is None:
            return

        def age(since: datetime | None) -> float:
            return (figures.at - since).total_seconds() if since else 0.0

        requests = GaugeMetricFamily(
            "signer_requests", "Requests to sign.", labels=["version", "status"]
        )
        for (version, status), number in totals.requests.items():
            requests.add_metric([str(version), status.value], number)
        yield requests
        mails = GaugeMetricFamily(
            "signer_mails", "Mails of the outbox.", labels=["kind", "delivery"]
        )
        for (kind, delivery), number in totals.mails.items():
            mails.add_metric([kind, delivery.value], number)
        yield mails
        waiting = [figures.untried_since, *figures.deferred[:1]]
        oldest = min((since for since in waiting if since), default=None)
        yield gauge(
            "mail_oldest_waiting_seconds",
            "How long the oldest mail waits that is due or was put off.",
            age(oldest),
        )
        yield gauge("declarations", "Declarations.", totals.declarations)
        yield gauge(
            "declarations_unsealed", "Declarations without a seal.", figures.unsealed
        )
        yield gauge(
            "seal_oldest_waiting_seconds",
            "How long the oldest declaration waits for its seal.",
            age(figures.unsealed_since),
        )
        yield gauge("log_entries", "Entries of the public log.", figures.log_size)
        yield gauge(
            "log_entries_covered",
            "Entries that the newest checkpoint covers.",
            figures.covered,
        )
        yield gauge(
            "checkpoint_timestamp_seconds",
            "When the newest checkpoint was signed, in Unix time.",
            figures.checkpoint_at.timestamp() if figures.checkpoint_at else None,
        )
        beats = GaugeMetricFamily(
            "signer_worker_heartbeat_age_seconds",
            "How long ago any worker's lane gave a sign of life.",
            labels=["lane"],
        )
        for lane, at in figures.heartbeats.items():
            beats.add_metric([lane], age(at))
        yield beats
