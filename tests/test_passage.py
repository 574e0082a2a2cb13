"""Sentences → passages: every sentence in exactly one, none longer than the model reads."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import Embedder, ProgressBar, progress
from indexer.errors import ModelError
from indexer.parse_process import read_article
from indexer.passage import EmbeddedText, cut, plain_words
from indexer.types import PassageSettings


def cut_text(folder: Path, text: str, embedder: Embedder, name: str = "a.md"):
    (folder / name).write_text(text, encoding="utf-8", newline="")
    article = read_article(folder, name)
    return article, cut(article, embedder.count_tokens, embedder.info.max_tokens, PassageSettings())


def tokens_of(text: EmbeddedText, embedder: Embedder) -> int:
    return embedder.count_tokens([". ".join(([text.head] if text.head else []) + [" ".join(text.sentences)])])[0] + 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sentences=st.lists(
        st.sampled_from(["The port opens. ", "Ann said: “No.” ", "\n\n", "## Heading\n\n", "x1y2z3 " * 200 + ". ", "漢字" * 200 + "。",
                         "a" * 900 + " ", "word " * 150 + ". ", "- item one\n", "😀" * 50 + " "]),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_passages_hold_every_sentence_once_within_the_limit(tmp_path: Path, embedder: Embedder, sentences) -> None:
    article, found = cut_text(tmp_path, "Start here. " + "".join(sentences), embedder)
    numbers = [n for p in found.passages for n in range(p.first, p.last + 1)]
    assert numbers == list(range(len(found.sentences)))
    for passage, text in zip(found.passages, found.texts, strict=True):
        assert passage.start == found.sentences[passage.first].start
        assert passage.end == found.sentences[passage.last].end
        assert tokens_of(text, embedder) <= embedder.info.max_tokens


def test_a_passage_reaches_about_the_target(tmp_path: Path, embedder: Embedder) -> None:
    _, found = cut_text(tmp_path, "The port of Oslo opens its new quay on Monday. " * 80, embedder)
    sizes = [sum(embedder.count_tokens(list(text.sentences))) for text in found.texts]
    assert all(150 <= size <= PassageSettings().target for size in sizes[:-1])


def test_title_and_heading_are_embedded_with_a_passage_that_lacks_them(tmp_path: Path, embedder: Embedder) -> None:
    body = "The quay is long. " * 60
    _, found = cut_text(tmp_path, f"# Oslo port\n\n## Costs\n\n{body}", embedder)
    assert found.texts[0].head == "" and found.texts[0].sentences[0] == "Oslo port"
    assert found.texts[-1].head == "Oslo port. Costs"


def test_a_heading_never_ends_a_passage(tmp_path: Path, embedder: Embedder) -> None:
    body = "The quay is long. " * 14
    article, found = cut_text(tmp_path, "".join(f"## Part {n}\n\n{body}\n\n" for n in range(12)), embedder)
    lasts = [article.text[found.sentences[p.last].start : found.sentences[p.last].end] for p in found.passages]
    assert not any(last.startswith("Part") for last in lasts)


def test_plain_words_are_a_sentence_without_markup() -> None:
    assert plain_words("See **the** [new\nquay](http://x.example/a_b) _now_.") == "See the new quay now."


def test_vectors_are_those_of_the_model_and_of_length_one(embedder: Embedder) -> None:
    texts = [EmbeddedText("Oslo port", ("The quay is long.", "It opens in May.")), EmbeddedText("", ("Short.",))]
    vectors, parts = embedder.embed_passages(texts)
    expected = embedder.embed_question("Oslo port. The quay is long. It opens in May.")
    assert np.allclose(vectors[0], expected, atol=1e-5)
    assert [part.shape for part in parts] == [(2, 384), (1, 384)]
    assert np.allclose(np.linalg.norm(np.concatenate([vectors, *parts]), axis=1), 1, atol=1e-5)


def test_a_text_that_would_be_truncated_is_an_error(embedder: Embedder) -> None:
    with pytest.raises(ModelError, match="truncated"):
        embedder.embed_passages([EmbeddedText("", ("word " * 400,))])


def test_passages_that_are_the_same_are_embedded_once(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = EmbeddedText("Oslo", ("The quay opens.", "It is long.")), EmbeddedText("Oslo", ("The quay closes.",))
    alone, parts_alone = embedder.embed_passages([one])
    seen: list[str] = []
    encode = embedder.model.encode
    monkeypatch.setattr(embedder.model, "encode", lambda texts, **how: (seen.extend(texts), encode(texts, **how))[1])
    told: list[int] = []
    vectors, parts = embedder.embed_passages([one, other, one, one], told.append)
    assert len(seen) == 2 and sum(told) == 4
    assert np.array_equal(vectors[0], vectors[2]) and np.array_equal(vectors[0], vectors[3])
    assert np.allclose(vectors[0], alone[0], atol=1e-6) and not np.allclose(vectors[0], vectors[1], atol=1e-2)
    assert np.array_equal(parts[0], parts[3]) and np.allclose(parts[0], parts_alone[0], atol=1e-6)


def test_progress_tells_the_pace_and_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with ProgressBar("embedding", "passages") as bar:
        for now[0], done in ((5.0, 0), (15.0, 100), (25.0, 200), (45.0, 400)):
            bar.show(done, 400)
    assert capsys.readouterr().err.splitlines() == [
        "embedding: 100 of 400 passages, 10.0 a second, 0:00:30 left",
        "embedding: 200 of 400 passages, 10.0 a second, 0:00:20 left",
        "embedding: 400 of 400 passages, 10.0 a second",
    ]
