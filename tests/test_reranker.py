"""A cross-encoder as reranker: a tiny one, made here with fixed random weights, and what is said of one that is not there."""

from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from chat.assistant import Assistant
from chat.render import answer_object
from chat.reranker import READ, Reranker
from indexer import ModelError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny")
    words = "[PAD] [UNK] [CLS] [SEP] [MASK] who is the president of baidu a b c d e f g h i j k l m n o p q r s t u v w x y z".split()
    (path / "vocab.txt").write_text("\n".join([*words, *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz")]))
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=64, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, num_labels=1
    )
    BertForSequenceClassification(config).save_pretrained(path)
    BertTokenizerFast(vocab_file=str(path / "vocab.txt"), model_max_length=128).save_pretrained(path)
    return path


def test_it_orders_the_leading_sentences_and_nothing_else(folder: Path) -> None:
    import numpy as np

    scores = np.linspace(1, -1, READ + 5)
    changed = Reranker(str(folder)).reordered(
        "Who is the president?", lambda i: f"sentence {'abcxyz'[i % 6] * i}", scores
    )
    assert sorted(changed) == sorted(scores) and list(changed[READ:]) == list(scores[READ:])
    assert list(changed) != list(scores)


def test_answers_with_it_are_slices_and_abstain_as_before(folder: Path, announcement_index: Path) -> None:
    plain, ranked = Assistant(announcement_index), Assistant(announcement_index, reranker=Reranker(str(folder)))
    for question in ("Who is the president of Baidu?", "How much did Baidu pay SAIC-BMW?"):
        one, other = plain.ask(question), ranked.ask(question)
        assert (one.abstained, one.confidence) == (other.abstained, other.confidence)
        assert answer_object(other) == answer_object(ranked.ask(question))
        for quote in other.quotes + other.nearest:
            text = other.index.record(quote.span.article).text
            assert quote.text == text[quote.span.start : quote.span.end]


def test_a_model_that_is_not_there_says_how_to_bring_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for name in (str(tmp_path), "cross-encoder/ms-marco-MiniLM-L6-v2"):
        with pytest.raises(ModelError, match="--local-dir") as raised:
            Reranker(name)
        assert "\n" not in str(raised.value) and name in str(raised.value)
