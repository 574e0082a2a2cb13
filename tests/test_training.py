"""What the reader is taught: questions cut out of sentences, with other names put in, and where their answers stand."""

import random
from collections import Counter

from chat.reader import Packer, Piece
from chat.training.clozes import clozes, swapped
from chat.training.reader import answer_places, told_lesson
from chat.training.reader import told as told_of
from indexer import terms

TEXT = [
    "The Harbour Bridge was opened in 1932 by Premier Lang.",
    "Lena Vogt founded Ampereth in 2014 in Bergen.",
    "Skarvik Ferries has 14 ferries on six routes.",
    "The museum in Oslo was closed for eleven nights.",
    "Ottoline Marsh praised the perry of Golden Quince.",
]
KNOWN = Counter("found founded open opened close closed the The".split())


def cut(seed: int) -> list:
    return list(clozes(TEXT, KNOWN, random.Random(seed)))


def test_the_answer_of_a_question_that_was_cut_out_stands_in_its_sentence_and_not_in_the_question() -> None:
    found = {cloze for seed in range(20) for cloze in cut(seed)}
    assert {cloze.right for cloze in found} >= {0, 1, 2}
    assert {cloze.kind for cloze in found} >= {"when", "who", "how many"}
    for cloze in found:
        assert cloze.answer and cloze.answer in TEXT[cloze.right]
        assert cloze.answer.casefold() not in cloze.question.casefold()


def test_another_name_is_put_in_of_which_nothing_like_it_is_told() -> None:
    changed = 0
    for seed in range(40):
        rng = random.Random(seed)
        for cloze in cut(seed):
            other = swapped(cloze, TEXT, rng)
            if other:
                changed += 1
                names = set(terms(other)) - set(terms(cloze.question))
                assert names and not names & set(terms(TEXT[cloze.right]))
    assert changed


def test_the_places_of_an_answer_are_its_tokens() -> None:
    packer = Packer()
    packed = packer.pack("When was it opened?", [Piece(text, "Bridges") for text in TEXT])
    places = answer_places(packer, packed, TEXT, (0,), ("in 1932",))
    assert [packed.ids[place] for place in places] == packer.pack("in 1932", []).ids[1:3]
    assert all(packed.sentences[0][0] <= place < packed.sentences[0][1] for place in places)
    assert answer_places(packer, packed, TEXT, (1,), ("in 1932",)) == ()
    assert answer_places(packer, packed, TEXT, (0,), ("",)) == ()


def test_a_lesson_knows_which_of_its_sentences_is_right() -> None:
    packer, rng = Packer(), random.Random(0)
    among = told_of(0, "Bridges", TEXT)
    lessons = [
        told_lesson(packer, "When was the bridge opened?", frozenset({(0, 0)}), among, rng, "1932") for _ in range(40)
    ]
    kept = [lesson for lesson in lessons if lesson.right]
    assert 25 < len(kept) < 40  # now and then the sentence that answers is left out
    for lesson in kept:
        start, end = lesson.packed.sentences[lesson.right[0]]
        assert lesson.answer and all(start <= place < end for place in lesson.answer)
    assert not any(lesson.answer for lesson in lessons if not lesson.right)
