"""What was asked before is not worked for again, and is never another's answer; how long the stages took."""

import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from chat.assistant import Assistant
from chat.laps import STAGES, Laps
from chat.render import answer_object
from chat.types import Kind, Scope, Turn
from chat.web.kept_answers import KeptAnswers
from chat.web.service import Service
from indexer import Index, build

from .conftest import ROOT

WHO, NOTHING = "Who attended the signing ceremony?", "Who won the Zanzibar marathon of 1987?"
PACT = "saic-bmw-and-baidu-strategic-partnership.txt"


class Worked:
    """Told of the stages; `times` is how often a question was embedded."""

    def __init__(self):
        self.stages = []

    def __call__(self, stage, seconds):
        assert seconds >= 0
        self.stages.append(stage)

    @property
    def times(self):
        return self.stages.count("embedding")


@pytest.fixture(scope="module")
def assistant(announcement_index):
    return Assistant(announcement_index)


def asked_of(kept, assistant, worked, *about):
    return kept.answer(assistant, *about, tell=worked)


@pytest.mark.parametrize("question", [WHO, NOTHING, "Hello", "", "x" * 1001])
def test_the_same_question_is_worked_for_once_and_answered_with_the_same_bytes(assistant, question):
    kept, worked = KeptAnswers(), Worked()
    first, second = (asked_of(kept, assistant, worked, question) for _ in range(2))
    assert worked.times == (first.kind is not Kind.SMALL_TALK) and kept.again == 1
    assert answer_object(first) == answer_object(second) == answer_object(assistant.ask(question))
    assert all(q.text == assistant.index.record(q.span.article).text[q.span.start : q.span.end] for q in second.quotes)


def test_history_scope_and_wording_make_another_question(assistant):
    kept, worked = KeptAnswers(), Worked()
    before = (Turn("user", "Who is the president of Baidu?"), Turn("assistant", "…"))
    other = (Turn("user", "Who is the president of SAIC Motor?"), Turn("assistant", "…"))
    abouts = [(WHO,), (f"{WHO} ",), (WHO, before), (WHO, other), (WHO, before[::-1]), (WHO, (), Scope((PACT,)))]
    abouts += [(WHO, (), Scope(since="2020-01-01")), ("and of SAIC Motor?", before), ("and of SAIC Motor?",)]
    answers = [asked_of(kept, assistant, worked, *about) for about in abouts]
    assert not kept.again
    assert answers[-2].question.understood != answers[-1].question.understood
    for about, answer in zip(abouts, answers, strict=True):
        again = asked_of(kept, assistant, worked, *about)
        assert again is answer and answer_object(again) == answer_object(assistant.ask(*about))
    assert asked_of(kept, assistant, worked, WHO, (), Scope()) is answers[0]  # that is the scope of all articles


def test_assistants_of_other_settings_keep_answers_of_their_own(announcement_index):
    def opened(**named):
        return Service(ROOT / "corpus", announcement_index, editable=False, opened=lambda at: Assistant(at, **named))

    (usual,), (always,) = opened().answers(NOTHING), opened(never_abstain=True).answers(NOTHING)
    assert usual.abstained and not always.abstained


def test_the_answers_asked_for_longest_ago_are_forgotten(assistant):
    kept, worked = KeptAnswers(2), Worked()
    for question in (WHO, NOTHING, WHO, "Who spoke for SAIC Motor?", WHO, NOTHING):
        asked_of(kept, assistant, worked, question)
    assert worked.times == 4 and kept.again == 2


def test_a_new_generation_forgets_them_and_lets_the_old_one_go(small_corpus, tmp_path, embedder):
    build(small_corpus, tmp_path / "index", embedder=embedder)
    service, question = Service(small_corpus, tmp_path / "index", editable=True), "What does the lamp cost?"
    (first,), (second,) = service.answers(question), service.answers(question)
    assert first is second and "40 euros" in first.quotes[0].text
    lamp = small_corpus / "lamp.txt"
    lamp.write_text(lamp.read_text().replace("40", "55"), encoding="utf-8")
    old = first.index.manifest.generation
    build(small_corpus, tmp_path / "index", embedder=embedder)
    (third,) = service.answers(question)
    assert "55 euros" in third.quotes[0].text and third.index.manifest.generation != old
    del first, second
    (small_corpus / "more.txt").write_text("More\n\nMore is said here.\n", encoding="utf-8")
    gc.collect()  # an index is part of a cycle
    build(small_corpus, tmp_path / "index", embedder=embedder)
    assert not (tmp_path / "index" / "generations" / old).exists()


class Slow(Assistant):
    """A real assistant that begins to answer when it is let."""

    def answers(self, *about, **named):
        self.begun.release()
        assert self.let.wait(30)
        if about[0] == "fail":
            raise ZeroDivisionError
        yield from super().answers(*about, **named)


def test_two_who_ask_the_same_at_once_wait_for_one_answer_or_meet_one_error(announcement_index):
    slow, kept, worked = Slow(announcement_index), KeptAnswers(), Worked()
    slow.begun, slow.let = threading.Semaphore(0), threading.Event()
    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(asked_of, kept, slow, worked, WHO) for _ in range(4)]
        failing = [pool.submit(asked_of, kept, slow, worked, "fail") for _ in range(4)]
        assert slow.begun.acquire(timeout=30) and slow.begun.acquire(timeout=30)
        while kept.again < 6:
            time.sleep(0.01)
        slow.let.set()
        assert len({id(each.result(30)) for each in asking}) == 1 and worked.times == 1
        for each in failing:
            with pytest.raises(ZeroDivisionError):
                each.result(30)
    with pytest.raises(ZeroDivisionError):
        asked_of(kept, slow, worked, "fail")  # it is tried again
    assert slow.begun.acquire(blocking=False)


def test_a_switch_while_it_is_answered_keeps_no_answer_of_the_old_generation(small_corpus, tmp_path, embedder):
    build(small_corpus, tmp_path / "index", embedder=embedder)
    slow, kept, worked = Slow(tmp_path / "index"), KeptAnswers(), Worked()
    slow.begun, slow.let = threading.Semaphore(0), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(asked_of, kept, slow, worked, "What does the lamp cost?")
        assert slow.begun.acquire(timeout=30)
        old: Index = slow._index
        lamp = small_corpus / "lamp.txt"
        lamp.write_text(lamp.read_text().replace("40", "55"), encoding="utf-8")
        build(small_corpus, tmp_path / "index", embedder=embedder)
        assert slow.index is not old
        kept.forget_all_but(slow.index)
        slow.let.set()
        asking.result(30)
    again = asked_of(kept, slow, worked, "What does the lamp cost?")
    assert "55 euros" in again.quotes[0].text and again.index is slow.index


def test_stages_are_told_in_order_and_add_up():
    told = []
    began = time.perf_counter()
    laps = Laps(lambda *one: told.append(one))
    for stage in STAGES:
        time.sleep(0.002)
        laps(stage)
    assert [stage for stage, _ in told] == list(STAGES) and min(seconds for _, seconds in told) > 0.001
    assert sum(seconds for _, seconds in told) <= time.perf_counter() - began


def test_an_answer_tells_its_stages_and_a_comparison_those_of_each_part(assistant):
    worked = Worked()
    assistant.ask(WHO, tell=worked)
    assert tuple(worked.stages) == STAGES[:-1]
    assistant.ask("Hello", tell=worked)
    assert worked.stages[len(STAGES) - 1 :] == ["choosing"]
