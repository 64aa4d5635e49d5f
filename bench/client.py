"""Requests -> answers over one kept-alive HTTP/1.1 connection: reads what was announced, and closes as it is told."""

import re
import socket
from dataclasses import dataclass
from select import select

LONGEST_WAIT = 10.0  # seconds for an answer
_ROOM = 1 << 20  # bytes of an answer, to begin with
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_FIELD = rb"\r\n%s: *([^\r]*)"


@dataclass(frozen=True, slots=True)
class Request:
    """A GET: where, with which headers beside Host, and of which ``kind`` it is for whoever counts them."""

    path: str
    headers: tuple[tuple[str, str], ...] = ()
    kind: str = ""

    def spell(self, port: int) -> bytes:
        """Return the bytes of the request."""
        headers = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n".encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: ``head`` from the status line to the last header."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the header's value."""
        found = re.search(_FIELD % re.escape(name).encode(), self.head, re.IGNORECASE)
        return found[1].decode("latin-1") if found else None


class Broken(Exception):  # noqa: N818  # a state of the connection, which the caller may remedy
    """The connection ended before the answer did.

    ``idle`` where it had served before and nothing of the answer had arrived: then the server may have closed it while
    nobody asked, and an idempotent request may be sent once more (RFC 9112, 9.3.1).
    """

    def __init__(self, why: str, *, idle: bool) -> None:
        """Say why."""
        super().__init__(why)
        self.idle = idle


class Connection:
    """One connection to a port on loopback; opened when it is needed, and opened again when the server closed it."""

    def __init__(self, port: int) -> None:
        """Open nothing yet."""
        self._port = port
        self._socket: socket.socket | None = None
        self._room = bytearray(_ROOM)
        self._filled = 0
        self._served = 0  # answers on this connection as it is now

    def fileno(self) -> int:
        """Return the number that ``select`` waits for."""
        return -1 if self._socket is None else self._socket.fileno()

    def send(self, request: bytes) -> None:
        """Send one request. Raises Broken."""
        self._filled = 0
        try:
            if self._socket is None or _is_over(self._socket):
                self.close()
                self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=LONGEST_WAIT)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(request)
        except OSError as error:
            raise self._broken(repr(error)) from error

    def receive(self) -> Answer | None:
        """Take what has arrived; return the answer when it is whole. Raises Broken."""
        if self._filled == len(self._room):
            self._room.extend(bytes(len(self._room)))
        try:
            count = self._socket.recv_into(memoryview(self._room)[self._filled :]) if self._socket else 0
        except OSError as error:
            raise self._broken(repr(error)) from error
        if count == 0:
            raise self._broken("closed by the server")
        self._filled += count
        return self._whole()

    def ask(self, request: bytes) -> Answer:
        """Send one request and wait for its answer. Raises Broken."""
        self.send(request)
        while (answer := self.receive()) is None:
            pass
        return answer

    def close(self) -> None:
        """Close it, if it is open."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._served = None, 0

    def _whole(self) -> Answer | None:
        end = self._room.find(_END, 0, self._filled)
        if end < 0:
            return None
        head = bytes(self._room[:end])
        status = int(head[9:12])
        begin = end + len(_END)
        if status != 304:
            if (length := _LENGTH.search(head)) is None:
                raise self._broken("an answer of unknown length")
            if self._filled - begin < int(length[1]):
                return None
        body = bytes(memoryview(self._room)[begin : self._filled])
        self._served += 1
        if _CLOSE.search(head):
            self.close()
        return Answer(status, head, body)

    def _broken(self, why: str) -> Broken:
        idle = self._served > 0 and self._filled == 0
        self.close()
        return Broken(why, idle=idle)


def get(port: int, request: Request) -> Answer:
    """Ask once, on a connection of its own. Raises Broken."""
    connection = Connection(port)
    try:
        return connection.ask(request.spell(port))
    finally:
        connection.close()


def _is_over(idle: socket.socket) -> bool:
    """Whether the server closed an idle connection: what is to be read there is its end."""
    return bool(select([idle], [], [], 0)[0])
