"""What an operator can set, frozen, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from signer.config.addresses import LIST_PATH, telephone_address
from signer.config.secret_files import secret_of
from signer.config.token_address import TokenAddress
from signer.errors import SettingsError
from signer.logs import LogFormat

# get_type_hints of the fields looks it up here.
from signer.school_calendar import Holiday

SECRET_CHARACTERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can set: ``SIGNER_`` and the field's name in capitals.

    The same names in small letters, without the prefix, may stand in a file that is
    named; the environment wins. A path that may be empty is whole, from the root on.
    """

    instance: Path | None = None
    """The folder of the database, the keys and, in the demo, the mail. Whatever needs
    it refuses to go on while it is empty."""

    base_url: str = "http://127.0.0.1:8000"
    """The public address of the site and the service, without a final slash.
    Every link is made from it, never from what a browser sends."""

    origin: str = ""
    """The service's own address, where something else answers at the public one and
    passes requests on, such as ``https://signer.example.org``; the site's build writes
    it into ``_redirects``. Whoever names its host is answered alike. Empty: none."""

    proxy_secret: str = field(default="", repr=False)
    """The secret, of at least 32 characters, with which Netlify signs each request
    that it passes on (``X-Nf-Sign``). Set: whatever does not carry a fresh signature
    is refused. Empty: none is asked for."""

    database_url: str = ""
    """Where the records are: an SQLAlchemy address, ``sqlite:///…`` or
    ``postgresql+psycopg://…``. Empty: an SQLite file in the instance folder."""

    secret_keys: tuple[str, ...] = field(default=(), repr=False)
    """Secrets that sign links and cookies, oldest first, separated by commas, each
    of at least 32 characters. The last one signs; the others still verify, so
    that a key can be replaced without breaking links already sent. Required,
    except in the demo, which makes its own."""

    versions_dir: Path = Path("versions")
    """The folder of the released versions. A short path counts from the current
    folder, which is the project's own where something is released; ``signer verify``
    takes no such path."""

    site_dir: Path | None = None
    """The folder of the built static site, when the service is to serve it as well.
    Empty: something else, such as Netlify, serves it."""

    build_hook: str = field(default="", repr=False)
    """The address that has the host of the site build it anew when somebody sends it a
    POST, such as one of Netlify's build hooks: ``https://…``. It is called when a
    version is released at the desk, and whoever knows it can call it. Empty: none."""

    seal_file: Path | None = None
    """The PKCS#12 file with the seal's private key and certificates. Empty:
    ``keys/seal.p12`` in the instance folder. With ``SIGNER_SEAL_TOKEN``, a PEM file of
    certificates alone; empty: ``keys/seal.pem``."""

    seal_passphrase: str = field(default="", repr=False)
    """The passphrase of the seal file."""

    seal_passphrase_file: Path | None = None
    """A file that holds the passphrase of the seal file, instead of
    ``SIGNER_SEAL_PASSPHRASE``."""

    seal_token: TokenAddress | None = None
    """The seal's private key in a token or an HSM, as a PKCS#11 address:
    ``pkcs11:token=School;object=seal?module-path=/usr/lib/….so``. It never leaves it.
    Empty: it is in the seal file."""

    seal_pin: str = field(default="", repr=False)
    """The PIN of the token's user. Empty: nobody signs in to the token."""

    seal_pin_file: Path | None = None
    """A file that holds the PIN, instead of ``SIGNER_SEAL_PIN``."""

    trust_file: Path | None = None
    """The certificate (PEM) that seals are traced back to. Empty: ``keys/ca.pem`` in
    the instance folder."""

    crl_file: Path | None = None
    """The revocation list of whoever issued the seal's certificate (DER, or several
    in PEM). Only sealing with a timestamp needs it. Empty: ``keys/ca.crl`` in the
    instance folder."""

    log_key_file: Path | None = None
    """The PKCS#12 file with the key that signs the public log; it has the seal's
    passphrase. Empty: ``keys/log.p12`` in the instance folder."""

    checkpoint_file: Path | None = None
    """Where the newest signed head of the public log is kept outside the database, so
    that a database restored from an old backup is noticed. Keep it out of the
    database's backup. Empty: ``checkpoint`` in the instance folder."""

    witnesses: tuple[str, ...] = ()
    """Addresses, separated by commas, that get the newest signed head of the public
    log by mail each month: people outside the school who keep these mails."""

    witness_servers: tuple[str, ...] = ()
    """Witnesses that cosign each signed head of the public log (C2SP tlog-witness),
    with commas between: where each takes heads, and behind it, after a space, its key,
    such as ``https://witness.example.org/ witness.example.org+f3ae0a2b+BNk…``."""

    witness_quorum: int = 0
    """How many of them must have cosigned a head before `signer verify` relies on it;
    0 for none."""

    tsa_url: str = ""
    """Where a timestamp authority answers (RFC 3161). Set: every seal carries its
    timestamp and the data to validate it (PAdES B-LT), and waits while the authority
    fails; an archive copy of each declaration is kept (B-LTA). Empty: seals carry none
    (B-B)."""

    tsa_trust_file: Path | None = None
    """The certificates (PEM) that timestamps are traced back to, those of former
    authorities included. Required with ``SIGNER_TSA_URL``."""

    mail_url: str = ""
    """Where mail goes: ``smtp://user:password@host:587`` (STARTTLS where offered;
    ``?tls=require`` insists), ``smtps://…`` (TLS from the start), or
    ``folder:PATH`` (one ``.eml`` file each). Empty: ``mail`` in the instance
    folder, which is for trying out only."""

    mail_per_minute: int = 0
    """How many mails go out in a minute at most, from all workers together; 0 for no
    limit. Mails that a parent waits for go first."""

    mail_per_minute_domain: int = 0
    """How many mails to parents go to one domain in a minute at most, such as to
    ``gmail.com``; 0 for no limit."""

    bounce_url: str = field(default="", repr=False)
    """Where mails that come back are read: ``imaps://user:password@host/INBOX``,
    ``imap://…`` (STARTTLS) or ``folder:PATH`` (``.eml`` files, or a Maildir). Empty:
    nowhere, and nobody learns of what comes back."""

    bounce_address: str = ""
    """The address that mail servers send bounces to, such as
    ``bounces@school.example``, whose mailbox takes ``bounces+anything@`` as well: each
    mail has a return address of its own (VERP). Empty: they go to the sender's."""

    mail_events_secrets: tuple[str, ...] = field(default=(), repr=False)
    """Secrets of the webhook ``/mail/events``, separated by commas: each ``whsec_`` and
    24 random bytes or more in base64. Each of them is good, so that one can be replaced
    while the other is in use. Empty: there is no such address."""

    mail_from: str = "My Online Schooling <policies@my-online-schooling.example>"
    """The sender of every mail."""

    office_email: str = "office@my-online-schooling.example"
    """Who hears of questions, declines, "this isn't me" and "on paper"."""

    office_phone: str = ""
    """The office's telephone number, such as ``+44 20 7946 0000``, for the foot of
    every page. Empty: none is shown."""

    source_url: str = ""
    """Where the source of this project can be read, for whoever checks without trusting
    the school: ``https://…``. Empty: the pages do not say."""

    security_contact: str = ""
    """Where whoever found a weakness reports it (``/.well-known/security.txt``):
    ``mailto:`` and an address, or a page, ``https://…``. Empty: the office."""

    head_email: str = "head@my-online-schooling.example"
    """Who hears of alarms, such as declarations that cannot be sealed, and of review
    dates."""

    approvers: tuple[str, ...] = ()
    """Who may approve a draft, such as the Heads of School: names with commas between.
    Empty: anybody, by the name that they give."""

    approvals_needed: int = 0
    """How many of them must have approved a draft before it can be released; 0 for
    none."""

    ask_new_parents: bool = False
    """Whether parents who join the register are asked to sign without anybody's doing,
    within a minute or two of the import. False: `signer ask` asks them, and `signer
    status` says how many wait. The very first campaign is always begun by hand."""

    deadline_days: int = 0
    """How many days after being asked a parent is to have answered, where the release
    names no day (`signer release --sign-by`); 0 for no deadline. What falls on no
    school day moves to the next one."""

    escalation_emails: tuple[str, ...] = ()
    """Addresses, separated by commas, that get one mail for each version after its
    deadline: how many parents have not answered, and their names by year group. They
    are staff who telephone families, such as Success Coordinators. Empty: nobody."""

    remind_days: tuple[int, ...] = (3, 7, 14)
    """How many days after being asked a parent is reminded, smallest first; after the
    last of them, every week. What falls on no school day goes on the next one."""

    remind_most: int = 8
    """How many reminders one request gets at most; 0 for none at all."""

    holidays: tuple[Holiday, ...] = ()
    """When no reminder goes out: days, or first and last days with two dots between,
    such as ``2026-12-19..2027-01-04,2027-05-03``. Saturdays, Sundays and bank
    holidays in England never need to be named."""

    desk_accounts: tuple[str, ...] = ()
    """Who may come in to the desk at first: ``role:address`` with commas between, such
    as ``head:ada@school.example,office:office@school.example``. The roles are
    ``head``, ``reviewer``, ``office`` and ``auditor``. Once there is one,
    accounts are looked after at the desk and by `signer desk`, not by this."""

    desk_idle_minutes: int = field(default=60, metadata={"least": 5})
    """How many minutes somebody at the desk may do nothing before their session ends,
    at least 5. It ends after 12 hours in any case."""

    desk_openid: str = ""
    """The provider of the school's own accounts (OpenID Connect), by the name that it
    gives itself: ``https://accounts.google.com``, or
    ``https://login.microsoftonline.com/TENANT/v2.0``. Staff sign in at the desk by the
    address that it vouches for. Empty: by emailed link and passkey alone."""

    desk_openid_client: str = ""
    """The client's id there. The address that it sends people back to is
    ``/desk/sign-in/account/back`` behind the public one."""

    desk_openid_secret: str = field(default="", repr=False)
    """The client's secret."""

    digest: str = "monday 08:00"
    """The weekday and the time in the UK at which the headteacher and the office get
    the weekly digest, such as ``friday 15:30``; ``never`` for nobody. Each of them can
    turn it off for themselves at the desk."""

    yearly_mail: str = ""
    """The day on which each parent gets the yearly mail of what the school holds of
    them, such as ``10-01`` for 1 October. Empty: nobody gets one."""

    webhooks: tuple[str, ...] = field(default=(), repr=False)
    """Addresses that are told when a version is released, and when a parent is asked,
    signs or declines, with commas between; behind each, after a space, the secret that
    signs what goes there (``https://example.org/hook whsec_…``), or two while one is
    replaced. Empty: nobody is told."""

    webhooks_private: bool = False
    """Whether those addresses may be without encryption, or within the school's own
    network."""

    school_name: str = "My Online Schooling"
    """The school, as parents know it."""

    languages_dir: Path | None = None
    """A folder of translations, such as ``cy.po``. Parents may choose each one that
    is complete, besides English."""

    language: str = "en-GB"
    """The language of the mails to parents, and of the pages until a parent chooses
    another."""

    link_days: int = field(default=90, metadata={"least": 1})
    """How many days an emailed link opens its request."""

    session_hours: int = field(default=24, metadata={"least": 20})
    """How many hours a parent may do nothing before their session ends, at least 20:
    nobody should have to hurry. It ends with the browser too."""

    retention_years: int = field(default=6, metadata={"least": 1})
    """How many years declarations are kept after a parent's last child has left."""

    retention_unsigned_years: int = field(default=1, metadata={"least": 1})
    """How many years requests that were never signed are kept after that."""

    retention_notes_years: int = field(default=1, metadata={"least": 1})
    """How many years notes to the office are kept after that."""

    retention_replies_years: int = field(default=1, metadata={"least": 1})
    """How many years it is kept after that what mail servers replied."""

    retention_parents_years: int = field(default=1, metadata={"least": 1})
    """How many years the name, address and children of a parent are kept after that;
    in any case as long as something else of this parent is."""

    retention_staff_years: int = field(default=1, metadata={"least": 1})
    """How many years the name and address of a teacher are kept after they have left
    the list of those who are told of each release."""

    proxy_hops: int = 0
    """How many proxies in front of the service are trusted to name the host in
    ``X-Forwarded-Host``, and the visitor's address in ``X-Forwarded-For``: 1 behind
    Netlify or another reverse proxy, 0 for none. A host that they name must be the
    service's own. They need not name any. The address only limits how many files one
    visitor sends and has checked, and how many new links are asked for. It is logged
    nowhere; of the network that asks for a link, a keyed hash is stored for an hour."""

    log_format: LogFormat = LogFormat.TEXT
    """How log lines are written: ``text`` for people, ``json`` for programs that
    collect them."""

    health_token: str = field(default="", repr=False)
    """A secret that opens `/readyz` and `/metrics` to whoever sends it as a bearer
    token, and then to nobody else. Empty: they answer only to this machine itself,
    and to nothing that came through a proxy."""

    demo: bool = False
    """Everything on one machine with example people: mail can be read at ``/demo/``
    by anyone, so never set this where real parents are."""

    @property
    def office_tel(self) -> str:
        """The office's telephone as a ``tel:`` address (RFC 3966), if there is one."""
        return telephone_address(self.office_phone)

    @property
    def instance_path(self) -> Path:
        """The instance's folder.

        Raises:
            SettingsError: none is named.
        """
        if self.instance is None:
            raise SettingsError(
                "SIGNER_INSTANCE",
                "is missing: name the folder of the database and the keys with it, or "
                "with signer --instance FOLDER",
            )
        return self.instance

    @property
    def names_database(self) -> bool:
        """Whether it is known where the database would be."""
        return bool(self.database_url or self.instance)

    @property
    def database(self) -> str:
        """The database's address."""
        own = self.database_url
        return own or f"sqlite:///{self.instance_path.absolute() / 'signer.sqlite3'}"

    @property
    def seal_path(self) -> Path:
        """The seal's PKCS#12 file, or that of its certificates beside a token."""
        name = "seal.pem" if self.seal_token else "seal.p12"
        return self.seal_file or self.instance_path / "keys" / name

    @property
    def log_key_path(self) -> Path:
        """The log's PKCS#12 file."""
        return self.log_key_file or self.instance_path / "keys" / "log.p12"

    @property
    def checkpoint_path(self) -> Path:
        """The newest signed head of the log, outside the database."""
        return self.checkpoint_file or self.instance_path / "checkpoint"

    @property
    def trust_path(self) -> Path:
        """The certificate (PEM) of the authority behind the seal."""
        return self.trust_file or self.instance_path / "keys" / "ca.pem"

    @property
    def crl_path(self) -> Path:
        """The revocation list of the authority behind the seal."""
        return self.crl_file or self.instance_path / "keys" / "ca.crl"

    @property
    def crl_url(self) -> str:
        """Where that list is published."""
        return f"{self.base_url}{LIST_PATH}"

    @property
    def mail_address(self) -> str:
        """Where mail goes, as a URL."""
        return self.mail_url or f"folder:{self.instance_path.absolute() / 'mail'}"

    @property
    def https(self) -> bool:
        """Whether parents reach the service over HTTPS."""
        return self.base_url.startswith("https://")

    def passphrase(self) -> str:
        """The seal file's passphrase.

        Raises:
            SettingsError: the file that should hold it cannot be read.
        """
        value, path = self.seal_passphrase, self.seal_passphrase_file
        return secret_of("SIGNER_SEAL_PASSPHRASE", value, path)
