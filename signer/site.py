"""The MkDocs plugin: a thin coat over `signer.policy`, and the site's way to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import File

from signer.errors import PolicyError
from signer.policy.headers import content_security_policy, headers_file, redirects_file
from signer.policy.pages import fill_holes, pages, raw_files
from signer.policy.versions import read_versions

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from signer.policy.versions import Version

DRAFT = "code-of-conduct.md"
"""The headteacher's working draft, among the hand-written pages."""

LOOK = Path(__file__).parent / "look"
"""The style sheet and the fonts that the site shares with the service."""

_DRAFT_NOTICE = """!!! warning "This is a draft. It is not in force."

    Nobody has been asked to sign it. [Read the version in force](policy/index.md).

"""

log = get_plugin_logger(__name__)


class PolicyOptions(Config):  # type: ignore[no-untyped-call]  # as MkDocs has it
    """What ``mkdocs.yml`` may set."""

    versions_dir = config_options.Dir(exists=True, default="versions")
    """The folder of the released versions."""

    draft = config_options.Type(bool, default=False)
    """Show the draft in a built site too, for a preview before the release."""

    origin = config_options.Type(str, default="")
    """The service's own address, to which the host passes the service's paths on."""


class PolicyPlugin(BasePlugin[PolicyOptions]):  # type: ignore[no-untyped-call]
    """Adds the pages of the released versions, their files and the host's files."""

    def __init__(self) -> None:
        self._versions: tuple[Version, ...] = ()
        self._serving = False

    def on_startup(
        self,
        *,
        command: Literal["build", "gh-deploy", "serve"],
        dirty: bool,  # noqa: ARG002 - MkDocs passes it by name
    ) -> None:
        """Note whether the author is looking at the site at home."""
        self._serving = command == "serve"

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Add what is generated; leave the draft out unless it is to be seen."""
        try:
            self._versions = read_versions(Path(self.config.versions_dir))
            generated = pages(self._versions)
        except PolicyError as error:
            raise PluginError(str(error)) from error
        draft = files.get_file_from_path(DRAFT)
        if draft and not (self._serving or self.config.draft):
            files.remove(draft)
        for path, markdown in generated.items():
            files.append(File.generated(config, path, content=markdown))
        for source in sorted(LOOK.glob("**/*.*")):
            path = f"look/{source.relative_to(LOOK).as_posix()}"
            files.append(File.generated(config, path, abs_src_path=str(source)))
        return files

    def on_page_markdown(
        self, markdown: str, /, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Fill in what a hand-written page leaves to the versions."""
        del config, files
        if page.file.src_uri == DRAFT:
            return _DRAFT_NOTICE + markdown
        root = "../" * page.url.count("/")
        try:
            return fill_holes(markdown, self._versions, root)
        except PolicyError as error:
            raise PluginError(f"{page.file.src_uri}: {error}") from error

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Put the released files beside their pages, and write the host's files."""
        site = Path(config.site_dir)
        for path, content in raw_files(self._versions).items():
            # Not through MkDocs, which takes every .md file for a page.
            (site / path).write_bytes(content)
        built = (page.read_text(encoding="utf-8") for page in site.rglob("*.html"))
        policy = content_security_policy(built)
        (site / "_headers").write_text(headers_file(policy), encoding="utf-8")
        if not self.config.origin:
            log.info("SIGNER_ORIGIN is not set: the site passes no paths on")
            return
        try:
            redirects = redirects_file(self.config.origin)
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
        """Build again when a version is released."""
        del config, builder
        server.watch(self.config.versions_dir)
        return server
