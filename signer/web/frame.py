"""What stands around every page: the menu and the foot, as the site has them."""

from __future__ import annotations

from flask_babel import lazy_gettext, lazy_pgettext

MENU = (
    (
        lazy_pgettext("menu", "Read"),
        (
            ("/policy/", lazy_gettext("The code of conduct")),
            ("/changes/", lazy_gettext("What has changed")),
        ),
    ),
    (
        lazy_pgettext("menu", "Sign"),
        (
            ("/how-signing-works/", lazy_gettext("How signing works")),
            ("/link", lazy_gettext("Send me a new link")),
        ),
    ),
    (
        lazy_pgettext("menu", "Check"),
        (
            ("/checking/", lazy_gettext("Checking a declaration")),
            ("/public-log/", lazy_gettext("The public log")),
        ),
    ),
)
"""Groups of pages by what brings people here: a name, and each address with its words.

`mkdocs.yml` has the same groups for the site; a test holds the two together.
"""

FOR_THE_SCHOOL = (
    lazy_pgettext("menu", "For the school"),
    (
        ("/guides/headteacher/", lazy_gettext("Guide for the headteacher")),
        ("/guides/office/", lazy_gettext("Guide for the office")),
        ("/guides/auditors/", lazy_gettext("Guide for auditors")),
        ("/guides/operators/", lazy_gettext("Guide for operators")),
    ),
)
"""The group that stands in the foot alone."""

ASIDE = (
    ("/", lazy_gettext("Home")),
    ("/privacy/", lazy_gettext("Privacy notice")),
    ("/accessibility/", lazy_gettext("Accessibility")),
)
"""What belongs to no group."""
