"""The floors of the house: imports go down only, rooms on a floor do not know each other, a library has one home."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.entries import ROOT

PACKAGE = ROOT / "feedserver"

# From the roof down. A room may import from the floors below it, and from itself.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli",),  #                           commands, progress, exit codes; `serve` starts the web
    ("web", "demo"),  #                    requests, pages, status codes · the sample and its upstream
    ("config",),  #                        files and environment -> settings, definitions, the things they describe
    ("websub", "status"),  #               the configured feeds + what the hub was told -> pings · how the sources fare
    ("feeds", "refresh", "harvest"),  #    the read path · the write path · all that a repository has
    ("query",),  #                         parameters -> Query
    # bytes -> entries · address -> bytes · entries <-> disk · Feed -> bytes · work for one process of the machine
    ("sources", "fetch", "store", "render", "alone"),
    ("filters", "merge"),  #               what an entry must satisfy · kept + seen -> to keep
    # addresses, titles -> permanent names · HTML -> what may be shown · TeX -> Unicode, MathML · codes -> names
    ("identity", "markup", "maths", "taxonomy", "periods"),
    ("text", "model"),  #                  text -> terms · the frozen values
    ("errors", "__init__"),  #             one exception tree · the version
)

# Which rooms may import a library; one that is not named here is at home everywhere (msgspec, the standard library).
HOMES: dict[str, tuple[str, ...]] = {
    "flask": ("web", "demo"),
    "werkzeug": ("web", "demo"),
    "flask_limiter": ("web",),
    "limits": ("web",),
    "prometheus_client": ("web",),  # in metrics.py alone, which most servers never load
    "gunicorn": ("cli",),
    "click": ("cli",),
    "rich": ("cli",),
    "pydantic": ("config",),
    "tomllib": ("config",),
    "platformdirs": ("config",),
    "filelock": ("alone",),
    "requests": ("fetch",),
    "requests_cache": ("fetch",),
    "urllib3": ("fetch",),
    "sqlalchemy": ("store",),
    "sqlite3": ("fetch", "store"),  # the errors of requests-cache's file, and the one of a query that was stopped
    "feedgen": ("render",),
    "lxml": ("render", "sources"),
    "nh3": ("markup",),
    "feedparser": ("sources",),
    "cssselect": ("sources",),
    "dateparser": ("sources",),
    "jmespath": ("sources",),
    "pylatexenc": ("maths",),
    "latex2mathml": ("maths",),
    "tomlkit": ("config",),
    "flask_babel": ("web",),
    "segno": ("web",),
    "markupsafe": ("render", "web"),
    "lark": ("filters",),
    "snowballstemmer": ("text",),
    "regex": ("text",),
    "brotli": ("web",),
    "zstandard": ("web",),
}

# Below config, nothing looks at the clock: the time comes in as an argument. These hold a clock that tests replace.
CLOCKS = ("fetch/polite.py", "refresh/run.py")
LOOKS = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "time.monotonic", "os.environ", "os.getenv"}
VAGUE = {"utils", "util", "helpers", "common", "misc", "manager", "tools", "shared"}


def test_imports_go_down_only() -> None:
    """A room imports from lower floors, never from its own floor or above."""
    floor_of = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
    upward = [
        f"{path.relative_to(ROOT)} imports {target}"
        for path, room in _modules()
        for target in _own_imports(path)
        if target != room and floor_of[target] <= floor_of[room]
    ]
    assert upward == []


def test_every_room_stands_on_a_floor() -> None:
    """The table above is the folder listing."""
    assert {room for _, room in _modules()} == {room for rooms in FLOORS for room in rooms}


def test_each_library_is_used_at_home_only() -> None:
    """A library is imported by the rooms that own it and by no other."""
    strays = [
        f"{path.relative_to(ROOT)} imports {library}"
        for path, room in _modules()
        for library in _libraries(path)
        if library in HOMES and room not in HOMES[library]
    ]
    assert strays == []


def test_every_library_of_the_project_has_a_home() -> None:
    """Whatever is imported from outside the standard library stands in the table, or is at home everywhere."""
    used = {library for path, _ in _modules() for library in _libraries(path)}
    unknown = used - set(HOMES) - set(sys.stdlib_module_names) - {"feedserver", "msgspec"}
    assert unknown == set()


def test_nothing_below_config_looks_at_the_clock_or_the_environment() -> None:
    """The clock and the settings come in as arguments."""
    low = {room for rooms in FLOORS[4:] for room in rooms}
    looks = [
        f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}"
        for path, room in _modules()
        if room in low and str(path.relative_to(PACKAGE)) not in CLOCKS
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in LOOKS
    ]
    assert looks == []


def test_what_counts_for_prometheus_is_loaded_by_one_module_alone() -> None:
    """So that whoever does not load that one does not pay for it."""
    assert [path.name for path, _ in _modules() if "prometheus_client" in _libraries(path)] == ["metrics.py"]


def test_no_room_has_a_vague_name() -> None:
    """What fits nowhere is a new noun."""
    assert [path for path, _ in _modules() if path.stem in VAGUE] == []


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_and_stays_one_noun(path: Path) -> None:
    """It opens with a sentence in one line, and is short."""
    docstring = ast.get_docstring(_parse(path)) or ""
    assert docstring.splitlines()[0].endswith("."), "the first line is no whole sentence"
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400


def _modules() -> Iterator[tuple[Path, str]]:
    """Yield each module with its room: the first part of its name below the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _own_imports(path: Path) -> set[str]:
    rooms = {room for _, room in _modules()}
    parts = (name.split(".") for name in _imports(path) if name.split(".")[0] == "feedserver")
    return {part[1] if len(part) > 1 and part[1] in rooms else "__init__" for part in parts}


def _libraries(path: Path) -> set[str]:
    return {name.split(".")[0] for name in _imports(path)}
