"""The documents name every parameter, setting, variable, command, source, format and exit code, with their defaults."""

import re
import tomllib
from typing import get_args

import pytest

from feedserver.cli import main
from feedserver.config import ENVIRONMENT, describe_kinds, describe_settings
from feedserver.errors import FeedserverError
from feedserver.filters.parse import FIELDS
from feedserver.model import Fact, LinkTarget, Sort
from feedserver.query import PARAMETERS, parse_query
from feedserver.render import RENDERERS
from feedserver.sources import KINDS
from feedserver.web.errors import STATUS
from tests.entries import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def document(name: str) -> str:
    """Return the text of a document."""
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("parameter", [parameter.name for parameter in PARAMETERS])
def test_every_parameter_is_explained(parameter: str) -> None:
    """In the table of the query language, with its version in the README's words."""
    assert f"\n| `{parameter}` |" in document("queries")
    assert f"`{parameter}`" in README or parameter == "v"


def test_the_documents_name_no_parameter_that_is_not_there() -> None:
    """The table holds the parameters, in their order, and nothing else."""
    section = document("queries").split("## Parameters")[1].split("## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [parameter.name for parameter in PARAMETERS]


@pytest.mark.parametrize("value", [*get_args(Fact), *get_args(Sort), *get_args(LinkTarget)])
def test_every_value_of_a_choice_is_named(value: str) -> None:
    """Facts, sorts and link targets."""
    assert f"`{value}`" in document("queries")


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_q_is_named(field: str) -> None:
    """With its colon."""
    assert f"`{field}:`" in document("queries")


def test_every_setting_stands_in_the_table_with_its_default_and_meaning() -> None:
    """And no other."""
    rows = re.findall(r"^\| `([\w.-]+\.[\w-]+)` \|(.*?)\| (.*) \|$", document("configuration"), re.MULTILINE)
    told = [(key, f"`{default}`" if default else "", meaning) for key, default, meaning in describe_settings()]
    assert [(key, default.strip(), meaning) for key, default, meaning in rows] == told


def test_every_setting_of_a_source_stands_in_its_table() -> None:
    """With its default and its meaning; and no other."""
    sections = re.split(r"^## `([\w-]+)`", document("sources"), flags=re.MULTILINE)
    rows = [
        (f"{kind}.{key}", default.strip().replace("\\|", "|"), meaning)
        for kind, section in zip(sections[1::2], sections[2::2], strict=True)
        for key, default, meaning in re.findall(r"^\| `(\w+)` \|(.*?[^\\])\| (.*) \|$", section, re.MULTILINE)
    ]
    told = [(key, f"`{default}`" if default else "", meaning) for key, default, meaning in describe_kinds()]
    assert sorted(rows) == sorted(told)


def test_what_may_become_of_a_feed_is_explained() -> None:
    """With an example that works, and with the answers that readers get."""
    block = document("configuration").split("```toml")[1].split("```")[0]
    retired = tomllib.loads(block)["feeds"]
    assert [key for table in retired.values() for key in table] == ["moved", "gone"]
    assert "301" in document("feeds")
    assert "410" in document("feeds")


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_every_variable_is_explained(variable: str) -> None:
    """In the same words as in the code."""
    assert f"| `{variable}` | {ENVIRONMENT[variable]} |" in document("configuration")


@pytest.mark.parametrize("command", list(main.commands))
def test_every_command_is_explained(command: str) -> None:
    """In the table of the command line."""
    assert f"| `feedserver {command}" in document("command-line")


def test_every_source_and_format_is_named_in_the_readme() -> None:
    """Adding one is a line there."""
    for kind in KINDS:
        assert f"`{kind}`" in README
    for renderer in RENDERERS.values():
        assert renderer.title in README


def test_every_error_has_a_status_and_a_place_in_the_tree() -> None:
    """The drawing at the top of errors.py is the tree itself."""
    drawing = (ROOT / "feedserver" / "errors.py").read_text(encoding="utf-8").split('"""')[1]
    kinds = set(FeedserverError.__subclasses__())
    assert kinds == set(STATUS)
    for kind in kinds:
        for name in (kind.__name__, *(below.__name__ for below in kind.__subclasses__())):
            assert f"── {name} " in drawing


@pytest.mark.parametrize(
    "path", ["README.md", "CHANGELOG.md", *[f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")]]
)
def test_every_link_between_documents_leads_somewhere(path: str) -> None:
    """No document points at a file that is not there."""
    file = ROOT / path
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", file.read_text(encoding="utf-8")):
        assert (file.parent / target).exists(), target


def test_the_definition_in_the_readme_is_understood() -> None:
    """What people copy works."""
    block = README.split("```toml")[1].split("```")[0]
    table = tomllib.loads(block)["feeds"]["diffusion"]
    given = [(key, str(v)) for key, value in table.items() for v in (value if isinstance(value, list) else [value])]
    assert parse_query(given).title == "Diffusion and flow matching"
