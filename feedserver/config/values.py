"""Kinds of values that several settings have, each with the remedy where it is none."""

import re
from importlib.util import find_spec
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, HttpUrl, SecretStr

MEMORY = "memory://"

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


Zone = Annotated[str, AfterValidator(_zone)]
Address = Annotated[HttpUrl, AfterValidator(_plain_address)]
Rate = Annotated[str, AfterValidator(_rate)]
Storage = Annotated[SecretStr, AfterValidator(_storage)]
