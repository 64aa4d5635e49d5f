"""How long a request may be: path, query string, headers. What is longer is refused before anything reads it."""

from flask import request
from werkzeug.exceptions import RequestHeaderFieldsTooLarge, RequestURITooLarge

# Characters. Answers from memory don't look here: they know no long address, and read the beginnings of three headers.
LONGEST_PATH = 1_000
LONGEST_QUERY_STRING = 8_000
LONGEST_HEADER = 8_000
LONGEST_HEADERS = 16_000  # all of them, names included


def bound_request() -> None:
    """Let the current request pass. Raises RequestURITooLarge (414) and RequestHeaderFieldsTooLarge (431)."""
    if len(request.path) > LONGEST_PATH:
        raise RequestURITooLarge(f"a path has at most {LONGEST_PATH} characters")
    if len(request.query_string) > LONGEST_QUERY_STRING:
        raise RequestURITooLarge(f"at most {LONGEST_QUERY_STRING} characters may follow the question mark")
    longest = total = 0
    for name, value in request.headers.items():
        longest = max(longest, len(value))
        total += len(name) + len(value)
    if longest > LONGEST_HEADER:
        raise RequestHeaderFieldsTooLarge(f"a header has at most {LONGEST_HEADER} characters")
    if total > LONGEST_HEADERS:
        raise RequestHeaderFieldsTooLarge(f"all headers together have at most {LONGEST_HEADERS} characters")
