"""The service as one WSGI application."""

from __future__ import annotations

from types import TracebackType

from flask import Flask, request
from flask_babel import lazy_pgettext
from werkzeug.routing import IntegerConverter, Map, PathConverter

from signer.config import Settings
from signer.config.safe_start import check_secrets
from signer.policy.versions import in_force
from signer.web import (
    access_log,
    assets,
    compare,
    compression,
    csrf,
    demo,
    errors,
    frame,
    language,
    new_link,
    security,
    static_site,
)
from signer.web.contact import views as contact
from signer.web.desk import views as desk
from signer.web.evidence import keys, log, version_pdf
from signer.web.forms.numbers import MOST
from signer.web.operations import doctor, health, mail_webhook, security_txt
from signer.web.session import CookieSessions
from signer.web.signing import finish, landing, steps
from signer.web.verify import views as verify
from signer.workflows.context import AppContext, open_context
from signer.workflows.webhooks.signature import read_secrets

STEPS = (
    lazy_pgettext("step", "Read"),
    lazy_pgettext("step", "Declare"),
    lazy_pgettext("step", "Check"),
    lazy_pgettext("step", "Signed"),
)
"""The journey, as every page of it tells."""


class AnyPath(PathConverter):
    """A path with line ends in it as well: a link is pasted with what stands there."""

    regex = r"[^/](?s:.*?)"


class RowId(IntegerConverter):
    """A number that a row of the database can have: there is no page of a longer one.

    SQLite and PostgreSQL fail on numbers that they have no room for.
    """

    def __init__(
        self,
        map: Map,  # noqa: A002 - as above
        fixed_digits: int = 0,
        min: int | None = None,  # noqa: A002 - as above
        max: int | None = MOST,  # noqa: A002 - as above
        signed: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> None:
        super().__init__(map, fixed_digits, min, max, signed)


class Service(Flask):
    """Flask, except that its log names routes: a path may hold a token."""

    def log_exception(
        self,
        exc_info: (
            tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]
        ),
    ) -> None:
        """Log an unexpected error with its route."""
        self.logger.error(
            "Exception on %s [%s]",
            access_log.route(),
            request.method,
            exc_info=exc_info,
        )


def create_app(settings: Settings, context: AppContext | None = None) -> Flask:
    """The service, ready to be served.

    Args:
        settings: what the operator has set.
        context: what the workflows need; opened from the settings by default.

    Raises:
        SettingsError: a secret is missing or too short.
        StoreError: the database cannot be used; from opening the context.
    """
    check_secrets(settings)
    # No folder is served by itself: `look` serves the styles.
    app = Service("signer.web", static_folder=None)
    app.url_map.converters |= {"path": AnyPath, "int": RowId}
    app.session_interface = CookieSessions()
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions["settings"] = settings
    app.extensions["context"] = context = context or open_context(settings)
    app.context_processor(
        lambda: {
            "school": settings.school_name,
            "motto": in_force(context.versions).motto,
            "office_email": settings.office_email,
            "office_phone": settings.office_phone,
            "office_tel": settings.office_tel,
            "demo": settings.demo,
            "steps": STEPS,
            "menu": frame.MENU,
            "all_pages": (*frame.MENU, frame.FOR_THE_SCHOOL),
            "aside": frame.ASIDE,
        }
    )
    access_log.install(app)
    compression.install(app)
    security.install(app, settings)
    csrf.install(app)
    language.install(app, settings)
    errors.install(app)
    health.install(app)
    verify.install(app)
    for room in (
        health,
        doctor,
        assets,
        landing,
        steps,
        finish,
        contact,
        new_link,
        compare,
        keys,
        log,
        verify,
        version_pdf,
        security_txt,
        desk,
    ):
        app.register_blueprint(room.blueprint)
    if settings.mail_events_secrets:
        read_secrets(settings.mail_events_secrets, mail_webhook.KEY)
        app.register_blueprint(mail_webhook.blueprint)
    if settings.demo:
        app.register_blueprint(demo.blueprint)
    if settings.site_dir:
        app.register_blueprint(static_site.blueprint_for(settings.site_dir))
    return app
