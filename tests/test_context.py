"""What a sentence needs beside it: who speaks, the question that it answers, the head of its table."""

from pathlib import Path

import pytest

from chat.context import first_of, introduction, widened
from indexer import Embedder, Index, Record, build

TALK = """# On the ferries

*Arne Veldstad talks with Solveig Marstrand, who runs Havlinje.*

VELDSTAD: Good morning. And the crew?

MARSTRAND: Nobody had to go. Our 64 sailors did a course in safety.

**[09:14] Kwame D.:** May I help? The line is open.

[09:15] Ines Tollefsen: We are stuck. I have restarted nothing.

What was the cause?

It was a coffee machine. Nobody was hurt.

The steps are these:

1. Open the archive.
2. Export the file.

| item | 2024 | 2023 |
|---|---|---|
| Revenue | 212.4 | 219.8 |
| Profit | 14.8 | 9.2 |

Note: this is no conversation. It stands alone.

Colin Ashby, who chairs the trust, questioned the plan. “If he wakes up bored, what is left?” he asked. The stand is old. “It rots,” she said.

The end.
"""


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Record:
    folder = tmp_path_factory.mktemp("talk")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "talk.md").write_text(TALK, encoding="utf-8")
    build(folder / "corpus", folder / "index", embedder=embedder)
    index: Path = folder / "index"
    return Index.open(index).record(0)


def number_of(record: Record, words: str) -> int:
    (found,) = [n for n, s in enumerate(record.sentences) if words in record.text[s.start : s.end]]
    return found


@pytest.mark.parametrize(
    ("words", "before"),
    [
        ("Nobody had to go", "And the crew?"),
        ("Our 64 sailors", "And the crew?"),
        ("It was a coffee machine", "What was the cause?"),
        ("Nobody was hurt", "What was the cause?"),
        ("Export the file", "The steps are these:"),
        ("Profit", "| item | 2024 | 2023 |"),
        ("Good morning", None),
        ("| item", None),
        ("The steps are", None),
        ("The end", None),
    ],
)
def test_what_introduces_a_sentence(talk: Record, words: str, before: str | None) -> None:
    found = introduction(talk, number_of(talk, words))
    assert (None if found is None else talk.text[talk.sentences[found].start : talk.sentences[found].end]) == before


@pytest.mark.parametrize(
    ("words", "opening"),
    [
        ("Our 64 sailors", "MARSTRAND: Nobody had to go."),
        ("The line is open", "[09:14] Kwame D.:"),
        ("I have restarted nothing", "[09:15] Ines Tollefsen: We are stuck."),
        ("Nobody was hurt", "Nobody was hurt."),
        ("It stands alone", "Note: this is no conversation."),
    ],
)
def test_a_quote_of_a_turn_begins_with_who_speaks(talk: Record, words: str, opening: str) -> None:
    span = widened(talk, 0, number_of(talk, words))
    assert opening in talk.text[span.start : span.start + len(opening) + 4]


def test_in_a_turn_no_sentence_needs_what_stands_before_the_turn(talk: Record) -> None:
    for words in ("Nobody had to go", "Our 64 sailors", "I have restarted nothing"):
        number = number_of(talk, words)
        assert talk.sentences[first_of(talk, number)].block == talk.sentences[number].block


def test_what_somebody_said_is_quoted_with_the_direct_speech_that_follows(talk: Record) -> None:
    number = number_of(talk, "questioned the plan")
    spoken, plain = (widened(talk, 0, number, spoken=spoken) for spoken in (True, False))
    assert talk.text[spoken.start : spoken.end].endswith(
        "questioned the plan. “If he wakes up bored, what is left?” he asked."
    )
    assert talk.text[plain.start : plain.end].endswith("questioned the plan.")
