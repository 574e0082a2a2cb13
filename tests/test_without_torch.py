"""Asking, serving and indexing few articles run without torch; what they run instead agrees with it, and where it is missing, torch answers."""

import json
import logging
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizerFast

from chat.reader import BLOCK, Packer, Piece, Reader, _in_bytes, _scores
from chat.training.reader_model import batch_of, trained_model
from indexer import DEFAULT_MODEL, Embedder, Index, IndexMismatch, ModelError, ModelInfo, QuestionEmbedder, build
from indexer.export import PROBES, question_model
from indexer.passage import EmbeddedText
from indexer.question_model import SHIPPED, kept
from indexer.verify import verify
from tests.browser import ROOT

HEAVY = ("torch", "transformers", "sentence_transformers", "onnx", "sklearn", "trafilatura", "pypdf", "docx")
LEFT = f"print([name for name in {HEAVY} if name in sys.modules])"
QUESTIONS = [
    json.loads(line)["question"]
    for path in sorted((ROOT / "tests" / "questions").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
][::5][:60]


def last_line(script: str, *arguments: object) -> str:
    """The last line that a script prints in a process of its own."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)
    assert done.returncode == 0 and "torch" not in done.stderr, done.stderr
    return done.stdout.splitlines()[-1]


def test_ask_imports_no_torch(corpus_index: Path) -> None:
    script = f"import sys; from chat.__main__ import main; main(sys.argv[1:]); {LEFT}"
    arguments = ("ask", "Who pays for the ferries?", "--index", corpus_index, "--corpus", ROOT / "tests" / "corpus")
    assert last_line(script, *arguments) == "[]"


SERVES = f"""
import json, os, signal, sys, threading, time, urllib.request
from pathlib import Path
from chat.web import service
from chat.web.server import serve

corpus, index, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
built, rebuild = threading.Event(), service.Service.rebuild

def rebuild_and_tell(self, **how):
    report = rebuild(self, **how)
    built.set()
    return report

def visit():
    url = f"http://127.0.0.1:{{port}}/gradio_api/call/chat"
    sent = urllib.request.Request(url, json.dumps({{"data": ["Who pays for the ferries?", []]}}).encode())
    sent.add_header("Content-Type", "application/json")
    for _ in range(300):
        try:
            event = json.load(urllib.request.urlopen(sent))["event_id"]
            break
        except OSError:
            time.sleep(0.2)
    answer = urllib.request.urlopen(f"{{url}}/{{event}}").read().decode()
    print("event: complete" in answer and "ferries" in answer, built.wait(60), end=" ")
    {LEFT}
    os.kill(os.getpid(), signal.SIGTERM)

service.Service.rebuild = rebuild_and_tell
threading.Thread(target=visit).start()
serve(corpus, index, "127.0.0.1", port, feedback=index / "feedback.jsonl")
"""


def test_serving_and_a_build_of_nothing_new_import_no_torch(corpus_index: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus_index, tmp_path / "index")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert last_line(SERVES, ROOT / "tests" / "corpus", tmp_path / "index", port) == "True True []"


def test_questions_are_embedded_as_by_sentence_transformers(corpus_index: Path, embedder: Embedder) -> None:
    ours = QuestionEmbedder(corpus_index, embedder.info)
    for question in (*QUESTIONS, *PROBES):
        vector = ours.embed_question(question)
        assert vector.dtype == np.float32 and vector.shape == (384,)
        assert np.abs(vector - embedder.embed_question(question)).max() < 1e-5, question
    assert "model" not in vars(ours.whole)  # it was not loaded for that


def test_few_passages_are_embedded_as_by_sentence_transformers(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        EmbeddedText("" if n % 2 else "İzmir: the “quay”", (text, QUESTIONS[n])) for n, text in enumerate(PROBES[:-1])
    ]
    few, whole = Embedder(), embedder
    vectors, parts = few.embed_passages([*texts, texts[0]])
    monkeypatch.setattr("indexer.embedding._FEW", 1)
    expected, expected_parts = whole.embed_passages([*texts, texts[0]])
    assert "model" not in vars(few) and "model" in vars(whole)
    assert vectors.dtype == np.float32 and np.abs(vectors - expected).max() < 1e-5
    assert max(np.abs(one - other).max() for one, other in zip(parts, expected_parts, strict=True)) < 1e-5
    model = whole.model
    assert few.info == whole.info and few.info.max_tokens == model.max_seq_length
    assert few.info.dimension == model.get_embedding_dimension()
    tokens = model.tokenizer([*PROBES], add_special_tokens=False, verbose=False)["input_ids"]
    assert few.count_tokens(PROBES) == [len(ids) for ids in tokens]
    with pytest.raises(ModelError, match="truncated"):
        few.embed_passages([EmbeddedText("", ("word " * 400,))])


def test_a_new_article_is_indexed_without_torch(small_corpus: Path, tmp_path: Path, embedder: Embedder) -> None:
    index, whole = tmp_path / "index", tmp_path / "whole"
    build(small_corpus, index, embedder=embedder)
    (small_corpus / "new.md").write_text("# The yard\n\nThe yard built a red lamp. It is fast.\n", encoding="utf-8")
    script = f"import sys; from indexer.__main__ import main; main(sys.argv[1:]); {LEFT}"
    assert last_line(script, "--corpus", small_corpus, "--index", index) == "[]"
    build(small_corpus, whole, embedder=embedder)
    left, right = Index.open(index), Index.open(whole)
    assert verify(index) == [] and [entry.path for entry in left.articles] == [entry.path for entry in right.articles]
    for number in range(len(left.articles)):
        one, other = left.record(number), right.record(number)
        assert one.passages == other.passages and np.allclose(one.passage_vectors, other.passage_vectors, atol=1e-5)


def test_the_reader_scores_as_the_trained_one(corpus_index: Path) -> None:
    index, reader, model, packer = Index.open(corpus_index), Reader(), trained_model(), Packer()
    rng, apart = np.random.default_rng(1), list[float]()
    for question in QUESTIONS[:25]:
        article = int(rng.integers(len(index.articles)))
        record, title = index.record(article), index.articles[article].title
        some = sorted(rng.choice(len(record.sentences), min(len(record.sentences), int(rng.integers(1, 9))), False))
        texts = [record.text[record.sentences[i].start : record.sentences[i].end] for i in some]
        pieces = [Piece(text, title, texts[0] if n % 3 == 2 else "", n % 2 == 1) for n, text in enumerate(texts)]
        scores, none = reader.read(packer.pack(question, pieces))
        with torch.inference_mode():
            expected = model(batch_of([packer.pack(question, pieces)]))[0].numpy()
        assert scores.shape == (len(expected) - 1,)
        apart += (np.append(scores, none) - expected).tolist()
    # It multiplies with bytes; the scores' own deviation is about 4.
    assert np.sqrt(np.mean(np.square(apart))) < 0.15 and np.abs(apart).max() < 0.8


def test_the_heads_score_as_the_trained_ones() -> None:
    model, packer, rng = trained_model(), Packer(), np.random.default_rng(2)
    heads = {name: tensor.numpy() for name, tensor in model.trained().items() if not name.startswith("body.")}
    for count in (1, 5):
        packed = packer.pack("Who won the race?", [Piece(f"Anna won race {n}.", "A race") for n in range(count)])
        tokens = rng.standard_normal((len(packed.ids), 384), dtype=np.float32)
        scores, none = _scores(heads, tokens, packed)
        with torch.inference_mode():
            expected = model.scores(torch.from_numpy(tokens)[None], batch_of([packed]))[0].numpy()
        assert np.abs(np.append(scores, none) - expected).max() < 1e-4


def test_weights_in_bytes_are_off_by_half_a_step_at_most() -> None:
    matrix = np.random.default_rng(3).standard_normal((6, 3 * BLOCK)).astype(np.float32)
    matrix[2, :BLOCK] = 0
    matrix[3, BLOCK] = -9
    numbers, scales = _in_bytes(matrix)
    assert numbers.shape == (6, 3, BLOCK) and numbers.dtype == np.uint8 and scales.dtype == np.float32
    steps = scales.reshape(6, 3, 1)
    assert (np.abs((numbers.astype(np.float32) - 128) * steps - matrix.reshape(6, 3, BLOCK)) <= steps * 0.501).all()


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [flip, Path.unlink, lambda path: path.write_bytes(b"")])
def test_without_a_sound_export_torch_answers_until_the_next_build(
    damage, small_corpus: Path, tmp_path: Path, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    index = tmp_path / "index"
    build(small_corpus, index, embedder=embedder)
    (export,) = (index / "models").iterdir()
    damage(export)
    assert verify(index) == ([f"{export}: is not what its name says"] if export.exists() else [])
    slow = QuestionEmbedder(index, embedder.info)
    assert caplog.records[-1].levelno == logging.WARNING and "python -m indexer --index" in caplog.text
    assert np.abs(slow.embed_question("Who?") - embedder.embed_question("Who?")).max() < 1e-6
    assert "model" in vars(slow.whole)
    build(small_corpus, index, embedder=embedder)
    assert verify(index) == [] and kept(index, embedder.weights)
    assert "model" not in vars(QuestionEmbedder(index, embedder.info).whole)


def test_other_weights_than_the_index_was_made_with_are_told(corpus_index: Path, embedder: Embedder) -> None:
    made_by = ModelInfo(DEFAULT_MODEL, "sha256:0123456789abcdef", 256, 384)
    with pytest.raises(IndexMismatch, match=r"sha256:0123456789ab.*sha256:53aa51172d14.*--full"):
        QuestionEmbedder(corpus_index, made_by)


def test_the_shipped_export_is_what_torch_exports(embedder: Embedder) -> None:
    made = question_model(embedder.model, embedder.folder)
    shipped = kept(SHIPPED, embedder.weights)
    assert shipped is not None and (shipped.weights, shipped.max_tokens) == (made.weights, made.max_tokens)
    one, other = shipped.loaded(embedder.folder), made.loaded(embedder.folder)
    assert all(np.array_equal(one(text), other(text)) for text in PROBES)


class Moody(torch.nn.Module):
    """A step of a model that looks at its numbers, which no exporter can follow."""

    def forward(self, features, **_):
        if float(features["sentence_embedding"].sum()) > 1e9:
            features["sentence_embedding"] *= 2
        return features


def tiny_model(folder: Path) -> str:
    """A model with random weights, saved; returns its name."""
    words = "[PAD] [UNK] [CLS] [SEP] [MASK] the lamp boat costs euros yard built red what does cost".split()
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,?"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join([*words, *letters, *(f"##{letter}" for letter in letters)]))
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(words) + 2 * len(letters), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=256,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), model_max_length=256).save_pretrained(folder / "bert")
    body = Transformer(str(folder / "bert"), max_seq_length=256)
    SentenceTransformer(modules=[body, Pooling(32, "cls")]).save(str(folder / "model"))
    return str(folder / "model")


def test_a_build_exports_any_model_and_keeps_the_export_of_its_own(
    small_corpus: Path, tmp_path: Path, embedder: Embedder
) -> None:
    index, other = tmp_path / "index", Embedder(tiny_model(tmp_path / "tiny"))
    build(small_corpus, index, embedder=embedder)
    build(small_corpus, index, model=other.name, full=True, embedder=other)
    assert kept(index, other.weights) and not kept(index, embedder.weights) and verify(index) == []
    (small_corpus / "new.txt").write_text("The yard built a red lamp.\n", encoding="utf-8")
    assert build(small_corpus, index).embedded == 1 and len(list((index / "models").iterdir())) == 1
    ours = QuestionEmbedder(index, other.info)
    for text in PROBES:
        assert float(ours.embed_question(text) @ other.embed_question(text)) > 0.9999, text
    assert "model" not in vars(ours.whole)


def test_a_model_that_cannot_be_exported_answers_itself(
    small_corpus: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index, moody = tmp_path / "index", Embedder(tiny_model(tmp_path / "tiny"))
    moody.model.append(Moody())
    build(small_corpus, index, model=moody.name, embedder=moody)
    assert "it cannot be exported" in caplog.text and not list(index.glob("models/*")) and verify(index) == []
    ours = QuestionEmbedder(index, moody.info)
    assert np.array_equal(
        ours.embed_question("What does the lamp cost?"), moody.embed_question("What does the lamp cost?")
    )
