"""What several commands share: the query's parameters as options, and ``--json``."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click
import msgspec

from feedserver.query import PARAMETERS

_Command = TypeVar("_Command", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def query_options(command: _Command) -> _Command:
    """Give a command an option for each parameter of the query language."""
    for parameter in reversed(PARAMETERS):
        spellings = dict.fromkeys((f"--{parameter.name.replace('_', '-')}", f"--{parameter.name}"))
        text = f"{parameter.help[0].upper()}{parameter.help[1:]}."
        command = click.option(*spellings, parameter.name, multiple=True, metavar="TEXT", help=text)(command)
    return command


def given_parameters(options: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Turn the options back into parameters, as an address would hold them."""
    for name, values in options.items():
        yield from ((name, value) for value in values)


def print_json(value: object) -> None:
    """Print a value of the model as JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value, enc_hook=_encode), indent=2).decode())


def _encode(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
