"""A store of the schema before -> one of this schema, in place: a history of votes cannot be gathered again. SQLite."""

from dataclasses import replace

from sqlalchemy import Connection, bindparam, select, update

from feedserver.identity import title_name
from feedserver.store import names, schema
from feedserver.store.read import BATCH

FROM = 3  # the schema that can be read: it knew Daily Papers alone, and no other names of an entry


def migrate(connection: Connection) -> None:
    """Give every entry its further name and its origin; the new tables are there."""
    document = schema.document
    rows = select(document.c.row, document.c.body).order_by(document.c.row).limit(BATCH)
    change = update(document).where(document.c.row == bindparam("old_row")).values(body=bindparam("new_body"))
    last = -1
    while batch := connection.execute(rows.where(document.c.row > last)).all():
        entries = [(row, schema.decode(body)) for row, body in batch]
        told = [(row, schema.encode(replace(entry, origin="huggingface"))) for row, entry in entries]
        connection.execute(change, [{"old_row": row, "new_body": body} for row, body in told])
        names.remember(connection, ((row, entry.id, (title_name(entry.title),)) for row, entry in entries))
        last = batch[-1].row
