"""``feedserver.toml`` and the environment -> Settings: everything that is fixed before the server starts."""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    SkipValidation,
    ValidationError,
    model_validator,
)

from feedserver.config.duration import Duration, spell_duration
from feedserver.config.sources import SOURCES_FILE, load_sources
from feedserver.config.toml import read_toml
from feedserver.config.values import MEMORY, Address, Ancestors, Rate, Storage, Zone
from feedserver.errors import ConfigError, suggest
from feedserver.refresh.plan import Schedule
from feedserver.sources import IMPORTED, DailyPapers, Source

if TYPE_CHECKING:
    from feedserver.fetch import Guard, Limits

SETTINGS_FILE = "feedserver.toml"
ENVIRONMENT = {
    "FEEDSERVER_DATA_DIR": "the folder of all data; default: the platform's user data folder",
    "FEEDSERVER_CONFIG_DIR": "the folder of feedserver, sources and feeds.toml; default: config in the working folder",
    "FEEDSERVER_PUBLIC_URL": "the same as server.public_url, and goes before it",
    "HF_TOKEN": "access token for Hugging Face; optional",
    "PROMETHEUS_MULTIPROC_DIR": "an empty folder where workers share their counts; gunicorn makes one by itself",
    "PORT": "where gunicorn listens when it is started by the Procfile",
    "WEB_CONCURRENCY": "how many worker processes gunicorn starts; default: one a core, 2 to 4",
}

_PASSWORD = re.compile(r"//.*@")
_MINUTE = timedelta(minutes=1)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True)


class ServerSettings(_Section):
    """``[server]``: how the server shows itself."""

    public_url: Address | None = Field(
        default=None,
        description="the address readers use, with any sub-path; without it, it is taken from each request",
    )
    trusted_proxies: int = Field(
        default=0, ge=0, le=10, description="how many proxies in front set X-Forwarded-For, -Proto, -Host and -Prefix"
    )
    max_age: Duration | None = Field(
        default=None,
        ge=timedelta(seconds=1),
        description="how long readers and caches may keep a feed; default: as long as it takes to ask upstream again",
    )
    stale_if_error: Duration = Field(
        default=timedelta(days=1), description="how much longer caches may serve a feed while this server is away"
    )
    cache_bytes: int = Field(
        default=14_000_000,
        ge=0,
        description="memory for finished feeds, and again for rendered entries, in each worker",
    )
    time_zone: Zone = Field(
        default="UTC", description="where days, weeks and months begin, for tops and digests: such as Europe/Berlin"
    )
    delta: bool = Field(
        default=False, description="whether readers that ask by A-IM: feed get new entries only; breaks rss2email"
    )
    frame_ancestors: Ancestors = Field(
        default=("*",),
        description="the sites that may show /embed in a frame, such as https://*.example.org; [] is none",
    )
    metrics: tuple[IPvAnyNetwork, ...] | None = Field(
        default=None,
        description="the addresses and networks that may read /metrics; without it nothing is counted",
    )


class LimitSettings(_Section):
    """``[limits]``: how much work one client may ask for. Answers from memory, and 304s, are free."""

    enabled: bool = Field(default=True, description="whether requests that cost work are counted")
    polls: Rate = Field(
        default="1200 per minute", description="feeds to be built, pages and errors, for one address (IPv6: a /64)"
    )
    queries: Rate = Field(
        default="120 per minute", description="queries not in memory, for one client: an address and a User-Agent"
    )
    queries_per_address: Rate = Field(
        default="600 per minute", description="queries not in memory, for all clients of one address"
    )
    storage: Storage = Field(
        default=SecretStr(MEMORY),
        description="where the counts are: in the memory of each worker, or in a Redis for all of them",
    )


class RefreshSettings(_Section):
    """``[refresh]``: when upstream is asked."""

    enabled: bool = Field(default=True, description="whether the server refreshes by itself")
    look_back: int = Field(default=30, ge=0, le=3660, description="days before today that have to be in the store")
    today: Duration = Field(
        default=timedelta(minutes=15), ge=_MINUTE, description="between two looks at today's listing"
    )
    recent: Duration = Field(
        default=timedelta(hours=6), ge=_MINUTE, description="between two looks at a listing of recent days"
    )
    recent_days: int = Field(default=3, ge=0, le=3660, description="how many days that are over count as recent")
    retry: Duration = Field(
        default=timedelta(minutes=5), ge=_MINUTE, le=timedelta(hours=1),
        description="from a failure to the next try, up to twice as long at random; doubles with each, up to an hour",
    )  # fmt: skip
    budget: int = Field(
        default=120, ge=1, le=100_000, description="how many requests an hour the plan may send to one source"
    )

    @property
    def schedule(self) -> Schedule:
        """The same, for the refresher."""
        return Schedule(self.look_back, self.today, self.recent, self.recent_days, self.retry, self.budget)


class FetchSettings(_Section):
    """``[fetch]``: bounds of one request to upstream, or to the hub, and who may be asked."""

    allow: tuple[IPvAnyNetwork, ...] = Field(
        default=(),
        description="networks on this machine or around it that may be asked, at any port, such as 192.168.1.0/24",
    )
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = Field(
        default=(80, 443), description="the ports of public addresses that may be asked"
    )
    timeout: Duration = Field(
        default=timedelta(seconds=60), ge=timedelta(seconds=1),
        description="for a whole answer, with redirects and further attempts, without the pauses between them",
    )  # fmt: skip
    max_bytes: int = Field(default=20_000_000, ge=1000, description="of an answer, decompressed")
    attempts: int = Field(default=3, ge=1, le=10, description="how often one request is tried")
    pause: Duration = Field(default=timedelta(seconds=1), description="between two requests to one host")

    @property
    def limits(self) -> "Limits":
        """The same, for the fetcher."""
        from feedserver.fetch import Limits  # noqa: PLC0415  # see build.py: most processes never fetch

        seconds = self.timeout.total_seconds()
        pause = self.pause.total_seconds()
        return Limits(total=seconds, size=self.max_bytes, attempts=self.attempts, pause=pause)

    @property
    def guard(self) -> "Guard":
        """What may be asked, for the fetcher."""
        from feedserver.fetch import Guard  # noqa: PLC0415  # see build.py, too

        return Guard(self.allow, self.ports)


class WebSubSettings(_Section):
    """``[websub]``: who is told when a configured feed changes.

    ``quiet`` is two seconds at least. The hub fetches a feed as soon as it is told, from any worker, and a worker may
    take a second to look at the definitions and a quarter to look at the store: none must give the old bytes any more.
    """

    hub: Address | None = Field(
        default=None, description="the WebSub hub that is told of changes; needs server.public_url"
    )
    quiet: Duration = Field(
        default=timedelta(seconds=5),
        ge=timedelta(seconds=2),
        description="how long nothing must have changed before the hub is told: several changes become one",
    )
    retry: Duration = Field(
        default=_MINUTE, ge=timedelta(seconds=1), le=timedelta(hours=1),
        description="from a failure to the next try; doubles with each, up to an hour",
    )  # fmt: skip


class Settings(_Section):
    """Everything that is set before the server starts; ``token`` comes from the environment only.

    ``sources`` come from a file of their own, see sources.py.
    """

    data_dir: Path
    config_dir: Path
    token: SecretStr | None = None
    sources: tuple[SkipValidation[Source], ...] = (DailyPapers(),)
    server: ServerSettings = ServerSettings()
    limits: LimitSettings = LimitSettings()
    refresh: RefreshSettings = RefreshSettings()
    fetch: FetchSettings = FetchSettings()
    websub: WebSubSettings = WebSubSettings()

    @model_validator(mode="after")
    def _check_topics(self) -> Self:
        """A hub knows a feed by one address, letter for letter; those that come with requests differ."""
        if self.websub.hub and not self.server.public_url:
            raise ValueError(
                "websub.hub: set server.public_url too (or FEEDSERVER_PUBLIC_URL): hubs need fixed addresses"
            )
        return self

    @property
    def source_names(self) -> frozenset[str]:
        """The names that a filter may ask for: of what is set up, and of what is imported."""
        return frozenset({*IMPORTED, *(source.name for source in self.sources)})

    @property
    def max_age(self) -> timedelta:
        """How long a feed may be kept: unless that is set, as long as it takes until a source is asked again."""
        return self.server.max_age or self.refresh.today

    @property
    def zone(self) -> ZoneInfo:
        """Where the days begin of which tops and digests are made."""
        return ZoneInfo(self.server.time_zone)

    @property
    def public_url(self) -> str | None:
        """The address readers use, without a slash at its end."""
        return str(self.server.public_url).rstrip("/") if self.server.public_url else None

    @property
    def hub_url(self) -> str | None:
        """The hub that is told of changes."""
        return str(self.websub.hub) if self.websub.hub else None


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the config folder and the environment. Raises ConfigError."""
    environment = os.environ if environment is None else environment
    config_dir = Path(environment.get("FEEDSERVER_CONFIG_DIR") or "config")
    if "FEEDSERVER_CONFIG_DIR" in environment and not config_dir.is_dir():
        raise ConfigError(f"FEEDSERVER_CONFIG_DIR names {str(config_dir)!r}, which is no folder")
    path = config_dir / SETTINGS_FILE
    values = read_toml(path) if path.is_file() else {}
    for reserved in ("data_dir", "config_dir", "token"):
        if reserved in values:
            raise ConfigError(f"{path}: {reserved}: set it by environment ({', '.join(ENVIRONMENT)})")
    if "sources" in values:
        raise ConfigError(f"{path}: sources: they stand in {SOURCES_FILE}, each as a table: [daily-papers]")
    server = values.get("server", {})
    if (public_url := environment.get("FEEDSERVER_PUBLIC_URL")) and isinstance(server, dict):
        values["server"] = {**server, "public_url": public_url}
    data_dir = environment.get("FEEDSERVER_DATA_DIR") or platformdirs.user_data_dir("feedserver", appauthor=False)
    token = environment.get("HF_TOKEN", "").strip()
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise ConfigError("HF_TOKEN holds characters that no token has")  # and is not shown
    sources = load_sources(config_dir, token or None)
    try:
        return Settings(
            data_dir=Path(data_dir),
            config_dir=config_dir,
            token=SecretStr(token) if token else None,
            sources=sources,
            **values,
        )
    except ValidationError as error:
        raise ConfigError("\n".join(f"{path}: {line}" for line in _explain(error))) from error


def describe_settings() -> Iterator[tuple[str, str, str]]:
    """Yield (dotted key, default, meaning) of every setting in ``feedserver.toml``."""
    for section, model in (
        ("server", ServerSettings),
        ("limits", LimitSettings),
        ("refresh", RefreshSettings),
        ("fetch", FetchSettings),
        ("websub", WebSubSettings),
    ):
        for key, field in model.model_fields.items():
            yield f"{section}.{key}", _spell_default(field.default), field.description or ""


def _spell_default(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    if not isinstance(value, timedelta):
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return spell_duration(value)


def _explain(error: ValidationError) -> Iterator[str]:
    known = [key for key, _, _ in describe_settings()]
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            yield f"{key}: unknown setting{suggest(key, known)}"
        else:
            message = problem["msg"].removeprefix("Value error, ")
            # Without a key, the settings do not go together.
            yield f"{key}: {message}{_spell_input(key, problem['input'])}" if key else message


def _spell_input(key: str, value: object) -> str:
    """A password is not shown, whether it stands where it belongs or in another setting."""
    return "" if key == "limits.storage" else f", not {_PASSWORD.sub('//...@', repr(value))}"
