"""A hand-written listing, served on loopback in upstream's form: feeds with entries, without any network."""

from feedserver.demo.sample import write_config
from feedserver.demo.upstream import serve_sample

__all__ = ["serve_sample", "write_config"]
