"""Parameters -> Query: the one meaning of a feed's parameters, in addresses, config files and on the command line.

``PARAMETERS`` is the table of them; documentation, command line and tests read it. The meaning is a promise to
subscribers: it is version 1, frozen by tests, and a change of meaning would be version 2.
"""

from feedserver.query.base import DEFAULT_LIMIT, DEFAULT_SHOW, Definition, Query, Top
from feedserver.query.parameters import HIGHEST_LIMIT, PARAMETERS, VERSION, Parameter, one_of
from feedserver.query.parse import MOST_VALUES, parse_query

__all__ = [
    "DEFAULT_LIMIT", "DEFAULT_SHOW", "HIGHEST_LIMIT", "MOST_VALUES", "PARAMETERS", "VERSION", "Definition", "Parameter",
    "Query", "Top", "one_of", "parse_query",
]  # fmt: skip
