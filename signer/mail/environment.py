"""The templates of the mails, ready to speak a language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    pass_eval_context,
    select_autoescape,
)
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from signer.i18n import Language
from signer.mail.inline_styles import DARK, LIGHT, styles
from signer.mail.redline_styles import dressed

TEMPLATES = Path(__file__).parent / "templates"

_LOOK = re.compile(
    r"\{\{ (look\.(?P<part>\w+)|(?P<ground>light|dark)\[\"(?P<colour>[\w-]+)\"\]) \}\}"
)


class _DressedTemplates(FileSystemLoader):
    """Reads templates with the styles written out, which are the same in every mail.

    A mail names a hundred of them. To look each up and escape it for each mail takes a
    sixth of the time in which one is written.

    Args:
        look: the inline styles by the part they dress.
    """

    def __init__(self, look: Mapping[str, str]) -> None:
        super().__init__(TEMPLATES)
        self._look = look

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """The template's text, its file, and whether that is still the same."""
        text, path, is_current = super().get_source(environment, template)
        if template.endswith(".html"):
            text = _LOOK.sub(self._written, text)
        return text, path, is_current

    def _written(self, found: re.Match[str]) -> str:
        if found["part"]:
            return escape(self._look[found["part"]])
        return escape({"light": LIGHT, "dark": DARK}[found["ground"]][found["colour"]])


@cache
def wording(language: Language) -> Environment:
    """The templates in a language: what they say, and which way they run."""
    look = styles(language.direction)
    environment = Environment(
        loader=_DressedTemplates(look),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined] # by i18n
        language.translations, newstyle=True
    )
    link = Markup('<a class="link" href="{0}{1}" style="{2}"><bdi>{1}</bdi></a>')
    environment.filters |= {
        "dressed": dressed,
        "unlinked": unlinked,
        "english": _in_html(language.english),
        "person": _in_html(Markup("<bdi>{}</bdi>").format),
        "mailto": _in_html(lambda it: link.format("mailto:", it, look["a"])),
        "address": _in_html(lambda it: link.format("", it, look["long"])),
    }
    environment.globals |= {
        "look": look,
        "light": LIGHT,
        "dark": DARK,
        "language": language,
        "start": "left" if language.direction == "ltr" else "right",
        "as_english": (
            "" if language.is_english else Markup(' lang="en-GB" dir="ltr"')
        ),
    }
    return environment


# Each with the characters that programs read as the same: those that Unicode's NFKC
# makes the same, and the full stops of UTS 46, by which domains are looked up.
_DOTS = ".\u2024\u3002\ufe52\uff0e\uff61"
_ATS = "@\ufe6b\uff20"
_COLONS = ":\ufe13\ufe55\uff1a"
_SLASHES = r"/\\\ufe68\uff0f\uff3c"

# Whatever follows is part of the same address, be it a letter, an emoji or something
# invisible; what closes a sentence is not.
_GOES_ON = r"(?=[^\s.,;:!?'\"\u2019\u201d\u00bb)\]}\u2026])"

_JOINTS = re.compile(
    # A price, a time or a date; four numbers would be the address of a machine.
    r"(?P<number>(?<![\w.])\d+(?:\.\d+){1,2}(?:[ap]m)?(?!\.?\w))"
    rf"|(?P<at>(?<=\S)[{_ATS}](?=\S))"
    # The start of a web address, or a folder of another machine: \\host\share.
    rf"|(?:(?<=\S)[{_COLONS}])?[{_SLASHES}]{{2,}}(?=\S)"
    # A scheme alone is enough for some: tel:, mailto:, javascript:.
    rf"|(?:(?<=[^\s\d])[{_COLONS}]|(?<=\d)[{_COLONS}](?=\D)){_GOES_ON}"
    # Three dots are an ellipsis.
    rf"|(?<![{_DOTS}]{{2}})[{_DOTS}]{_GOES_ON}"
)


def unlinked(words: str) -> str:
    """Return words from outside, in which no mail program finds an address to link.

    Mail programs make links of whatever looks like one, and staff would press what a
    stranger wrote. Whatever joins the parts of an address is put into brackets.
    Telephone numbers stay, for the office may want to ring.
    """
    return _JOINTS.sub(_bracketed, words)


def _bracketed(joint: re.Match[str]) -> str:
    if joint["number"]:
        return joint[0]
    return "[at]" if joint["at"] else f"[{joint[0]}]"


def _in_html(mark: Callable[[object], str]) -> Callable[[EvalContext, object], str]:
    """A filter that marks its words in HTML, and leaves them alone in plain text."""

    @pass_eval_context
    def marked(context: EvalContext, words: object) -> str:
        return mark(words) if context.autoescape else str(words)

    return marked
