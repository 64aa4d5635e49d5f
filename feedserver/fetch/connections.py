"""Host and port -> connection: to an address that the guard lets pass, and to none that was not checked. Bounded.

A name is resolved once for each connection. What the guard refuses of its addresses is dropped, and the rest tried in
turn, as numbers, so that nothing can be put in their place between the check and the connection. TLS goes on knowing
the host by its name. How long resolving takes is bounded by the machine's resolver alone.

The library requests-hardened does the like, but opens loopback or nothing, where a host wants one network; takes one
address of a name only; refuses the addresses by which a network with IPv6 alone reaches IPv4 (NAT64); and knows neither
ports nor the addresses of clouds that lie among public ones. So this is written out.

A proxy that the environment names (``HTTPS_PROXY`` and its like) is trusted: it is connected to wherever it is. What is
asked for through it is checked as far as this machine can resolve the name; a name that only the proxy knows is left
to it, and so is what it connects to in the end.
"""

import io
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from ipaddress import ip_address
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from feedserver.errors import FetchError, RefusedAddressError
from feedserver.fetch.guard import Guard

_FRAMING = 1_000_000  # bytes that an answer may hold besides its body: headers, the marks of chunks
_MOST_TOLD = 3  # addresses in a message
_LEAST_PATIENCE = 1.0  # seconds for the connection to one of several addresses

Resolved = tuple[int, tuple[Any, ...]]  # a family of addresses and an address, as sockets take them


@dataclass(frozen=True, slots=True)
class Gate:
    """What every connection of a fetcher is held to: a guard, the seconds that are left, bytes of a body."""

    guard: Guard
    left: Callable[[], float]
    size: int


def make_pools(gate: Gate) -> dict[str, type[HTTPConnectionPool]]:
    """Return the classes of connections for a pool manager of urllib3, by scheme."""

    class Response(_BoundedResponse):
        bounds = gate

    class Plain(_GuardedConnection):
        bounds = gate
        response_class = Response

    class Secure(_GuardedConnection, HTTPSConnection):
        bounds = gate
        response_class = Response

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def resolve(host: str, port: int, guard: Guard) -> list[Resolved]:
    """Return the addresses of a name that may be asked. Raises RefusedAddressError where there is none, and OSError."""
    found: dict[Resolved, str | None] = {
        (family, address): guard.refusal(ip_address(address[0]), port)
        for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    }
    if good := [resolved for resolved, refusal in found.items() if refusal is None]:
        return good
    refusals = list(dict.fromkeys(refusal for refusal in found.values() if refusal))[:_MOST_TOLD]
    raise RefusedAddressError(f"{host} may not be asked: {'; '.join(refusals) or 'it has no address'}")


class _GuardedConnection(HTTPConnection):
    """Connects to what the guard lets pass; but to a proxy, wherever it is."""

    bounds: Gate

    def _new_conn(self) -> socket.socket:
        if self.proxy is not None:
            return super()._new_conn()
        try:
            addresses = resolve(self._dns_host, self.port, self.bounds.guard)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        try:
            return self._connect(addresses)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"connection to {self.host} timed out") from error
        except OSError as error:
            raise NewConnectionError(self, f"no connection: {error}") from error

    def _connect(self, addresses: list[Resolved]) -> socket.socket:
        """Try one address after the other; they share the time for a connection."""
        failure: OSError = TimeoutError("timed out")
        for address, seconds in zip(addresses, self._shares(len(addresses)), strict=False):
            try:
                return self._connect_to(address, seconds)
            except OSError as error:
                failure = error
        raise failure

    def _shares(self, number: int) -> Iterator[float]:
        """Yield the seconds for each address: an even share of what the ones before left over."""
        begun, total = self.bounds.left(), float(self.timeout or 0)
        for waiting in range(number, 0, -1):
            over = total - (begun - self.bounds.left())
            if over <= 0:
                return
            yield min(over, max(over / waiting, _LEAST_PATIENCE))

    def _connect_to(self, resolved: Resolved, seconds: float) -> socket.socket:
        family, address = resolved
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            for option in self.socket_options or ():
                made.setsockopt(*option)
            made.settimeout(seconds)
            made.connect(address)
            made.settimeout(float(self.timeout or seconds))
        except BaseException:
            made.close()
            raise
        return made


class _BoundedResponse(HTTPResponse):
    """Reads status, headers and body within the time that is left, and no more bytes than a body may have, about."""

    bounds: Gate

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_BoundedReader(self.fp.detach(), sock, self.bounds))


class _BoundedReader(io.RawIOBase):
    """Bytes of a socket. A timeout of sockets begins anew with each byte; this ends."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, bounds: Gate) -> None:
        self._raw = raw
        self._sock = sock
        self._bounds = bounds
        self._patience = sock.gettimeout()
        self._bytes_left = bounds.size + _FRAMING

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._bounds.left()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left if self._patience is None else min(left, self._patience))
        number: int | None = self._raw.readinto(buffer)
        self._bytes_left -= number or 0
        if self._bytes_left < 0:
            raise FetchError(f"more than {self._bounds.size} bytes")
        return number

    def close(self) -> None:
        self._raw.close()
        super().close()
