"""An index in Milvus is the same index: parity with files, generations, faults, many readers; on a real server."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chat.assistant import Assistant
from chat.render import answer_object
from chat.retriever import retrieve, within
from chat.types import Scope
from chat.web.health import health
from chat.web.service import Service
from chat.web.watch import Watch
from indexer import (
    Embedder,
    Index,
    IndexBusy,
    IndexMismatch,
    IndexMissing,
    QuotewireError,
    StoreUnavailable,
    corpus_files,
    terms,
)
from indexer.milvus import client, generation
from indexer.milvus import index as milvus_index
from indexer.milvus.client import Milvus
from indexer.milvus.index import MilvusIndex
from indexer.milvus.layers import Layer, LayerInfo
from indexer.milvus.schema import ALIAS, insert
from indexer.milvus.share import embed_share, share_epoch
from indexer.place import InMilvus

from .browser import wait_for
from .conftest import ROOT
from .milvus_server import Server, running

CORPUS = ROOT / "tests" / "corpus"
QUESTIONS = [
    json.loads(line)["question"]
    for name in ("corpus", "formats")
    for line in (ROOT / "tests" / "questions" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is shared; each test has a database of its own."""
    with running(tmp_path_factory.mktemp("milvus")) as started:
        started.fresh = started.databases()
        yield started


@pytest.fixture
def place(server: Server) -> InMilvus:
    """An empty database."""
    return InMilvus(next(server.fresh))


@pytest.fixture(scope="module")
def whole(server: Server, tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> tuple[InMilvus, Path]:
    """The index of `tests/corpus`, and the folder that it was built with."""
    place, folder = InMilvus(next(server.fresh)), tmp_path_factory.mktemp("whole")
    place.build(CORPUS, folder, embedder=embedder)
    return place, folder


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    """Three articles of a passage each."""
    corpus = tmp_path / "corpus"
    (corpus / "sub").mkdir(parents=True)
    (corpus / "lamp.txt").write_text("Lamp news\n\nOrtho sells a new lamp. It costs 40 euros.\n", encoding="utf-8")
    (corpus / "boat.md").write_text("# Boat news\n\nThe yard built a boat in 2024. It is red.\n", encoding="utf-8")
    (corpus / "sub" / "pact.txt").write_text("A pact\n\nOslo and Bergen signed a pact in May.\n", encoding="utf-8")
    return corpus


def texts(index: Index) -> dict[str, tuple[str, list[tuple[int, int]]]]:
    """Everything a reader sees of an index."""
    return {
        entry.path: (index.record(n).text, [(p.start, p.end) for p in index.record(n).passages])
        for n, entry in enumerate(index.articles)
    }


def verify(place: InMilvus) -> list[str]:
    return place.verify(Path("unused"), lambda done, total: None)


def test_the_same_passages_and_scores_as_from_files(
    whole: tuple[InMilvus, Path], corpus_index: Path, embedder: Embedder
) -> None:
    files, milvus = Index.open(corpus_index), whole[0].open(whole[1])
    assert [(e.path, e.date, e.content_hash, e.passages) for e in files.articles] == [
        (e.path, e.date, e.content_hash, e.passages) for e in milvus.articles
    ]
    assert texts(files) == texts(milvus)
    for question in QUESTIONS[::6]:
        vector = embedder.embed_question(question)
        one, two = retrieve(files, question, vector, k=10), retrieve(milvus, question, vector, k=10)
        assert [(hit.row, hit.span) for hit in one] == [(hit.row, hit.span) for hit in two], question
        assert [hit.score for hit in one] == pytest.approx(
            [hit.score for hit in two], abs=1e-4
        )  # files keep vectors in half precision
    for term in files.terms.vocabulary:
        assert files.terms.holding(term) == milvus.terms.holding(term)
    assert set(files.terms.vocabulary) == set(milvus.terms.vocabulary)
    assert files.terms.best_rows("robot", 1) == milvus.terms.best_rows("robot", 1) != []
    assert files.terms.idf("robot") == pytest.approx(milvus.terms.idf("robot"))
    milvus.close()


def test_the_same_answers_as_from_files(whole: tuple[InMilvus, Path], corpus_index: Path, tmp_path: Path) -> None:
    files, milvus = Assistant(corpus_index), Assistant(tmp_path, place=whole[0])
    kinds = set()
    for question in [*QUESTIONS[::20], "Who pays for the feries?"]:
        one, two = files.ask(question), milvus.ask(question)
        assert [q.span for q in one.quotes] == [q.span for q in two.quotes], question
        assert [q.text for q in one.nearest] == [q.text for q in two.nearest]
        assert (one.kind, one.question) == (two.kind, two.question)
        kinds.add(one.kind)
    assert len(kinds) == 2 and two.question.understood.casefold() == "who pays for the ferries?"
    assert list(tmp_path.glob("models/*.zip"))  # the model for questions came with the index


def test_filters_by_article_and_date(
    whole: tuple[InMilvus, Path], corpus_index: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, milvus = Index.open(corpus_index), whole[0].open(whole[1])
    asked: list[str] = []
    call = Milvus.call
    monkeypatch.setattr(
        Milvus, "call", lambda *a, **n: (asked.append(str(a[4]) if a[1] == "search" else ""), call(*a, **n))[1]
    )
    paths = frozenset(entry.path for entry in files.articles[::3])
    vector = embedder.embed_question("Which ferries?")
    for scope in (Scope(articles=paths), Scope(since="2026-01-01"), Scope(since="2026-03-01", until="2026-04-30")):
        chosen = within(files, scope)
        assert chosen == within(milvus, scope) and 0 < len(chosen) < len(files.articles)
        one, two = (index.candidates(terms("ferries"), vector, 20, chosen) for index in (files, milvus))
        assert one.rows.tolist() == two.rows.tolist() and {milvus.locate(row)[0] for row in two.rows} <= {*chosen}
    conditions = [condition for condition in asked if condition]
    assert "article in [" in conditions[0] and 'date >= "2026-03' in conditions[-1]
    assert not len(milvus.candidates(["ferri"], vector, 20, ()).rows)
    milvus.close()


def test_incremental_equals_full_and_a_reader_keeps_its_generation(
    small_corpus: Path, tmp_path: Path, place: InMilvus, embedder: Embedder, server: Server
) -> None:
    first = place.build(small_corpus, tmp_path / "a", embedder=embedder)
    assert (first.added, first.skipped) == (("boat.md", "lamp.txt", "sub/pact.txt"), ())
    again = place.build(small_corpus, tmp_path / "a", embedder=embedder)
    assert (again.unchanged, again.embedded, again.generation) == (3, 0, first.generation)
    old = place.open(tmp_path / "a")
    before, vector = texts(old), embedder.embed_question("What does the lamp cost?")
    rows = old.candidates(["lamp"], vector, 100).rows.tolist()

    (small_corpus / "lamp.txt").write_text("Lamp news\n\nThe lamp costs 50 euros.\n", encoding="utf-8")
    (small_corpus / "sub" / "pact.txt").rename(small_corpus / "renamed.txt")
    (small_corpus / "boat.md").unlink()
    (small_corpus / "new.txt").write_text("A new quay opens in Oslo on Monday.\n", encoding="utf-8")
    report = place.build(small_corpus, tmp_path / "a", embedder=embedder)
    assert (report.added, report.changed) == (("new.txt", "renamed.txt"), ("lamp.txt",))
    assert (report.removed, report.embedded) == (("boat.md", "sub/pact.txt"), 2)  # what was renamed is not embedded
    assert not old.is_current and texts(old) == before
    assert old.candidates(["lamp"], vector, 100).rows.tolist() == rows

    apart = InMilvus(next(server.fresh))
    apart.build(small_corpus, tmp_path / "b", embedder=embedder)
    grown, whole = place.open(tmp_path / "a"), apart.open(tmp_path / "b")
    assert grown.is_current and texts(grown) == texts(whole)
    assert dict(grown.terms.vocabulary) == dict(whole.terms.vocabulary)
    one, two = (index.candidates(["lamp", "euro"], vector, 100) for index in (grown, whole))
    assert one.rows.tolist() == two.rows.tolist()
    assert one.bm25.tolist() == two.bm25.tolist() and one.cosine.tolist() == pytest.approx(
        two.cosine.tolist(), abs=1e-6
    )
    assert verify(place) == verify(apart) == []
    full = place.build(small_corpus, tmp_path / "a", full=True, embedder=embedder)
    assert full.unchanged == 3 and full.embedded > 2 and texts(place.open(tmp_path / "a")) == texts(whole)
    assert old.candidates(["lamp"], vector, 100).rows.tolist() == rows  # an epoch stays for its readers, too


def test_what_no_generation_needs_is_removed_in_time(
    small_corpus: Path, tmp_path: Path, place: InMilvus, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.build(small_corpus, tmp_path, embedder=embedder)
    boat = (small_corpus / "boat.md").read_bytes()
    (small_corpus / "boat.md").unlink()
    place.build(small_corpus, tmp_path, embedder=embedder)
    (small_corpus / "boat.md").write_bytes(boat)
    assert place.build(small_corpus, tmp_path, embedder=embedder).embedded == 0  # its record was there still
    place.build(small_corpus, tmp_path, full=True, embedder=embedder)
    (small_corpus / "lamp.txt").unlink()
    place.build(small_corpus, tmp_path, embedder=embedder)
    store = Milvus(place.uri)
    generation.create_marker(store, f"{ALIAS}_of_somebody_else")
    assert len(store.call("list_collections")) == 6  # two epochs of two, a marker, and one that is not ours
    old = place.open(tmp_path)
    monkeypatch.setattr(generation, "GRACE", timedelta(0))
    place.build(small_corpus, tmp_path, embedder=embedder)
    assert len(store.call("list_collections")) == 4
    current = generation.current_generation(store)
    rows = store.query(generation.passages_of(current.epoch), "", ["count(*)"])[0]["count(*)"]
    names = {row["name"] for row in store.query(generation.blobs_of(current.epoch), "piece == 0", ["name"])}
    assert rows == current.passages == old.manifest.passages and verify(place) == []
    assert sum(name.startswith("generation-") for name in names) == 1
    monkeypatch.setattr(milvus_index, "READER_SECONDS", -1.0)
    old.candidates(["boat"], embedder.embed_question("boat"), 5)  # it is current, so it looks, and goes on
    (small_corpus / "lamp.txt").write_text("A lamp is new.\n", encoding="utf-8")
    place.build(small_corpus, tmp_path, embedder=embedder)
    with pytest.raises(IndexMismatch, match="replaced meanwhile: ask again"):
        old.candidates(["boat"], embedder.embed_question("boat"), 5)
    store.close()


def test_a_build_killed_at_any_change_leaves_old_or_new(
    small_corpus: Path, tmp_path: Path, place: InMilvus, embedder: Embedder
) -> None:
    other = tmp_path / "other"
    shutil.copytree(small_corpus, other)
    (other / "lamp.txt").write_text("Lamp news\n\nThe lamp costs 50 euros now.\n", encoding="utf-8")
    (other / "boat.md").rename(other / "ship.md")
    (other / "sub" / "pact.txt").unlink()
    place.build(small_corpus, tmp_path / "folder", embedder=embedder)
    old = texts(place.open(tmp_path / "folder"))
    seen = []
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash_milvus"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        stderr=subprocess.DEVNULL,
    ) as builder:  # fmt: skip
        assert builder.stdin is not None and builder.stdout is not None
        for number in range(1, 40):
            builder.stdin.write(f"{number}\t{other}\t{tmp_path / 'folder'}\t{place.uri}\n")
            builder.stdin.flush()
            outcome = builder.stdout.readline().strip()
            assert outcome in ("killed", "done")
            assert verify(place) == [], number
            seen.append(texts(place.open(tmp_path / "folder")))
            if outcome == "done":
                break
            if seen[-1] != old:
                place.build(small_corpus, tmp_path / "folder", embedder=embedder)
                assert texts(place.open(tmp_path / "folder")) == old and verify(place) == []
        builder.stdin.close()
    new = seen[-1]
    assert outcome == "done" and number > 7 and set(new) == {"lamp.txt", "ship.md"}
    assert all(state in (old, new) for state in seen) and old in seen and new in seen[:-1]


def test_a_server_killed_in_mid_build(
    small_corpus: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("LOOK", "READ", "WRITE"):
        monkeypatch.setattr(client, f"_{kind}_SECONDS", 3.0)
    with running(tmp_path / "server") as server:
        place = InMilvus(server.uri)
        place.build(small_corpus, tmp_path / "folder", embedder=embedder)
        assistant = Assistant(tmp_path / "folder", place=place)
        question = "What does the lamp cost?"
        assert "40 euros" in assistant.ask(question).quotes[0].text
        (small_corpus / "lamp.txt").write_text("Lamp news\n\nThe lamp costs 50 euros.\n", encoding="utf-8")
        with pytest.raises(StoreUnavailable, match=r"^Milvus at http://\S+: .*see that it runs") as told:
            place.build(
                small_corpus, tmp_path / "folder", embedder=embedder,
                progress=lambda done, total: server.kill() if done else None,
            )  # fmt: skip
        assert "\n" not in str(told.value)
        with pytest.raises(StoreUnavailable):
            assistant.ask(question)
        service = Service(small_corpus, tmp_path / "folder", editable=False, opened=lambda _: assistant, place=place)
        state = health(service, Watch())
        assert state.alive and not state.ready and "cannot be read" in state.problem
        server.start()
        wait_for(lambda: health(service, Watch()).ready)
        assert "40 euros" in assistant.ask(question).quotes[0].text and health(service, Watch()).ready
        assert verify(place) == []
        monkeypatch.undo()

        def restart(done: int, total: int) -> None:
            if done:
                server.kill()
                threading.Timer(1.0, server.start).start()

        place.build(small_corpus, tmp_path / "folder", embedder=embedder, progress=restart)  # it waits for the server
        assert "50 euros" in assistant.ask(question).quotes[0].text and verify(place) == []


def test_embedded_by_many_machines_and_built_by_one(
    small_corpus: Path, tmp_path: Path, place: InMilvus, embedder: Embedder
) -> None:
    paths, epoch = corpus_files(small_corpus), share_epoch(place.uri)
    shares = [embed_share(place.uri, epoch, small_corpus, paths[n::2], embedder) for n in range(2)]
    assert shares == [2, 1] and embed_share(place.uri, epoch, small_corpus, paths, embedder) == 0
    report = place.build(small_corpus, tmp_path, embedder=embedder)
    assert (report.added, report.embedded) == (paths, 0) and verify(place) == []
    assert share_epoch(place.uri) == epoch


def test_two_readers_while_a_build_switches(
    small_corpus: Path, tmp_path: Path, place: InMilvus, embedder: Embedder
) -> None:
    prices, done, faults = ("40", "50", "60", "70"), threading.Event(), []
    vector = embedder.embed_question("What do the lamp and the boat cost?")
    read: list[set[str]] = [set(), set()]

    def write(price: str) -> None:
        for name in ("lamp", "boat"):
            (small_corpus / f"{name}.md").write_text(f"The {name} costs {price} euros.\n", encoding="utf-8")
        place.build(small_corpus, tmp_path / "folder", embedder=embedder)

    def reader(number: int) -> None:
        index = place.open(tmp_path / f"reader{number}")
        try:
            while not done.is_set():
                index = index if index.is_current else place.open(tmp_path / f"reader{number}")
                rows = index.candidates(["cost", "euro"], vector, 100).rows.tolist()
                places = [index.locate(row) for row in rows]
                found = {
                    index.record(article).text.split()[3]
                    for article, _ in places
                    if index.articles[article].path != "sub/pact.txt"
                }
                if len(found) != 1 or len(rows) != index.manifest.passages:
                    faults.append((found, rows))
                read[number] |= found
        except Exception as error:
            faults.append(error)

    (small_corpus / "lamp.txt").unlink()
    write(prices[0])
    readers = [threading.Thread(target=reader, args=(number,)) for number in range(2)]
    for thread in readers:
        thread.start()
    for price in prices[1:]:
        time.sleep(0.3)
        write(price)
    time.sleep(0.5)
    done.set()
    for thread in readers:
        thread.join()
    assert faults == [] and all({prices[0], prices[-1]} <= seen for seen in read)


def test_a_build_that_was_overtaken_does_not_switch(
    small_corpus: Path, tmp_path: Path, place: InMilvus, embedder: Embedder
) -> None:
    place.build(small_corpus, tmp_path / "a", embedder=embedder)
    (small_corpus / "lamp.txt").unlink()
    raced: list[str] = []

    def race(done: int, total: int) -> None:
        if not raced:
            raced.append(place.build(small_corpus, tmp_path / "b", embedder=embedder).generation)

    with pytest.raises(IndexBusy, match="let one at a time build"):
        place.build(small_corpus, tmp_path / "a", embedder=embedder, progress=race)
    assert place.manifest(tmp_path / "a").generation == raced[0] and verify(place) == []


def test_verify_finds_what_was_altered(small_corpus: Path, tmp_path: Path, place: InMilvus, embedder: Embedder) -> None:
    place.build(small_corpus, tmp_path, embedder=embedder)
    store = Milvus(place.uri)
    current = generation.current_generation(store)
    store.call("delete", generation.passages_of(current.epoch), filter="id == 0")
    assert any("boat.md: passage 0 is missing" in fault for fault in verify(place))
    entry = place.open(tmp_path).articles[1]
    store.call("delete", generation.blobs_of(current.epoch), filter=f'key == "{entry.record}/0"')
    assert any("lamp.txt" in fault and "missing" in fault for fault in verify(place))
    store.close()


def test_rows_are_sent_in_bounded_batches() -> None:
    class Store:
        def call(self, method: str, collection: str, rows: list[dict[str, str]]) -> None:
            sent.append(rows)

    sent: list[list[dict[str, str]]] = []
    small, large = [{"data": str(n)} for n in range(1100)], [{"data": "x" * 1_500_000} for _ in range(7)]
    insert(Store(), "collection", small)
    assert [len(batch) for batch in sent] == [512, 512, 76] and sum(sent, []) == small
    sent.clear()
    insert(Store(), "collection", large)
    assert [len(batch) for batch in sent] == [3, 3, 1]


def test_layers_are_few_and_their_sum_is_the_whole() -> None:
    class Blobs:
        def put(self, name: str, data: bytes) -> None:
            kept[name] = data

    from indexer.milvus.layers import folded, put_layer

    kept: dict[str, bytes] = {}
    infos: tuple[LayerInfo, ...] = ()
    layers: list[Layer] = []
    for number in range(200):
        newest = Layer({}, frozenset(), {f"term{number}": 1, "all": 1}, 2)
        infos, _ = put_layer(Blobs(), infos, layers, newest)
        layers = [Layer.from_bytes(kept[info.name]) for info in infos]
    assert len(infos) < 10
    assert folded(layers).holding["all"] == 200 and len(folded(layers).holding) == 201
    gone = Layer({}, frozenset(), {"all": -200, "term3": -1}, -400)
    assert "all" not in folded([*layers, gone]).holding and folded([*layers, gone]).terms == 0


def run(*arguments: str, script: str = "") -> subprocess.CompletedProcess[str]:
    start = ["-c", script] if script else ["-m"]
    return subprocess.run([sys.executable, *start, *arguments], capture_output=True, text=True, timeout=120, cwd=ROOT)


def test_the_commands(whole: tuple[InMilvus, Path], corpus_index: Path, tmp_path: Path) -> None:
    where = ("--store", "milvus", "--milvus-uri", whole[0].uri, "--index", str(tmp_path), "--corpus", str(CORPUS))
    asked = run("chat", "ask", QUESTIONS[0], "--json", *where)
    given, expected = json.loads(asked.stdout), answer_object(Assistant(corpus_index).ask(QUESTIONS[0]))
    for passage in (*given["passages"], *expected["passages"]):
        passage["score"] = round(passage["score"], 3)
    assert asked.returncode == 0 and given == expected
    status = run("indexer", "status", *where)
    assert f"index       {whole[0].uri}, generation" in status.stdout and "unchanged since" in status.stdout
    assert run("indexer", "verify", *where).stdout == f"{whole[0].uri}: sound\n"


def test_faults_are_one_line_and_status_2(place: InMilvus, tmp_path: Path) -> None:
    away = ("--store", "milvus", "--milvus-uri", "http://127.0.0.1:1", "--index", str(tmp_path))
    empty = ("--store", "milvus", "--milvus-uri", place.uri, "--index", str(tmp_path))
    for arguments, told in (
        (("chat", "ask", "who?", *away), "error: Milvus at http://127.0.0.1:1: Fail connecting to server"),
        (("indexer", "status", *empty), f"error: no index in {place.uri}: run python -m indexer --store milvus"),
    ):
        done = run(*arguments)
        assert done.returncode == 2 and done.stderr.startswith(told) and done.stderr.count("\n") == 1, done.stderr
        assert done.stdout == ""
    with pytest.raises(IndexMissing):
        Service(CORPUS, tmp_path, editable=False, opened=lambda folder: Assistant(folder, place=place), place=place)


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["--store", "milvus"], "--store milvus: wants a server"),
        (["--milvus-uri", "http://127.0.0.1:1"], "--milvus-uri: goes with --store milvus"),
        (["--store", "milvus", "--milvus-uri", "./local.db"], "--milvus-uri: is no address"),
        (
            ["--store", "milvus", "--milvus-uri", "http://u:p@127.0.0.1:1"],
            "put USER:PASSWORD into QUOTEWIRE_MILVUS_TOKEN",
        ),
    ],
)
def test_options_that_cannot_be(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    from indexer.__main__ import main

    assert main(["status", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_without_pymilvus_everything_else_works(corpus_index: Path) -> None:
    script = (
        "import sys; sys.modules['pymilvus'] = None; from chat.__main__ import main; "
        "print(main(['ask', 'Who pays for the ferries?', '--index', sys.argv[1]]), "
        "main(['ask', 'who?', '--store', 'milvus', '--milvus-uri', 'http://127.0.0.1:1']))"
    )
    done = run(str(corpus_index), script=script)
    assert done.stdout.endswith("0 2\n") and "pip install 'quotewire[milvus]'" in done.stderr, done.stderr
    imported = run(
        script="import sys, chat.assistant, indexer; print('pymilvus' in sys.modules, 'grpc' in sys.modules)"
    )
    assert imported.stdout == "False False\n"


def test_it_has_all_of_an_index_that_chat_uses() -> None:
    used = {"open", "close", "is_current", "article_number", "record", "locate", "row", "candidates"}
    assert used <= set(dir(MilvusIndex)) & set(dir(Index))


def test_an_alias_that_names_no_generation_is_told(place: InMilvus, tmp_path: Path) -> None:
    store = Milvus(place.uri)
    generation.create_marker(store, "something_else")
    store.call("create_alias", "something_else", ALIAS)
    with pytest.raises(QuotewireError, match="which is no generation: drop that alias"):
        place.open(tmp_path)
    store.close()
