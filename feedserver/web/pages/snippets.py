"""A feed's address and title -> what site owners paste in order to show it: for a frame, by script, by their server."""

from dataclasses import dataclass, replace
from html import escape
from urllib.parse import quote_plus

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from feedserver.feeds import Address

WIDTH, HEIGHT = 600, 480  # CSS pixels of a frame that nobody gave a size


@dataclass(frozen=True, slots=True)
class Snippet:
    """One way to show a feed on another page: its short name, when to choose it, and the text to paste."""

    name: LazyString
    advice: LazyString
    code: str


def snippets(address: Address, title: str, *, framed: bool = True) -> tuple[Snippet, ...]:
    """Return the three ways, the simplest first; what is in the texts is escaped for where they are pasted.

    Without the frame where nobody may show one.
    """
    ways = (
        Snippet(_("Frame"), _("Works anywhere, without a script."), iframe(address, title)),
        Snippet(_("Script"), _("Becomes part of your page, and is kept up to date."), _element(address, title)),
        Snippet(_("Include"), _("Your server includes the list, and you style it."), _include(address)),
    )
    return ways if framed else ways[1:]


def iframe(address: Address, title: str, width: str = "100%", height: int = HEIGHT) -> str:
    """Return the frame; ``width`` is CSS pixels or a percentage.

    The border goes by an attribute, because a host's policy may forbid inline styles.
    """
    return (
        f'<iframe src="{escape(embedded(address).home_url)}" title="{escape(title)}" width="{width}" height="{height}" '
        'frameborder="0" loading="lazy" referrerpolicy="no-referrer"></iframe>'
    )


def embedded(address: Address, suffix: str = "") -> Address:
    """Return where a feed is shown for others: ``feeds/x`` as ``embed/x``, an ad-hoc query as ``embed``."""
    name = address.path.partition("/")[2]
    return replace(address, path=(f"embed/{name}" if name else "embed") + suffix)


def oembed_url(address: Address) -> str:
    """Return where a feed's oEmbed answer is."""
    return f"{address.base_url}/oembed?format=json&url={quote_plus(address.home_url)}"


def _element(address: Address, title: str) -> str:
    name = address.path.partition("/")[2]
    attributes = [f'feed="{escape(name)}"'] if name else []
    attributes += [f'query="{escape(address.query_string)}"'] if address.query_string else []
    tag = " ".join(("feedserver-feed", *attributes))
    return (
        f'<script src="{escape(address.base_url)}/embed.js" async></script>\n'
        f'<{tag}><a href="{escape(address.home_url)}">{escape(title)}</a></feedserver-feed>'
    )


def _include(address: Address) -> str:
    return f"<?php readfile('{embedded(address, '.html').home_url}'); ?>"  # an address has no such quote in it
