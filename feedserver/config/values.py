"""Kinds of values that several settings have, each with the remedy where it is none."""

import re
from importlib.util import find_spec
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, HttpUrl, SecretStr

MEMORY = "memory://"
EVERYBODY = "*"

# Sources that a policy can name (CSP3, 2.3.1), as far as they are origins; IPv6 is none of them.
_ORIGIN = re.compile(r"https?://(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[1-9]\d{0,4})?", re.ASCII)
_RATE = re.compile(r"[1-9]\d{0,5} ?(?:per|/) ?(?:[1-9]\d{0,3} ?)?(?:second|minute|hour|day)s?")


def _plain_address(value: HttpUrl) -> HttpUrl:
    if value.username or value.password or value.query or value.fragment:
        raise ValueError("give an address without user, password, question mark and hash")
    return value


def _rate(value: str) -> str:
    if not _RATE.fullmatch(value):
        raise ValueError("give a limit such as '120 per minute' or '10 per 2 seconds'")
    return value


def _storage(value: SecretStr) -> SecretStr:
    address = value.get_secret_value()
    if address != MEMORY and not _is_redis(address):
        raise ValueError(f"give {MEMORY!r} or an address of Redis such as 'rediss://:password@host:6379/0'")
    if address != MEMORY and find_spec("redis") is None:
        raise ValueError("Redis needs its library; install feedserver[redis]")
    return value


def _is_redis(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and (parts.port or 6379) > 0
    except ValueError:  # the port is no number; unescaped, a slash in a password makes one of its beginning
        return False


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("give a time zone such as 'Europe/Berlin'")
    return value


def _listed(value: object) -> object:
    if not isinstance(value, list | tuple) or not all(isinstance(origin, str) for origin in value):
        raise ValueError('give a list of texts such as ["https://example.org"]; ["*"] is every site, [] is none')
    return value


def _ancestors(value: tuple[str, ...]) -> tuple[str, ...]:
    if EVERYBODY in value and len(value) > 1:
        raise ValueError("'*' is every site already; let it stand alone, or name sites")
    for origin in value:
        if origin != EVERYBODY and not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"{origin!r} is no origin; give scheme, host and any port in small letters, such as "
                "'https://example.org' or 'http://*.example.org:8080', without a path or a slash at the end"
            )
    return value


Ancestors = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_ancestors)]
Zone = Annotated[str, AfterValidator(_zone)]
Address = Annotated[HttpUrl, AfterValidator(_plain_address)]
Rate = Annotated[str, AfterValidator(_rate)]
Storage = Annotated[SecretStr, AfterValidator(_storage)]
