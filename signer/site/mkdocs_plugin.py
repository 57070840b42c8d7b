"""The MkDocs plugin: a thin coat over `signer.policy`, and the site's way to it."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import Literal

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

from signer import clock
from signer.config import load
from signer.errors import PolicyError, SettingsError
from signer.policy.change_log import change_log
from signer.policy.reviews import read_reviews
from signer.policy.versions import SUMS, read_versions
from signer.site.assets import fingerprinted, never_changes, one_sheet
from signer.site.checkpoint import PUBLISHED, read_checkpoint
from signer.site.feed import FEED, feed
from signer.site.host_files import content_security_policy, headers_file, redirects_file
from signer.site.pages import pages, raw_files
from signer.site.pages.contact import contact_of
from signer.site.pages.draft import DRAFT, draft_page, is_draft
from signer.site.pages.image_sizes import with_sizes
from signer.site.pages.margin_marks import mark_changes
from signer.site.pages.narrow_tables import with_labels
from signer.site.pages.placeholders import fill_placeholders
from signer.site.pages.print_css import print_sheet, print_sheet_path
from signer.site.pages.site_content import SiteContent
from signer.site.pages.without_service import without_service

LOOK = Path(__file__).parents[1] / "theme"
"""The style sheets and the fonts that the site shares with the service."""

log = get_plugin_logger(__name__)


STATED = (
    "SIGNER_RETENTION_",
    "SIGNER_SESSION_HOURS",
    "SIGNER_OFFICE_",
    "SIGNER_SOURCE_URL",
)
"""What the settings begin with that pages state: the privacy notice its periods, and
every page whom to ask."""

PREVIEWS = frozenset({"deploy-preview", "branch-deploy"})
"""Netlify's contexts that are not the site which parents see."""


class PolicyOptions(Config):  # type: ignore[no-untyped-call]  # as MkDocs has it
    """What ``mkdocs.yml`` may set."""

    versions_dir = config_options.Dir(exists=True, default="versions")
    """The folder of the released versions."""

    draft = config_options.Type(bool, default=False)
    """Show the draft in a built site too, for a preview before the release."""

    origin = config_options.Type(str, default="")
    """The service's own address, to which the host passes the service's paths on."""

    service = config_options.Type(str, default="")
    """Anything at all where the service answers at the site's address, so that pages
    may link to what it makes."""

    signed = config_options.Type(str, default="")
    """Anything at all where the host is to sign what it passes on."""

    context = config_options.Type(str, default="")
    """What the host builds. A preview is built without the service, whatever else is
    set: its forms would reach real parents' records."""


class PolicyPlugin(BasePlugin[PolicyOptions]):  # type: ignore[no-untyped-call]
    """Adds the pages of the released versions, their files and the host's files."""

    def __init__(self) -> None:
        self._edition = SiteContent(())
        self._serving = False

    def on_startup(
        self,
        *,
        command: Literal["build", "gh-deploy", "serve"],
        dirty: bool,  # noqa: ARG002 - MkDocs passes it by name
    ) -> None:
        """Note whether the author is looking at the site at home."""
        self._serving = command == "serve"

    def on_config(self, config: MkDocsConfig, /) -> MkDocsConfig:
        """Leave the service out of previews; where it has an origin, it answers."""
        self.config.service = self.config.service or self.config.origin
        if self.config.context in PREVIEWS:
            self.config.origin = self.config.service = ""
        return config

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Add what is generated; leave the draft out unless it is to be seen."""
        draft = files.get_file_from_path(DRAFT)
        if draft and not (self._serving or self.config.draft):
            files.remove(draft)
            draft = None
        try:
            self._edition = self._read(draft)
            generated: dict[str, str | bytes] = {**pages(self._edition)}
            generated[FEED] = self._feed(config)
            for version in self._edition.versions:
                sheet = print_sheet(version, config.site_url or "")
                generated[print_sheet_path(version)] = sheet
        except (PolicyError, SettingsError) as error:
            raise PluginError(str(error)) from error
        for path, content in generated.items():
            files.append(File.generated(config, path, content=content))
        for source in sorted(LOOK.glob("**/*.*")):
            path = f"look/{source.relative_to(LOOK).as_posix()}"
            files.append(File.generated(config, path, abs_src_path=str(source)))
        _join_styles(files, config)
        _mark_scripts(files, config)
        config.extra["contact"] = contact_of(self._edition)
        return files

    def _read(self, draft: File | None) -> SiteContent:
        folder = Path(self.config.versions_dir)
        return SiteContent(
            versions=read_versions(folder),
            reviews=read_reviews(folder),
            month=f"{clock.now().astimezone(clock.SCHOOL_ZONE):%Y-%m}",
            draft=draft.content_string if draft else None,
            checkpoint=read_checkpoint(folder),
            service=bool(self.config.service),
            settings=load(stated := _stated()),
            office_known="SIGNER_OFFICE_EMAIL" in stated,
        )

    def _feed(self, config: MkDocsConfig) -> bytes:
        edition = self._edition
        changes = change_log(edition.versions, edition.reviews)
        return feed(changes, edition.versions, config.site_url or "")

    def on_page_markdown(
        self, markdown: str, /, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Fill in what a hand-written page leaves to the versions."""
        del config, files
        if page.file.src_uri == DRAFT:
            page.meta["robots"] = "noindex"
            return draft_page(markdown, self._edition)
        if shown := self._edition.version_at(page.file.src_uri):
            page.meta["print_sheet"] = print_sheet_path(shown)
        root = "../" * page.url.count("/")
        try:
            return fill_placeholders(markdown, self._edition, root)
        except PolicyError as error:
            raise PluginError(f"{page.file.src_uri}: {error}") from error

    def on_page_content(
        self, html: str, /, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Mark what a version's release changed, and fit the page to this build."""
        del config
        shown = self._edition.version_at(page.file.src_uri)
        older = self._edition.before(shown) if shown else None
        if shown and older:
            html = mark_changes(html, older, shown)

        def read(address: str) -> bytes | None:
            path = posixpath.normpath(posixpath.join(page.file.dest_uri, "..", address))
            found = files.get_file_from_path(path)
            return found.content_bytes if found else None

        html = with_labels(with_sizes(html, read))
        return html if self._edition.service else without_service(html)

    def on_template_context(
        self,
        context: TemplateContext,
        /,
        *,
        template_name: str,
        config: MkDocsConfig,
    ) -> TemplateContext:
        """Leave the draft out of the site map, and what leads to another page."""
        del config
        if template_name == "sitemap.xml":
            context["pages"] = [
                one
                for one in context["pages"]
                if not is_draft(one.src_uri)
                and not (one.page and "moved_to" in one.page.meta)
            ]
        return context

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Put the released files beside their pages, and write the host's files."""
        site = Path(config.site_dir)
        for path, content in raw_files(self._edition.versions).items():
            # Not through MkDocs, which takes every .md file for a page.
            (site / path).write_bytes(content)
        plain = []
        sums = Path(self.config.versions_dir) / SUMS
        if sums.exists():
            (site / "versions" / SUMS).write_bytes(sums.read_bytes())
            plain.append(f"/versions/{SUMS}")
        if self._edition.checkpoint is not None:
            # Not through MkDocs, which would make its line ends those of this machine.
            (site / PUBLISHED).parent.mkdir(exist_ok=True)
            (site / PUBLISHED).write_bytes(self._edition.checkpoint.encode())
            plain.append(f"/{PUBLISHED}")
        built = (page.read_text(encoding="utf-8") for page in site.rglob("*.html"))
        policy = content_security_policy(built)
        names = (path.relative_to(site).as_posix() for path in site.rglob("*.*"))
        lasting = sorted(f"/{name}" for name in names if never_changes(name))
        rules = headers_file(policy, lasting, plain)
        (site / "_headers").write_text(rules, encoding="utf-8")
        if not self.config.origin:
            log.info("SIGNER_ORIGIN is not set: the site passes no paths on")
            return
        try:
            redirects = redirects_file(
                self.config.origin, signed=bool(self.config.signed)
            )
        except PolicyError as error:
            raise PluginError(str(error)) from error
        (site / "_redirects").write_text(redirects, encoding="utf-8")

    def on_serve(
        self,
        server: LiveReloadServer,
        /,
        *,
        config: MkDocsConfig,
        builder: object,
    ) -> LiveReloadServer:
        """Build again when a version is released or reviewed."""
        del config, builder
        server.watch(self.config.versions_dir)
        return server


def _stated() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k.startswith(STATED)}


def _join_styles(files: Files, config: MkDocsConfig) -> None:
    """Put one style sheet in the place of those that ``mkdocs.yml`` names."""
    sheets = []
    for name in map(str, config.extra_css):
        found = files.get_file_from_path(name)
        if found is None:
            raise PluginError(f"mkdocs.yml names {name}, which is not there")
        # Seen from the folder of the one sheet.
        sheets.append(
            found.content_string.replace('url("fonts/', 'url("../look/fonts/')
        )
    path, text = one_sheet("stylesheets", sheets)
    files.append(File.generated(config, path, content=text))
    config.extra_css = [path]


def _mark_scripts(files: Files, config: MkDocsConfig) -> None:
    """Put each script that ``mkdocs.yml`` names at an address of its content."""
    marked: list[ExtraScriptValue | str] = []
    for name in map(str, config.extra_javascript):
        found = files.get_file_from_path(name)
        if found is None:
            raise PluginError(f"mkdocs.yml names {name}, which is not there")
        path = fingerprinted(name, found.content_string)
        files.append(File.generated(config, path, content=found.content_string))
        marked.append(path)
    config.extra_javascript = marked
