"""The worker notices a release by itself, and asks once it is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from signer.errors import PolicyError, VersionTampered
from signer.register.rows import read_register
from signer.store.columns import Status
from signer.store.tables import Outbox, PinnedVersion, Request
from signer.workflows.campaigns import ask as campaign
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.start_on_release import follow_releases
from signer.workflows.context import open_context
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import look_up_link
from signer.workflows.requests.reissue_link import reissue_links
from tests.conftest import PEOPLE
from tests.web.releases import release_edit
from tests.workflows.conftest import Post, sign, snapshot, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The service is the site: publishing is copying a file."""
    (tmp_path / "site" / "versions").mkdir(parents=True)
    return replace(settings, site_dir=tmp_path / "site")


@pytest.fixture
def running(settings: Settings, asked: Post, frozen: object) -> Iterator[AppContext]:
    """A worker that runs since everybody was asked for version 2."""
    app_context = open_context(settings)
    yield app_context
    app_context.sessions.close()


def release(app_context: AppContext) -> int:
    folder = app_context.settings.versions_dir
    return release_edit(folder, "must not take", "must never take", "A word changed.")


def publish(app_context: AppContext, number: int) -> None:
    assert app_context.settings.site_dir
    source = (app_context.settings.versions_dir / f"{number}.md").read_bytes()
    (app_context.settings.site_dir / "versions" / f"{number}.md").write_bytes(source)


def asked_for(app_context: AppContext) -> list[int]:
    with app_context.sessions.reading() as session:
        return sorted(session.scalars(select(Request.version_number)))


def alarms(app_context: AppContext, post: Post) -> list[str]:
    post.send()
    return [words(one) for one in post.mails() if "head@" in str(one["To"])]


def test_nothing_new_is_nothing_to_do(running: AppContext) -> None:
    """A sweep without a release changes nothing in any table."""
    before = snapshot(running)
    assert follow_releases(running) is None
    assert snapshot(running) == before


def test_the_first_campaign_is_opened_by_a_person(settings: Settings) -> None:
    """Before anybody was ever asked, the worker asks nobody."""
    app_context = open_context(settings)
    import_register(app_context, read_register(PEOPLE.encode()))
    publish(app_context, 2)
    assert follow_releases(app_context) is None
    assert asked_for(app_context) == []
    app_context.sessions.close()


@pytest.mark.parametrize("asks", [False, True], ids=["by hand", "by itself"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_new_parents_are_asked_where_a_setting_says_so(
    settings: Settings, asked: Post, frozen: Callable[[timedelta], None], *, asks: bool
) -> None:
    """Who joined or came back, once; the first campaign of all stays a person's."""
    app_context = open_context(replace(settings, ask_new_parents=asks))
    publish(app_context, 2)
    assert follow_releases(app_context) is None
    frozen(timedelta(days=1))
    new = "Ann Lee,ann@example.org,mother,Bo Lee,Year 1\n"
    fewer = PEOPLE.rsplit("王小明", 1)[0]
    import_register(app_context, read_register(fewer.encode()), leavers=True, leaving=1)
    import_register(app_context, read_register((PEOPLE + new).encode()))
    done = follow_releases(app_context)
    assert (done.newly if done else 0) == (2 if asks else 0)
    assert follow_releases(app_context) is None
    asked.send()
    assert len(asked.to("Ann Lee")) == int(asks)
    assert len(asked.to("王小明")) == 1 + int(asks)
    app_context.sessions.close()


def test_nobody_is_asked_before_it_is_published(
    running: AppContext, asked: Post
) -> None:
    """A release that the public cannot read waits; every sweep looks again."""
    number = release(running)
    for _ in range(3):
        assert follow_releases(running) is None
    assert asked_for(running) == [2] * 4
    assert alarms(running, asked) == [], "not for a while"
    publish(running, number)
    done = follow_releases(running)
    assert done is not None
    assert (done.version.number, done.newly) == (3, 4)
    assert asked_for(running) == [2] * 4 + [3] * 4
    assert asked.send() == 4
    assert follow_releases(running) is None


def test_the_head_hears_of_a_site_that_stays_as_it_was(
    running: AppContext, asked: Post, frozen: Callable[[timedelta], None]
) -> None:
    """After an hour, once a day, and not when it was published meanwhile."""
    number = release(running)
    follow_releases(running)
    frozen(timedelta(hours=2))
    (alarm,) = alarms(running, asked)
    assert "is not on the website yet" in " ".join(alarm.split())
    follow_releases(running)
    assert len(alarms(running, asked)) == 1
    frozen(timedelta(days=1))
    follow_releases(running)
    publish(running, number)
    follow_releases(running)
    frozen(timedelta(hours=2))
    assert len(alarms(running, asked)) == 1


def test_another_text_on_the_site_is_an_alarm(running: AppContext, asked: Post) -> None:
    """Nobody is asked, and the head hears of it at once, once a day."""
    number = release(running)
    publish(running, number)
    assert running.settings.site_dir
    path = running.settings.site_dir / "versions" / "3.md"
    path.write_bytes(path.read_bytes().replace(b"never", b"always"))
    for _ in range(3):
        assert follow_releases(running) is None
    assert asked_for(running) == [2] * 4
    (alarm,) = alarms(running, asked)
    assert "shows a different text for version 3" in " ".join(alarm.split())
    publish(running, number)
    assert follow_releases(running) is not None


@pytest.mark.parametrize("spoil", ["changed", "missing", "broken"])
def test_a_spoilt_file_stops_nothing_and_is_told(
    running: AppContext, asked: Post, spoil: str
) -> None:
    """The worker runs on with what it holds, asks for nothing new, and alarms."""
    number = release(running)
    publish(running, number)
    path = running.settings.versions_dir / "2.md"
    kept = path.read_bytes()
    if spoil == "changed":
        path.write_bytes(kept.replace(b"must not", b"may", 1))
    elif spoil == "broken":
        path.write_bytes(b"\xff")
    else:
        path.unlink()
    for _ in range(3):
        assert follow_releases(running) is None
    assert asked_for(running) == [2] * 4
    assert running.version(2).source == kept
    assert len(alarms(running, asked)) == 1
    with pytest.raises((VersionTampered, PolicyError)):
        open_context(running.settings)
    path.write_bytes(kept)
    assert follow_releases(running) is not None


def test_the_alarm_is_dropped_once_the_file_is_back(
    running: AppContext, asked: Post
) -> None:
    """A mail about what was mended before it went out helps nobody."""
    path = running.settings.versions_dir / "2.md"
    kept = path.read_bytes()
    path.unlink()
    follow_releases(running)
    path.write_bytes(kept)
    assert alarms(running, asked) == []


def test_an_interrupted_campaign_is_finished(
    running: AppContext, asked: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a worker left undone the next sweep does; nobody is asked twice."""
    publish(running, release(running))
    monkeypatch.setattr(campaign, "BATCH", 1)
    batch = campaign._ask_batch  # noqa: SLF001 - where it is to die
    done: list[int] = []

    def dies(*given: Any, **named: Any) -> object:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(1)
        return batch(*given, **named)

    with monkeypatch.context() as death, pytest.raises(KeyboardInterrupt):
        death.setattr(campaign, "_ask_batch", dies)
        follow_releases(running)
    assert asked_for(running) == [2] * 4 + [3] * 2
    fresh = open_context(running.settings)
    finished = follow_releases(fresh)
    assert finished is not None
    assert (finished.before, finished.newly) == (2, 2)
    assert asked_for(running) == [2] * 4 + [3] * 4
    with running.sessions.reading() as session:
        assert session.scalar(select(func.count()).select_from(Outbox)) == 8
    fresh.sessions.close()


def test_who_joins_later_is_asked_by_a_person(
    running: AppContext, frozen: Callable[[timedelta], None]
) -> None:
    """An import asks nobody by itself: the office looks first, then asks."""
    frozen(timedelta(minutes=5))
    newcomer = "New Parent,new@example.org,mother,New Child,Year 7\n"
    import_register(running, read_register((PEOPLE + newcomer).encode()))
    assert follow_releases(running) is None
    assert ask_parents(running).newly == 1


def test_open_requests_are_superseded_and_signed_ones_stay(
    running: AppContext, amira: Followed, asked: Post
) -> None:
    """The old links lead on; whoever signed keeps the receipt and is asked again."""
    token = asked.token("Tom O'Brien")
    sign(running, amira)
    own = asked.token("Amira Khan")
    publish(running, release(running))
    follow_releases(running)
    tom = look_up_link(running, token)
    assert (tom.state, tom.newest and tom.newest.number) == (LinkState.SUPERSEDED, 3)
    signed = look_up_link(running, own)
    assert (signed.state, signed.newest and signed.newest.number) == (
        LinkState.SIGNED,
        3,
    )
    assert signed.newest_ref != signed.request_ref


def test_no_mail_goes_out_for_a_superseded_version(
    running: AppContext, asked: Post
) -> None:
    """What still waited for version 2 is dropped; each parent gets one mail, for 3."""
    reissue_links(running, "amira@example.org")
    publish(running, release(running))
    follow_releases(running)
    before = len(asked.mails())
    assert asked.send() == 4
    assert all("version 3" in words(one) for one in asked.mails()[before:])


def test_another_process_reads_the_new_version_when_it_is_wanted(
    running: AppContext, app_context: AppContext, asked: Post
) -> None:
    """A web process that began before the release shows the new text."""
    publish(running, release(running))
    follow_releases(running)
    assert [one.number for one in app_context.versions] == [2]
    followed = look_up_link(app_context, asked.token("Amira Khan"))
    assert followed.newest
    assert followed.newest.number == 3
    assert [one.number for one in app_context.versions] == [2, 3]


def test_an_older_folder_asks_for_no_older_version(
    running: AppContext, app_context: AppContext
) -> None:
    """A machine that has not got version 3 never supersedes with version 2."""
    number = release(running)
    publish(running, number)
    follow_releases(running)
    (running.settings.versions_dir / "3.md").unlink()
    before = snapshot(running)
    with pytest.raises(VersionTampered):
        ask_parents(app_context)
    with pytest.raises(VersionTampered):
        ask_parents(app_context, app_context.versions[0])
    assert snapshot(running) == before


def test_a_number_has_one_text(running: AppContext, app_context: AppContext) -> None:
    """Another file under a number that is pinned is refused, whoever brings it."""
    publish(running, release(running))
    follow_releases(running)
    app_context.reload_versions()
    other = replace(app_context.versions[-1], sha256="3" * 64)
    app_context.versions = (*app_context.versions[:-1], other)
    with pytest.raises(VersionTampered):
        ask_parents(app_context, other)
    with running.sessions.reading() as session:
        assert session.get_one(PinnedVersion, 3).sha256 != other.sha256


def test_a_release_in_the_middle_of_a_campaign_leaves_nothing_open(
    settings: Settings, app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older campaign stops, and what it had asked is superseded."""
    monkeypatch.setattr(campaign, "BATCH", 2)
    others: list[int] = []

    def meanwhile(_done: int, _all: int) -> None:
        if not others:
            others.append(release(app_context))
            newer = open_context(settings)
            ask_parents(newer)
            newer.sessions.close()

    ask_parents(app_context, app_context.versions[-1], progress=meanwhile)
    with app_context.sessions.reading() as session:
        found = session.execute(select(Request.version_number, Request.status)).all()
    assert sorted((number, status.value) for number, status in found) == [
        *[(2, "superseded")] * 2,
        *[(3, "pending")] * 4,
    ]


def test_the_sweep_closes_what_an_older_campaign_left_open(
    running: AppContext, asked: Post
) -> None:
    """A batch that was under way when the newer version came is superseded later."""
    publish(running, release(running))
    follow_releases(running)
    with running.sessions.writing() as session:
        left = session.scalars(select(Request).where(Request.version_number == 2))
        for request in left:
            request.status, request.closed_at = Status.PENDING, None
    follow_releases(running)
    with running.sessions.reading() as session:
        older = session.scalars(
            select(Request.status).where(Request.version_number == 2)
        )
        assert set(older) == {Status.SUPERSEDED}
