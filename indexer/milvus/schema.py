"""The collections of an index in Milvus.

    quotewire                       an alias: the collection of the current generation
    quotewire_EPOCH_g_GENERATION    empty; its name says which generation it is of
    quotewire_EPOCH_passages        a row a passage
    quotewire_EPOCH_blobs           bytes in pieces: records, layers, generations, the model for questions

An epoch begins with a `--full` build; within it, generations share passages and blobs. The row of passage p of article
number a has the id a · 2²⁰ + p. Numbers count upwards and are never given twice, so that a reader of a generation
leaves out what later builds add: it has greater numbers.
"""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from indexer.errors import QuotewireError, StoreUnavailable
from indexer.milvus.client import Milvus
from indexer.postings import DocumentTerms

ALIAS = "quotewire"
K1, B = 1.2, 0.75  # as in TermIndex
_PASSAGE_BITS = 20
_LONGEST_TEXT, _LONGEST_PATH = 65_535, 4_096  # bytes; the first is what a VARCHAR can hold
_ROWS, _BYTES = 512, 4_000_000  # of a batch at most; a server takes 64 MB
# How thoroughly an index other than the exact one searches; who makes one sets its build parameters: see MILVUS.md.
_THOROUGH: dict[str, dict[str, int]] = {"HNSW": {"ef": 256}, "IVF": {"nprobe": 64}, "DISKANN": {"search_list": 256}}


def passages_of(epoch: str) -> str:
    """The name of the collection of passages."""
    return f"{ALIAS}_{epoch}_passages"


def blobs_of(epoch: str) -> str:
    """The name of the collection of blobs."""
    return f"{ALIAS}_{epoch}_blobs"


def marker_of(epoch: str, generation: str) -> str:
    """The name of the collection that stands for a generation."""
    return f"{ALIAS}_{epoch}_g_{generation}"


def ids(article: int, passages: int) -> range:
    """The ids of an article's passages."""
    return range(article << _PASSAGE_BITS, (article << _PASSAGE_BITS) + passages)


def article_and_passage(row_id: int) -> tuple[int, int]:
    """The article's number and the passage's within it; the inverse of `ids`."""
    return row_id >> _PASSAGE_BITS, row_id & ((1 << _PASSAGE_BITS) - 1)


def among(field: str, values: Iterable[int | str]) -> str:
    """The condition that a field has one of these values, which hold no quotation mark."""
    return f"{field} in {json.dumps(list(values))}"


def create_epoch(store: Milvus, epoch: str, dimension: int) -> None:
    """Make the collections of an epoch, those that are not there yet, and load them."""
    if not store.call("has_collection", blobs_of(epoch)):
        _create_blobs(store, blobs_of(epoch))
    if not store.call("has_collection", passages_of(epoch)):
        try:
            _create_passages(store, passages_of(epoch), dimension, "whitespace")
        except StoreUnavailable as refusal:
            if "tokenizer" not in str(refusal):
                raise
            # milvus-lite has no other; it takes 1.5 for two words, in passages and questions alike, and what it finds
            # is scored anew by our own terms.
            _create_passages(store, passages_of(epoch), dimension, "standard")
    load_epoch(store, epoch)


def load_epoch(store: Milvus, epoch: str) -> None:
    """Have the server load the epoch's collections, unless it has."""
    for name in (passages_of(epoch), blobs_of(epoch)):
        load(store, name)


def load(store: Milvus, collection: str) -> None:
    """Have the server load a collection, unless it has."""
    if store.call("get_load_state", collection)["state"] != store.types.client.types.LoadState.Loaded:
        store.call("load_collection", collection)


def create_marker(store: Milvus, name: str) -> None:
    """Make the collection that stands for a generation. It holds nothing and is not loaded."""
    schema = store.types.MilvusClient.create_schema(auto_id=False)
    schema.add_field("key", store.types.DataType.INT64, is_primary=True)
    _add_unused_vector(store, schema)
    store.call("create_collection", name, schema=schema)


def thoroughness(store: Milvus, epoch: str) -> dict[str, int]:
    """The search parameters that befit the index of the dense vectors; none for an exact one."""
    kind = str(store.call("describe_index", passages_of(epoch), "dense").get("index_type", ""))
    return next((found for start, found in _THOROUGH.items() if kind.startswith(start)), {})


def _create_passages(store: Milvus, name: str, dimension: int, tokenizer: str) -> None:
    kinds, client = store.types.DataType, store.types.MilvusClient
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", kinds.INT64, is_primary=True)
    schema.add_field("article", kinds.INT64)
    schema.add_field("path", kinds.VARCHAR, max_length=_LONGEST_PATH)
    schema.add_field("date", kinds.VARCHAR, max_length=32)
    analyzer = {"tokenizer": tokenizer}
    schema.add_field("terms", kinds.VARCHAR, max_length=_LONGEST_TEXT, enable_analyzer=True, analyzer_params=analyzer)
    schema.add_field("dense", kinds.FLOAT_VECTOR, dim=dimension)
    schema.add_field("sparse", kinds.SPARSE_FLOAT_VECTOR)
    bm25 = store.types.FunctionType.BM25
    schema.add_function(store.types.Function("bm25", bm25, input_field_names=["terms"], output_field_names=["sparse"]))
    indexes = client.prepare_index_params()
    indexes.add_index("dense", index_type="FLAT", metric_type="IP")
    how = {"bm25_k1": K1, "bm25_b": B}
    indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=how)
    for field in ("article", "date"):
        indexes.add_index(field, index_type="INVERTED")
    store.call("create_collection", name, schema=schema, index_params=indexes)


def _create_blobs(store: Milvus, name: str) -> None:
    kinds, client = store.types.DataType, store.types.MilvusClient
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", kinds.VARCHAR, max_length=256, is_primary=True)
    schema.add_field("name", kinds.VARCHAR, max_length=240)
    schema.add_field("made", kinds.VARCHAR, max_length=64)
    schema.add_field("piece", kinds.INT32)
    schema.add_field("pieces", kinds.INT32)
    schema.add_field("sha256", kinds.VARCHAR, max_length=64)
    schema.add_field("data", kinds.VARCHAR, max_length=_LONGEST_TEXT)
    _add_unused_vector(store, schema)
    indexes = client.prepare_index_params()
    indexes.add_index("unused", index_type="FLAT", metric_type="L2")
    for field in ("name", "made"):
        indexes.add_index(field, index_type="INVERTED")
    store.call("create_collection", name, schema=schema, index_params=indexes)


def _add_unused_vector(store: Milvus, schema: Any) -> None:
    """Milvus has no collection without a vector."""
    schema.add_field("unused", store.types.DataType.FLOAT_VECTOR, dim=2)


def passage_rows(article: int, path: str, date: str, vectors: np.ndarray, terms: DocumentTerms) -> list[dict[str, Any]]:
    """The rows of an article's passages; `vectors` is (passages, dimension). Raises `QuotewireError` for too many."""
    if len(vectors) >> _PASSAGE_BITS:
        raise QuotewireError(f"{path}: has more than {1 << _PASSAGE_BITS} passages: divide it")
    texts, end = [], 0
    for length in terms.lengths.tolist():
        texts.append(_joined([terms.vocabulary[number] for number in terms.numbers[end : end + length].tolist()]))
        end += length
    return [
        {"id": row_id, "article": article, "path": path, "date": date, "terms": text, "dense": vector}
        for row_id, text, vector in zip(ids(article, len(vectors)), texts, vectors, strict=True)
    ]


def _joined(terms: Sequence[str]) -> str:
    """The terms as one text, as many as a row can hold: only of a passage made of huge words it holds not all."""
    text = " ".join(terms)
    if len(text.encode()) <= _LONGEST_TEXT:
        return text
    return text.encode()[:_LONGEST_TEXT].decode(errors="ignore").rpartition(" ")[0]


def insert(store: Milvus, collection: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows in batches that are bounded in number and bytes, one at a time."""
    first = 0
    while first < len(rows):
        last, size = first, 0
        while last < len(rows) and last - first < _ROWS and (size < _BYTES or last == first):
            size += sum(getattr(value, "nbytes", 0) or len(str(value)) for value in rows[last].values())
            last += 1
        store.call("insert", collection, list(rows[first:last]))
        first = last


def bm25(asked: Iterable[str], text: str, holding: dict[str, int], rows: int, average: float) -> float:
    """BM25 score of a passage's terms for the terms asked, as `TermIndex` reckons it.

    `holding` tells how many of all `rows` passages hold a term, `average` is their mean number of terms.
    """
    terms = text.split(" ") if text else []
    length, score = K1 * (1 - B + B * len(terms) / average) if average else 0.0, 0.0
    for term in dict.fromkeys(asked):
        if times := terms.count(term):
            score += idf(holding.get(term, 0), rows) * times / (times + length)
    return score


def idf(holding: int, rows: int) -> float:
    """Inverse document frequency, as in `TermIndex.idf`."""
    return math.log(1 + (rows - holding + 0.5) / (holding + 0.5))
