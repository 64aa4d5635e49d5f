"""A seed -> made-up base entries, for a clone without captured data: words after Zipf's law, names, upvotes."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate, product
from random import Random

from feedserver.model import Entry, Links, Submitter

ENTRIES = 5_000
_LISTED = datetime(2026, 1, 1, tzinfo=UTC)
_STARTS = ("ba", "cro", "di", "fe", "gla", "hu", "jo", "ki", "lu", "mo", "ne", "pra", "que", "ri", "so", "tru", "ve")
_MIDDLES = ("lam", "bor", "cin", "dal", "fer", "gon", "mi", "nu", "pes", "ral", "sto", "tev")
_ENDS = ("", "dan", "ek", "ion", "is", "mar", "on", "ture", "um", "val")
_GIVEN = ("Ada", "Bo", "Carla", "Dmitri", "Elif", "Femi", "Grace", "Hao", "Ines", "Jun", "Kofi", "Li Wei", "Mina")


def made_up(seed: int) -> tuple[Entry, ...]:
    """Return ``ENTRIES`` entries; about 1 word in 25 is the commonest one, and half of the words are rare."""
    random = Random(seed)
    vocabulary = [start + "".join(rest) for rest in product(_MIDDLES, _MIDDLES, _ENDS) for start in _STARTS]
    random.shuffle(vocabulary)
    weights = list(accumulate(1 / (rank + 2.7) ** 1.1 for rank in range(len(vocabulary))))
    families = [word.capitalize() for word in vocabulary[:400]]
    return tuple(_entry(number, vocabulary, weights, families, random) for number in range(ENTRIES))


def _entry(number: int, vocabulary: list[str], weights: list[float], families: list[str], random: Random) -> Entry:
    def text(length: int) -> str:
        return " ".join(random.choices(vocabulary, cum_weights=weights, k=length))

    def name() -> str:
        return f"{random.choice(_GIVEN)} {families[int(len(families) * random.random() ** 2)]}"

    page = f"https://example.org/{number}"
    return Entry(
        id=page,
        title=text(random.randint(5, 14)).capitalize(),
        summary=f"{text(random.randint(120, 260)).capitalize()}.",
        links=Links(page),
        published=_LISTED - timedelta(days=random.randint(0, 9)),
        listed=_LISTED,
        first_seen=_LISTED,
        updated=_LISTED,
        modified=_LISTED,
        sources=("daily-papers",),
        authors=tuple(name() for _ in range(random.randint(1, 18))),
        submitter=Submitter(name().replace(" ", "-").lower()),
        upvotes=int(random.lognormvariate(1.5, 1.25)),
        ai_keywords=tuple(text(2) for _ in range(5)),
    )
