"""What would lie open, or reach nobody, does not start; each setting is named."""

from __future__ import annotations

import pytest

from signer.config import Settings, load
from signer.config.safe_start import check_bind, check_safe_start, check_secrets
from signer.errors import SettingsError
from tests.config.refusal import SECRET

MAIL = {"SIGNER_MAIL_URL": "smtp://mail.school.example"}
PUBLIC = MAIL | {"SIGNER_BASE_URL": "https://policies.school.example"}


def refused_start(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        check_safe_start(load(environ))
    return caught.value.key


@pytest.mark.parametrize(
    ("secrets", "problem"),
    [
        ((), "is missing"),
        ((SECRET, "short"), "fewer than 32 characters"),
        ((SECRET, "a" * 64), "different characters"),
        (("0123" * 16,), "different characters"),
        (("change" * 8, SECRET), "different characters"),
    ],
)
def test_serving_needs_secrets_that_keep_something_secret(
    secrets: tuple[str, ...], problem: str
) -> None:
    """None, or one that is short or soon guessed among others, is refused by name."""
    with pytest.raises(SettingsError, match=problem) as caught:
        check_secrets(Settings(secret_keys=secrets))
    assert caught.value.key == "SIGNER_SECRET_KEYS"
    assert not any(secret in str(caught.value) for secret in secrets)


@pytest.mark.parametrize("name", ["proxy_secret", "health_token"])
@pytest.mark.parametrize("secret", ["x" * 32, SECRET[:31]])
def test_every_secret_is_judged_alike(name: str, secret: str) -> None:
    """That of the proxy and that of the health pages may be missing, but not weak."""
    key = f"SIGNER_{name.upper()}"
    for given in ("", SECRET):
        check_secrets(load({"SIGNER_SECRET_KEYS": SECRET, key: given}))
    with pytest.raises(SettingsError) as caught:
        check_secrets(load({"SIGNER_SECRET_KEYS": SECRET, key: secret}))
    assert caught.value.key == key


@pytest.mark.parametrize(
    "secret", ["0123456789abcdef" * 2, "3b1f0c7d9a3b1f0c7d9a3b1f0c7d9a3b"]
)
def test_digits_of_a_machine_do(secret: str) -> None:
    """What `openssl rand -hex 16` prints is a secret."""
    check_secrets(Settings(secret_keys=(secret,)))


@pytest.mark.parametrize(
    "base_url",
    [
        "https://policies.school.example",
        "http://127.0.0.1.school.example",
        "http://10.0.0.7:8000",
        "http://0.0.0.0:8000",
    ],
)
def test_the_demo_stays_on_this_machine(base_url: str) -> None:
    """It shows everybody's mail to anybody."""
    given = {"SIGNER_DEMO": "true", "SIGNER_BASE_URL": base_url}
    assert refused_start(**given, **MAIL) == "SIGNER_DEMO"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SIGNER_ORIGIN", "https://signer.school.example"),
        ("SIGNER_PROXY_HOPS", "1"),
        ("SIGNER_PROXY_SECRET", "0123456789abcdef" * 2),
    ],
)
def test_the_demo_answers_nobody_by_another_way(key: str, value: str) -> None:
    """Neither by the service's own address, nor through a proxy."""
    assert refused_start(SIGNER_DEMO="1", **{key: value}) == "SIGNER_DEMO"


@pytest.mark.parametrize(
    ("bind", "refuses"),
    [
        ("0.0.0.0:8000", True),
        ("[::]:8000", True),
        (":8000", True),
        ("10.0.0.7:8000", True),
        ("127.0.0.1:8000", False),
        ("localhost:8000", False),
        ("[::1]:8000", False),
    ],
)
def test_the_demo_listens_on_this_machine_alone(bind: str, *, refuses: bool) -> None:
    """A false Host header would read it otherwise."""
    check_bind(load(PUBLIC), bind)
    demo = load({"SIGNER_DEMO": "1"})
    if refuses:
        with pytest.raises(SettingsError) as error:
            check_bind(demo, bind)
        assert error.value.key == "SIGNER_DEMO"
    else:
        check_bind(demo, bind)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "LOCALHOST", "[::1]:8000"])
def test_a_machine_of_ones_own_needs_no_encryption(host: str) -> None:
    """The demo runs there, and so does a rehearsal."""
    check_safe_start(load({"SIGNER_BASE_URL": f"http://{host}", "SIGNER_DEMO": "1"}))
    check_safe_start(load({"SIGNER_BASE_URL": f"http://{host}", **MAIL}))
    check_safe_start(load({"SIGNER_ORIGIN": f"http://{host}", **PUBLIC}))


@pytest.mark.parametrize("key", ["SIGNER_BASE_URL", "SIGNER_ORIGIN"])
@pytest.mark.parametrize("host", ["policies.school.example", "signer_web:8000"])
def test_links_never_travel_in_the_open(key: str, host: str) -> None:
    """Each link signs in a parent's name."""
    assert refused_start(**PUBLIC | {key: f"http://{host}"}) == key
    check_safe_start(load(PUBLIC | {key: f"https://{host}"}))


def test_mail_has_somewhere_to_go() -> None:
    """Only the demo writes it where nobody asked for it."""
    assert refused_start(SIGNER_SITE_DIR="/srv/site") == "SIGNER_MAIL_URL"
    check_safe_start(load({"SIGNER_MAIL_URL": "folder:/srv/mail"}))
    check_safe_start(load({"SIGNER_DEMO": "true"}))
