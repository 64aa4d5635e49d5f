"""Whatever stands where an address should -> an absolute http(s) address, or nothing."""

import re
from urllib.parse import quote, urlsplit, urlunsplit

from feedserver.text import clean

_LEFT = "%/:=&?~#+!$,;'@()*[]"  # RFC 3986: reserved characters, and % of what is encoded already
_LONE_PERCENT = re.compile(r"%(?![0-9a-f]{2})", re.IGNORECASE)


def web_address(value: object) -> str | None:
    """Return an absolute http(s) address, percent-encoded where needed (RFC 3986, 2 and 3); None for anything else."""
    address = quote(clean(value), safe=_LEFT) if isinstance(value, str) else ""
    try:
        parts = urlsplit(address)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
        return None
    rest = (
        _LONE_PERCENT.sub("%25", part).replace("[", "%5B").replace("]", "%5D").replace("#", "%23") for part in parts[2:]
    )
    return urlunsplit((parts.scheme, parts.netloc.removesuffix(":"), *rest))
