"""Which questions of ../shared/data are fitted on, and which are only reported on."""

from typing import Any

# Every fourth of squad2's articles that are asked about, by name: nothing is fitted on them.
SQUAD_TEST = ("Imperialism.txt", "Yuan_dynasty.txt")


def is_fitted(name: str, number: int, question: dict[str, Any]) -> bool:
    """Whether a line of a set's question file (its number counts from 1) is one to fit on, rather than to report on.

    squad2 is split by article, since its questions about one paragraph resemble each other; the others by line.
    """
    if name == "squad2":
        return question["paragraph"]["article"] not in SQUAD_TEST
    return number % 2 == 1
