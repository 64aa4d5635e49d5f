"""One feed, asked for again and again -> answers a second of our server and of others that have the same bytes."""

import gzip
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import Answer, Request, get
from bench.load import load
from bench.processes import KNOWN, processor_seconds
from bench.rounds import Rounds, shuffled
from bench.servers import Server, granian, gunicorn, missing, nginx, running

PATH = "/feed.atom"
PLAIN, GZIP, UNCHANGED = VARIANTS = ("plain", "gzip", "304")
RATE, PROCESSOR = "a second", "µs of processor"
NGINX, NAIVE = "nginx, a static file", "Flask and feedgen, gunicorn"
OURS, OURS_GRANIAN = "Feedserver, gunicorn", "Feedserver, Granian"
BARE, BARE_GRANIAN = "bare function, gunicorn", "bare function, Granian"
KINDS = (NGINX, BARE, OURS, BARE_GRANIAN, OURS_GRANIAN, NAIVE)
_ZIPPED = ("Accept-Encoding", "gzip")


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server, and its request for each variant."""

    server: Server
    requests: Mapping[str, Request]

    def processor(self) -> float:
        """Return the seconds of processor time that its workers took so far."""
        return processor_seconds(self.server.workers())


@contextmanager
def contestants(store: Path, environment: Mapping[str, str], folder: Path) -> Iterator[dict[str, Contestant]]:
    """Start all that this machine has; all but the naive one answer with the bytes that ours answers with."""
    folder.mkdir()
    others = {"FEEDBENCH_FOLDER": str(folder), "FEEDBENCH_STORE": str(store)}
    with ExitStack() as stack:
        found = {OURS: _ours(stack.enter_context(running(gunicorn(), environment, PATH)), folder)}
        bare = stack.enter_context(running(gunicorn("bench.bare:app"), others, "/plain"))
        found[BARE] = Contestant(bare, _requests("/plain", "/gzip", "/304", found[OURS]))
        found[NAIVE] = _of(stack.enter_context(running(gunicorn("bench.naive:app"), others, PATH)))
        if not missing("nginx"):
            found[NGINX] = _of(stack.enter_context(running(nginx(folder), {}, PATH)))
        if not missing("granian"):
            found[OURS_GRANIAN] = _of(stack.enter_context(running(granian(), environment, PATH)))
            bare = stack.enter_context(running(granian("bench.bare:app"), others, "/plain"))
            found[BARE_GRANIAN] = Contestant(bare, _requests("/plain", "/gzip", "/304", found[OURS]))
        for kind in KINDS:
            if kind in found:
                _check(kind, found[kind], (folder / "feed.atom").read_bytes())
        yield {kind: found[kind] for kind in KINDS if kind in found}


def measure_hot(found: Mapping[str, Contestant], rounds: int, seconds: float) -> Rounds:
    """Load one after another, in another order each round; the keys are (kind, variant, RATE or PROCESSOR)."""
    figures = Rounds()
    for number, kinds in enumerate(shuffled(list(found), rounds), 1):
        for variant in VARIANTS:
            for kind in kinds:
                before = found[kind].processor()
                done = load(found[kind].server.port, [found[kind].requests[variant]], seconds)
                figures.add((kind, variant, RATE), done.rate)
                if KNOWN:
                    figures.add((kind, variant, PROCESSOR), (found[kind].processor() - before) / done.answers * 1e6)
        print(f"  hot, round {number} of {rounds}: {_progress(figures, found)}", flush=True)
    return figures


def _progress(figures: Rounds, found: Iterable[str]) -> str:
    return "; ".join(
        f"{kind} " + " ".join(f"{figures.median((kind, variant, RATE)):,.0f}" for variant in VARIANTS) for kind in found
    )


def _ours(server: Server, folder: Path) -> Contestant:
    """Keep what ours answers, for the others."""
    ours = _of(server)
    plain, zipped = (get(server.port, ours.requests[variant]) for variant in (PLAIN, GZIP))
    (folder / "feed.atom").write_bytes(plain.body)
    (folder / "feed.atom.gz").write_bytes(zipped.body)
    (folder / "tag").write_text(_tag(plain))
    return ours


def _of(server: Server) -> Contestant:
    tag = _tag(get(server.port, Request(PATH)))
    plain, zipped, known = Request(PATH), Request(PATH, (_ZIPPED,)), Request(PATH, (("If-None-Match", tag),))
    return Contestant(server, {PLAIN: plain, GZIP: zipped, UNCHANGED: known})


def _requests(plain: str, zipped: str, unchanged: str, like: Contestant) -> dict[str, Request]:
    """Return requests with the headers of others."""
    paths = {PLAIN: plain, GZIP: zipped, UNCHANGED: unchanged}
    return {variant: Request(path, like.requests[variant].headers) for variant, path in paths.items()}


def _tag(answer: Answer) -> str:
    if (tag := answer.header("ETag")) is None:
        raise SystemExit(f"a feed without ETag:\n{answer.head.decode('latin-1')}")
    return tag


def _check(kind: str, asked: Contestant, body: bytes) -> None:
    """End the program where one of the servers does not do what it is measured for."""
    plain, zipped, unchanged = (get(asked.server.port, asked.requests[variant]) for variant in VARIANTS)
    same = kind == NAIVE or plain.body == gzip.decompress(zipped.body) == body
    if not same or (plain.status, zipped.status, unchanged.status, unchanged.body) != (200, 200, 304, b""):
        raise SystemExit(f"{kind} does not answer as it should")
