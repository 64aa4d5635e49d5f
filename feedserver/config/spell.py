"""A query -> the lines that define it in ``feeds.toml``."""

import tomlkit

from feedserver.query import PARAMETERS, Query

_NUMBERS = ("min_upvotes", "min_comments", "min_stars", "limit")


def spell_definition(name: str, query: Query) -> str:
    """Return the table of a feed of that name; numbers as numbers, several values as a list."""
    several = {parameter.name for parameter in PARAMETERS if parameter.several}
    table = tomlkit.table()
    for key, value in query.parameters:
        if key in several and "," in value:
            table[key] = value.split(",")
        else:
            table[key] = int(value) if key in _NUMBERS else value
    document = tomlkit.document()
    document["feeds"] = tomlkit.table(is_super_table=True)
    document["feeds"].append(name, table)
    return tomlkit.dumps(document)
