"""Follow-ups made to stand alone by the turns before them."""

import pytest

from chat.followup import resolve
from chat.types import Turn

ASKED = "Who runs Northwind Foods?"
SAID = (
    "“The plant was opened by Mara Lindqvist, chief executive of Northwind Foods, and Tom Okafor, mayor of Hull.” [1]"
)


@pytest.mark.parametrize(
    "before, said, question, understood",
    [
        (ASKED, SAID, "What did she say about jobs?", "What did Mara Lindqvist say about jobs?"),
        (ASKED, SAID, "and of Eastport Dairy?", "Who runs Eastport Dairy?"),
        ("What did Tom Okafor say?", SAID, "And Mara Lindqvist?", "What did Mara Lindqvist say?"),
        ("What does the new plant make?", SAID, "How much did it cost?", "How much did the new plant cost?"),
        ("What did he say the new plant can make?", SAID, "How much did it cost?", "How much did the new plant cost?"),
        ("Who opened the plant?", SAID, "When?", "When opened the plant?"),
        ("Who came to the opening ceremony?", SAID, "Who spoke there?", "Who spoke at the opening ceremony?"),
        ("When does the plant open?", SAID, "What is Tom Okafor mayor of?", "What is Tom Okafor mayor of?"),
    ],
)
def test_resolve(before: str, said: str, question: str, understood: str) -> None:
    assert resolve(question, [Turn("user", before), Turn("assistant", said)]) == understood


def test_without_history_a_question_stays() -> None:
    assert resolve("What did he say?", []) == "What did he say?"


def test_the_chain_of_follow_ups_is_followed() -> None:
    history = [
        Turn("user", ASKED),
        Turn("assistant", SAID),
        Turn("user", "and of Eastport Dairy?"),
        Turn("assistant", "“Ann Lee runs Eastport Dairy.” [1]"),
    ]
    assert resolve("What did she say?", history) == "What did Ann Lee say?"
