"""What holds for every answer."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from flask import Flask, request

from signer.errors import SettingsError
from signer.site.host_files import SERVICE_PATHS
from signer.web import create_app
from signer.web.security import refusal_headers
from tests.web.browsing import GIVEN, Browser, document_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.web.browsing import Page
    from tests.workflows.conftest import Post

PUBLIC = "https://policies.school.example"


@pytest.fixture
def behind(settings: Settings, app_context: AppContext, post: Post) -> Flask:
    """The service behind one proxy, at a public HTTPS address."""
    del post
    return create_app(replace(settings, base_url=PUBLIC, proxy_hops=1), app_context)


def through_proxy(**headers: str) -> dict[str, dict[str, str]]:
    """What a proxy adds to a request from the public address."""
    given = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": PUBLIC[8:], **headers}
    return {"headers": given}


def test_every_answer_carries_the_headers(
    visitor: Browser, check: Callable[[str], Page], post: Post
) -> None:
    """Pages, forms, errors, styles and fonts alike."""
    page = check("Amira Khan")
    paths = [
        f"/s/{post.token('Amira Khan')}",
        page.path.replace("check", "read"),
        page.path.replace("check", "question"),
        "/s/nonsense",
        "/sign/nonsense/read",
        "/link",
        "/link/sent",
        "/nowhere",
        "/healthz",
        "/readyz",
        "/look/tokens.css",
        "/look/fonts/atkinson-regular.woff2",
    ]
    for path in paths:
        headers = visitor.open(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; "), path
        assert "unsafe" not in policy
        assert "script" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        token = path.startswith("/s/")
        assert headers["Referrer-Policy"] == (
            "strict-origin" if token else "same-origin"
        ), path
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "noindex" in headers["X-Robots-Tag"]
        assert "Strict-Transport-Security" not in headers
        if not path.startswith("/look/"):
            private = path.startswith("/sign/")
            kept = "no-store" if private else "private, no-cache"
            assert headers["Cache-Control"] == kept, path


def test_the_servers_own_answers_carry_them_too(settings: Settings) -> None:
    """What it gives to whatever is no request, at an address with HTTPS or without."""
    plain = refusal_headers(settings)
    assert plain["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert plain["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in plain
    secure = refusal_headers(replace(settings, base_url=PUBLIC))
    assert secure["Strict-Transport-Security"] == "max-age=31536000"


def test_no_page_needs_what_the_policy_forbids(
    visitor: Browser, check: Callable[[str], Page], post: Post
) -> None:
    """No script, no style in the page, nothing from another host."""
    page = check("Amira Khan")
    pages = [
        visitor.open(f"/s/{post.token('Amira Khan')}"),
        visitor.open(page.path.replace("check", "read")),
        page,
        visitor.press(page, "Sign the code of conduct"),
        visitor.open("/link"),
        visitor.open("/nowhere"),
    ]
    for one in pages:
        assert one.tree.xpath("//script | //style | //@style | //@onclick") == []
        for address in one.tree.xpath("//link/@href | //img/@src | //form/@action"):
            assert re.match(r"/(?!/)|data:", address), address


def test_every_address_is_one_that_the_site_passes_on(app: Flask) -> None:
    """What parents need is under the paths that a proxying site knows."""
    known = [path.removesuffix("*") for path in SERVICE_PATHS] + ["/look/"]
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("health."):
            assert any(rule.rule.startswith(path) for path in known), rule.rule


def test_https_hardens_the_cookie_and_the_transport(behind: Flask, post: Post) -> None:
    """Over HTTPS the cookie is bound to this host, and browsers stay on HTTPS."""
    answer = behind.test_client().get(
        f"/s/{post.token('Amira Khan')}", **through_proxy()
    )
    assert answer.status_code == 200
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-signer=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_without_https_the_cookie_still_works(visitor: Browser, post: Post) -> None:
    """On a machine of one's own there is no HTTPS, and no such prefix."""
    answer = visitor.client.get(
        f"/s/{post.token('Amira Khan')}", base_url=visitor.address
    )
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("signer=")
    assert "HttpOnly" in cookie
    assert "Secure" not in cookie


def test_a_cookie_ends_with_the_browser(
    visitor: Browser, post: Post, settings: Settings
) -> None:
    """Another person at the same device finds nothing; nobody has to hurry."""
    path = f"/s/{post.token('Amira Khan')}"
    token = visitor.open(path).value("csrf_token")
    answer = visitor.client.post(
        path, data={"csrf_token": token}, base_url=visitor.address
    )
    assert answer.status_code == 303
    for lasting in ("Expires=", "Max-Age="):
        assert lasting not in answer.headers["Set-Cookie"]
    assert settings.session_hours >= 20


def test_a_link_opens_behind_a_proxy(behind: Flask, post: Post) -> None:
    """The proxy's host and scheme count, whatever host the service has itself."""
    client = behind.test_client(use_cookies=False)
    path = f"/s/{post.token('Amira Khan')}"
    inner = "http://origin.internal:8000"
    answer = client.get(path, base_url=inner, **through_proxy())
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert csrf is not None
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    answer = client.post(
        path,
        data={"csrf_token": csrf[1]},
        base_url=inner,
        **through_proxy(Cookie=cookie, Origin=PUBLIC, Referer=PUBLIC + path),
    )
    assert answer.status_code == 303
    assert re.fullmatch(r"/sign/[^/]+/read", answer.headers["Location"])


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "https"},
        {},
    ],
)
def test_other_hosts_are_refused_behind_a_proxy(
    behind: Flask, headers: dict[str, str]
) -> None:
    """A host that is not the public one gets a plain page, and no link with it."""
    answer = behind.test_client().get(
        "/link", headers=headers, base_url="http://origin.internal"
    )
    assert answer.status_code == 400
    assert "This is not our address" in answer.text
    assert 'href="https://policies.school.example/link"' in answer.text


def test_without_a_proxy_its_headers_mean_nothing(app: Flask) -> None:
    """Nobody can name a host or scheme for the service."""
    answer = app.test_client().get(
        "/link",
        base_url="http://127.0.0.1:8000",
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    )
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("http://127.0.0.1:8000", 200),
        ("http://localhost:8000", 200),
        ("http://[::1]:8000", 200),
        ("http://127.0.0.1:9000", 400),
        ("http://evil.example", 400),
        ("http://127.0.0.1.evil.example:8000", 400),
    ],
)
def test_only_our_own_host_is_answered(app: Flask, address: str, status: int) -> None:
    """The machine's own names count as one; every other is refused."""
    assert app.test_client().get("/link", base_url=address).status_code == status


def test_health_is_told_at_any_host(app: Flask) -> None:
    """Whoever watches over the machine knows it by its number."""
    answer = app.test_client().get("/healthz", base_url="http://10.1.2.3:8000")
    assert answer.json == {"status": "alive"}


def test_a_body_that_is_too_large_is_explained(visitor: Browser) -> None:
    """Nothing of it is read; the page says what to do."""
    page = visitor.post("/link", {"email": "x" * 70_000})
    assert (page.status, page.heading) == (413, "That is too much text")


def test_a_form_of_too_many_parts_is_explained(visitor: Browser) -> None:
    """As a body that is too large."""
    fields = {f"field{place}": "x" for place in range(101)}
    page = visitor.post("/link", fields, content_type="multipart/form-data")
    assert page.status == 413


def test_a_secret_is_needed(settings: Settings, app_context: AppContext) -> None:
    """The service does not start without one, or with a short one."""
    for keys in ((), ("short",)):
        with pytest.raises(SettingsError, match="SIGNER_SECRET_KEYS"):
            create_app(replace(settings, secret_keys=keys), app_context)


def test_the_house_is_opened_from_the_settings(settings: Settings) -> None:
    """Without a context of the caller's, the service opens its own."""
    app = create_app(settings)
    assert Browser(app).open("/link").status == 200
    app.extensions["context"].sessions.close()


def test_a_database_that_is_gone_is_not_ready(
    visitor: Browser, settings: Settings, tmp_path: Path
) -> None:
    """The process is alive, and says that it cannot serve."""
    app_context = visitor.client.application.extensions["context"]
    app_context.sessions.close()
    assert settings.database.startswith("sqlite:///")
    (tmp_path / "signer.sqlite3").write_bytes(b"this is no database at all" * 100)
    answer = visitor.client.get("/readyz", base_url=visitor.address)
    assert answer.status_code == 503
    assert "database" in [one["kind"] for one in document_of(answer)["findings"]]
    assert visitor.open("/healthz").status == 200


def test_the_answers_stay_out_of_the_address(
    app: Flask, visitor: Browser, check: Callable[[str], Page]
) -> None:
    """No address on the way holds a name, an address or a child."""
    seen: list[str] = []
    app.before_request_funcs.setdefault(None, []).append(
        lambda: seen.append(request.full_path)
    )
    visitor.press(check("Amira Khan"), "Sign the code of conduct")
    assert len(seen) >= 7
    for path in seen:
        for personal in (GIVEN["typed_name"], "Amira", "Khan", "Mother", "%40"):
            assert str(personal) not in path
