"""Files made to harm: each ends in a line that names it, and neither the process that reads it nor another file suffers.

The fuzzing draws QUOTEWIRE_FUZZ inputs (200 where it is not set) for each of seven cases (text, Markdown, HTML, Word, PDF
made here, question files as bytes and as values) and a sixth of that for a whole PDF: 1,433 inputs a run. They are random
bytes, and files of tests/corpus or lines of tests/questions with bytes changed, left out, doubled or put in. The largest
round so far, of 21,500 inputs (QUOTEWIRE_FUZZ=3000), took 7 minutes on a busy machine and found nothing more.
"""

import io
import json
import os
import subprocess
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chat.web.library
import indexer.parse_process
from chat.evaluation.question_file import read_questions
from chat.web.library import NotAdded, must_be_readable
from indexer import Embedder, ParserFailed, QuestionFileError, UnreadableArticle, build, corpus_files, parse_article
from indexer.article import parse_here
from indexer.corpus import stale
from indexer.generation import hold_current
from indexer.parse_process import read_article
from indexer.sentence import sentences
from indexer.types import Article

from .bombs import HEADS, PAGE, PARAGRAPH, bombs, flate, pdf_page, pdf_stream, word_file, word_xml
from .conftest import ROOT

FUZZ = int(os.environ.get("QUOTEWIRE_FUZZ", "200"))
CORPUS = ROOT / "tests" / "corpus"
BOMBS = bombs()
GOOD_PDF, GOOD_WORD = pdf_page(flate(PAGE)), word_file(word_xml(PARAGRAPH))


@pytest.fixture(autouse=True)
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a bomb reaches soon."""
    monkeypatch.setattr(indexer.parse_process, "cpu_seconds", lambda size: 2)
    monkeypatch.setattr(indexer.parse_process, "memory_bytes", lambda size: 256 * 2**20)


def idle_processes() -> list[subprocess.Popen[bytes]]:
    return [worker._process for worker in indexer.parse_process._idle]


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_in_a_reason(name: str) -> None:
    data, reason = BOMBS[name]
    assert len(data) < 5 * 2**20
    with pytest.raises(UnreadableArticle, match=reason) as caught:
        parse_article(name, data)
    assert "\n" not in str(caught.value)
    assert parse_article("good.pdf", GOOD_PDF).text == "The quay opens on Monday."


@pytest.mark.parametrize("name", HEADS)
def test_a_front_matter_made_to_harm_is_text_or_says_nothing(name: str) -> None:
    began = time.process_time()
    marks = "+++" if name.startswith("TOML") else "---"
    article = parse_article("a.md", f"{marks}\n{HEADS[name]}\n{marks}\n\nThe quay opens on Monday.\n".encode())
    assert time.process_time() - began < 5
    assert "The quay opens on Monday." in article.text and len(article.title.encode()) <= 800


def test_a_build_names_the_bombs_and_reads_the_rest(tmp_path: Path, embedder: Embedder) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    chosen = ["attributes.html", "flate.pdf", "unpacks.docx"]
    for name in chosen:
        (corpus / name).write_bytes(BOMBS[name][0])
    (corpus / "good.docx").write_bytes(GOOD_WORD)
    (corpus / "good.pdf").write_bytes(GOOD_PDF)
    (corpus / "z.txt").write_bytes(b"A ferry sails on Tuesday.\n")
    os.mkfifo(corpus / "pipe.txt")
    report = build(corpus, tmp_path / "index", embedder=embedder)
    assert report.added == ("good.docx", "good.pdf", "z.txt")
    assert [path for path, _ in report.skipped] == sorted([*chosen, "pipe.txt"])
    assert all(reason and "\n" not in reason for _, reason in report.skipped)
    held = hold_current(tmp_path / "index")
    held.lock.close()
    assert "4 new" in stale(corpus, {entry.path: entry for entry in held.manifest.articles}, {})


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer.parse_process, "MOST_FILE_BYTES", 2**20)
    (tmp_path / "a.txt").write_bytes(b"The quay opens.\n" * 2**17)
    with pytest.raises(UnreadableArticle, match="more than 1 MB: split it"):
        read_article(tmp_path, "a.txt")


def test_what_is_parsed_elsewhere_is_what_is_parsed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer.parse_process, "SMALL_TEXT_BYTES", 0)
    for corpus in (ROOT / "corpus", CORPUS):
        for path in corpus_files(corpus):
            data = (corpus / path).read_bytes()
            assert parse_article(path, data) == parse_here(path, data)


def test_one_process_reads_many_files_and_holds_no_torch() -> None:
    parse_article("a.pdf", GOOD_PDF)
    (process,) = idle_processes()
    for number in range(50):
        parse_article(f"{number}.docx", GOOD_WORD)
    assert idle_processes() == [process] and process.poll() is None
    maps = Path(f"/proc/{process.pid}/maps")
    if not maps.exists():
        pytest.skip("this system does not tell what a process has loaded")
    loaded = maps.read_text()
    assert "/lxml/" in loaded and "/torch/" not in loaded and "/faiss/" not in loaded


def test_a_process_that_has_ended_is_replaced() -> None:
    parse_article("a.pdf", GOOD_PDF)
    (process,) = idle_processes()
    process.kill()
    process.wait()
    assert parse_article("a.pdf", GOOD_PDF).text == "The quay opens on Monday."
    assert idle_processes() != [process]


def test_a_parser_that_crashes_costs_its_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer.parse_process, "cpu_seconds", lambda size: 60)
    seen: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def noted(*args: object, **named: object) -> subprocess.Popen[bytes]:
        seen.append(real(*args, **named))
        return seen[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    monkeypatch.setattr(indexer.parse_process, "_idle", [])
    reasons: list[str] = []

    def parse() -> None:
        with pytest.raises(UnreadableArticle) as caught:
            parse_article("a.html", BOMBS["attributes.html"][0])
        reasons.append(str(caught.value))

    thread = threading.Thread(target=parse)
    thread.start()
    while not (seen and Path(f"/proc/{seen[0].pid}/maps").exists() and _cpu_seconds(seen[0].pid) > 1.5):
        time.sleep(0.05)
    seen[0].kill()
    thread.join()
    assert len(seen) == 1 and reasons == [
        "cannot be parsed: its parser crashed (SIGKILL): split it, or save it anew with the program that made it"
    ]


def _cpu_seconds(process: int) -> float:
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_the_clock_is_the_limit_where_the_processor_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    parse_article("a.pdf", GOOD_PDF)  # so that a process is there
    monkeypatch.setattr(indexer.parse_process, "cpu_seconds", lambda size: 60)
    monkeypatch.setattr(indexer.parse_process, "CLOCK_PER_CPU", 1 / 60)
    began = time.monotonic()
    with pytest.raises(UnreadableArticle, match="takes more than 60 seconds"):
        parse_article("a.html", BOMBS["attributes.html"][0])
    assert 1 <= time.monotonic() - began < 30


def test_where_no_process_starts_that_is_said_and_no_article_is_dropped(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "good.pdf").write_bytes(GOOD_PDF)
    (corpus / "z.txt").write_bytes(b"A ferry sails on Tuesday.\n")
    build(corpus, tmp_path / "index", embedder=embedder)
    (corpus / "good.pdf").write_bytes(GOOD_PDF + b"\n")
    monkeypatch.setattr(indexer.parse_process, "_idle", [])
    monkeypatch.setattr(indexer.parse_process, "_START", "import no_such_module")
    with pytest.raises(ParserFailed, match=r"does not start \(exit status 1\)"):
        build(corpus, tmp_path / "index", embedder=embedder)
    held = hold_current(tmp_path / "index")
    held.lock.close()
    assert [entry.path for entry in held.manifest.articles] == ["good.pdf", "z.txt"]


@pytest.mark.parametrize("name", ["attributes.html", "flate.pdf", "unpacks.docx"])
def test_a_bomb_is_not_added_to_the_corpus(name: str) -> None:
    data, reason = BOMBS[name]
    with pytest.raises(NotAdded, match=f"{name} {reason}") as caught:
        must_be_readable(name, data)
    assert "\n" not in str(caught.value)


def test_who_adds_a_file_while_others_are_read_hears_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat.web.library, "_PARSING", threading.BoundedSemaphore(1))
    monkeypatch.setattr(chat.web.library, "_SECONDS_TO_WAIT", 0.1)
    with chat.web.library._PARSING, pytest.raises(NotAdded, match="other files are being read"):
        must_be_readable("a.pdf", GOOD_PDF)
    must_be_readable("a.pdf", GOOD_PDF)


_TOKENS = [b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"---\n", b"+++\n", b"<", b">", b"&#xD800;", b"<![CDATA[", b"<table>", b"<li>",
           b"<script type='application/ld+json'>", b"<<", b">>", b"stream\n", b"endobj", b"/Length -1", b"[", b"0 R", b"\xed\xa0\x80",
           b"title: ", b"date: 2026-99-99", b": !!timestamp x", b"```\n", b"| a |\n|--|\n", b"> - 1. ", b'"', b"{", b"\\ud800",
           b"NaN", b"1e999", b"-1", b"null", b"\r", b"\xe2\x80\xa8", b"PK\x03\x04", b"9" * 5000]  # fmt: skip
_edits = st.lists(
    st.tuples(
        st.floats(0, 1), st.integers(0, 40), st.one_of(st.binary(max_size=12), st.sampled_from(_TOKENS)), st.booleans()
    ),
    min_size=1,
    max_size=12,
)


def changed(seed: bytes, edits: list[tuple[float, int, bytes, bool]]) -> bytes:
    """A file with bytes replaced, left out, put in or doubled at some places of it."""
    data = bytearray(seed)
    for place, length, content, doubles in edits:
        at = int(place * len(data))
        data[at : at + length] = content + bytes(data[at : at + length]) * 2 if doubles else content
    return bytes(data)


def variants(*seeds: bytes, wrapped: Callable[[bytes], bytes] = bytes) -> st.SearchStrategy[bytes]:
    """Random bytes, and changed seeds; `wrapped` makes a file of what was changed."""
    mutated = st.builds(changed, st.sampled_from(seeds), _edits).map(wrapped)
    return st.one_of(st.binary(max_size=400), mutated)


def seeds(suffix: str) -> list[bytes]:
    return [(CORPUS / path).read_bytes() for path in corpus_files(CORPUS) if path.endswith(suffix)]


def word_part(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("word/document.xml")


def check(article: Article) -> None:
    """It can be written down, and its blocks and sentences are ordered, disjoint and hold words."""
    json.dumps([article.title, article.date, article.authors, article.source], ensure_ascii=False).encode()
    article.text.encode()
    for spans in (article.blocks, sentences(article)):
        end = 0
        for span in spans:
            assert end <= span.start < span.end <= len(article.text)
            end = span.end


CASES = {
    ".txt": (FUZZ, variants(*seeds(".txt"))),
    ".md": (FUZZ, variants(*seeds(".md"))),
    ".html": (FUZZ, variants(*seeds(".html"))),
    ".docx": (FUZZ, st.one_of(variants(*seeds(".docx")), variants(*map(word_part, seeds(".docx")), wrapped=word_file))),
    "made.pdf": (FUZZ, variants(pdf_page(pdf_stream(PAGE)), pdf_page(flate(PAGE)))),
    ".pdf": (FUZZ // 6, variants(*seeds(".pdf"))),
}


@pytest.mark.parametrize("name", CASES)
def test_whatever_a_file_holds_it_is_an_article_or_says_why_not(name: str) -> None:
    number, inputs = CASES[name]

    @settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(inputs)
    def fuzz(data: bytes) -> None:
        try:
            article = parse_article(f"a{name}", data)
        except UnreadableArticle as reason:
            assert str(reason) and "\n" not in str(reason) and "fault of quotewire" not in str(reason)
            return
        check(article)

    fuzz()


class Sent:
    """A question file that a visitor has sent."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __str__(self) -> str:
        return "sent.jsonl"

    def read_bytes(self) -> bytes:
        return self.data


TEXTS = {"lumenark-museum-lighting.html": "has replaced all 1,870 lamps in the Amber Gallery. Lamps replaced: 1,870"}
LINES = (ROOT / "tests" / "questions" / "formats.jsonl").read_bytes().splitlines()[:8]
KEYS = st.sampled_from(
    ["id", "question", "answerable", "answers", "evidence", "history", "must_show", "sentence_contains", "articles",
     "article", "quote", "start", "role", "content", "x"]
)  # fmt: skip
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(["user", "", *TEXTS])
)
VALUES = st.recursive(PLAIN, lambda v: st.lists(v, max_size=4) | st.dictionaries(KEYS, v, max_size=6), max_leaves=20)
OBJECTS = st.lists(st.dictionaries(KEYS, VALUES, max_size=9), min_size=1, max_size=3)


@pytest.mark.parametrize("kind", ["bytes", "values"])
def test_whatever_a_question_file_holds_it_is_questions_or_says_why_not(kind: str) -> None:
    values = OBJECTS.map(lambda objects: "\n".join(map(json.dumps, objects)).encode())

    @settings(max_examples=FUZZ, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(variants(*LINES, b"\n".join(LINES)) if kind == "bytes" else values)
    def fuzz(data: bytes) -> None:
        try:
            questions = read_questions([Sent(data)], TEXTS.get)
        except QuestionFileError as error:
            assert str(error).startswith("sent.jsonl") and "\n" not in str(error)
            str(error).encode()
            return
        for question in questions:
            json.dumps(question.raw, ensure_ascii=False).encode()
            for span in question.evidence:
                assert TEXTS[span.article][span.start : span.end] == span.quote

    fuzz()
