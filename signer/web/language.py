"""Which language the pages speak: English, unless a school has added others.

Nothing guesses. Where there is one language, there is nothing to choose and no cookie
to remember it; where there are more, a parent chooses.
"""

from __future__ import annotations

import re
from functools import cached_property
from gettext import NullTranslations
from typing import cast

from flask import (
    Blueprint,
    Flask,
    current_app,
    g,
    has_request_context,
    redirect,
    request,
)
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import Babel, Domain
from flask_babel import gettext as translated
from markupsafe import Markup

from signer.config import Settings
from signer.i18n import ENGLISH, Language, offered_languages

blueprint = Blueprint("language", __name__)

_KEY = "language"
_AS_ENGLISH = Markup(' lang="en-GB" dir="ltr"')

_OWN_PATH = re.compile(r"/(?:[^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?")
"""A path that no browser takes for the address of another site, as it does where two
slashes of either kind stand first, or would without the control characters."""


class Sentences(Domain):  # type: ignore[misc] # Flask-Babel ships no types
    """The sentences of the language in which the present page is written."""

    def get_translations(self) -> NullTranslations:
        """As Flask-Babel wants them, from files that are read once, at the start."""
        return present().translations


class Tongues(Babel):  # type: ignore[misc] # as above
    """Flask-Babel, with the sentences that the school's folder holds."""

    @cached_property
    def domain_instance(self) -> Sentences:
        """What every lookup uses."""
        return Sentences()


def offered() -> tuple[Language, ...]:
    """The languages that a parent may choose from, the default one first."""
    return cast("tuple[Language, ...]", current_app.extensions["languages"])


def present() -> Language:
    """The language of the present page."""
    if not has_request_context():
        return ENGLISH
    if "language" not in g:
        g.language = _chosen()
    return cast("Language", g.language)


def gettext(sentence: str, **values: object) -> str:
    """A sentence in the language of the present page, with values put in."""
    return str(translated(sentence, **values))


def as_english() -> Markup | str:
    """The attributes of an element in English on a page that may be in another."""
    return "" if present().is_english else _AS_ENGLISH


def install(app: Flask, settings: Settings) -> None:
    """Let templates and forms speak the parent's language.

    Raises:
        SettingsError: the translations cannot be used.
    """
    app.extensions["languages"] = offered_languages(
        settings.languages_dir, settings.language
    )
    Tongues(app, locale_selector=lambda: present().locale)
    app.template_filter("english")(_english)
    app.template_filter("person")(_person)
    app.template_filter("mailto")(_mailto)
    app.context_processor(
        lambda: {
            "language": present(),
            "languages": _choices(),
            "here": request.full_path,
            "as_english": as_english(),
        }
    )
    if len(app.extensions["languages"]) > 1:
        app.register_blueprint(blueprint)


# Without a token: the choice harms nobody, and a page that is the same for everybody
# would need a cookie for it. Under /sign/, since a site in front passes only some
# addresses on to the service.
@blueprint.post("/sign/language")
def choose() -> ResponseReturnValue:
    """Remember a language in this browser, and show the page again in it."""
    code = request.form.get("language", "")
    if code in {one.code for one in offered()}:
        cookie[_KEY] = code
    return redirect(own_path(request.form.get("here", "/")), 303)


def _chosen() -> Language:
    languages = offered()
    if len(languages) == 1:
        # The cookie stays unread, so that public pages may be kept for everybody.
        return languages[0]
    code = cookie.get(_KEY)
    return next((one for one in languages if one.code == code), languages[0])


def _choices() -> tuple[Language, ...]:
    """What to choose from: nothing where there is no choice, or a form is half done."""
    return offered() if len(offered()) > 1 and request.method == "GET" else ()


def own_path(path: str) -> str:
    """A path of this service, whatever was sent."""
    return path if _OWN_PATH.fullmatch(path) else "/"


def _english(words: object) -> Markup:
    """What stays English, such as the policy's title."""
    return present().english(words)


def _person(words: object) -> Markup:
    """A name, address or reference, in whatever direction its letters run."""
    return Markup("<bdi>{}</bdi>").format(words)


def _mailto(address: str) -> Markup:
    return Markup('<a href="mailto:{0}"><bdi>{0}</bdi></a>').format(address)
