"""Which addresses may be asked, by port and network. Pure.

What is public is said by IANA's registries of special-purpose addresses (RFC 6890) and, for IPv6, by the one block out
of which all that is public is taken (2000::/3). ``ipaddress`` knows most of it, some versions of Python more than
others; the rest stands here.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are the address that is reached
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(block)
    for block in (
        "192.0.0.0/24",  #    protocol assignments, RFC 6890; some clouds keep services there
        "192.88.99.0/24",  #  relays of 6to4, RFC 7526
        "2001::/23",  #       protocol assignments, RFC 2928: Teredo, which reaches private addresses, among them
        "2001:db8::/32",  #   documentation, RFC 3849
        "2002::/16",  #       6to4, RFC 3056: reaches any IPv4 address, private ones too
        "3fff::/20",  #       documentation, RFC 9637
    )
)
# Where clouds hand out the keys of a machine to whoever asks from it; wide networks that hold them do not open them.
_METADATA = frozenset(
    ip_address(address)
    for address in (
        "169.254.169.254",  #  most of them
        "169.254.170.2",  #    Amazon, for containers
        "100.100.100.200",  #  Alibaba
        "168.63.129.16",  #    Azure, in the midst of public addresses
        "192.0.0.192",  #      Oracle
        "fd00:ec2::254",  #    Amazon
        "fd20:ce::254",  #     Google
    )
)
_KINDS = ("unspecified", "loopback", "link_local", "multicast", "private", "reserved")


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be asked: public addresses at some ports, and the networks that the host opens, at any port."""

    allow: tuple[Network, ...] = ()
    ports: tuple[int, ...] = (80, 443)

    def refusal(self, address: Address, port: int) -> str | None:
        """Return why that address may not be asked at that port; None where it may."""
        plain = _plain(address)
        if plain in _METADATA:
            opened = any(plain in network and network.num_addresses == 1 for network in self.allow)
            return None if opened else f"{plain} holds secrets of a cloud, and fetch.allow does not name it alone"
        if any(plain in network for network in self.allow):
            return None
        if not _is_public(plain):
            return f"{plain} is {_kind(plain)}, and fetch.allow does not name it"
        return self.refusal_of_port(port)

    def refusal_of_port(self, port: int) -> str | None:
        """Return why a public address may not be asked at that port."""
        return None if port in self.ports else f"port {port} is none of those in fetch.ports"


def refusal_of_url(url: str) -> str | None:
    """Return why an address may not be asked, whoever is behind it: a name and a password in it are for browsers."""
    parts = urlsplit(url)
    return "an address must not hold a user name or a password" if "@" in parts.netloc else None


def _plain(address: Address) -> Address:
    """Return the IPv4 address that is reached by an IPv6 address that stands for one, without the zone of others."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or IPv6Address(address.packed)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    special = address.is_multicast or address.is_reserved or any(address in network for network in _NOT_PUBLIC)
    return address.is_global and not special


def _kind(address: Address) -> str:
    kind = next((kind for kind in _KINDS if getattr(address, f"is_{kind}")), "special")
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind.replace('_', '-')} address"
