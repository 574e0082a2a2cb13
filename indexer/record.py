"""One article's record: text, sentences, passages, vectors and terms in one immutable file that cannot drift apart.

A record is a safetensors file named after what it was made from (the way of making it, the content hash and the
title) and after its own content. Generations share records; a file that was renamed or copied in the corpus keeps its
record.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from indexer.errors import IndexDamaged
from indexer.passage import CutArticle
from indexer.postings import DocumentTerms
from indexer.terms import terms
from indexer.types import Article, BlockKind, Passage, Sentence

_KINDS = tuple(BlockKind)


@dataclass(frozen=True, eq=False)
class Record:
    """What the index knows of one article's content.

    `passage_vectors` is float32 (passages, dimension); `sentence_vectors` is float16 (sentences, dimension); all rows
    have length 1. `terms` are the passages' BM25 terms, title and heading included. `sentence_rows` (start, end,
    block, kind, heading) and `passage_rows` (start, end, first, last) are int64, a row each.
    """

    text: str
    headings: tuple[str, ...]
    sentence_rows: np.ndarray
    passage_rows: np.ndarray
    passage_vectors: np.ndarray
    sentence_vectors: np.ndarray
    terms: DocumentTerms

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences, in order."""
        rows = self.sentence_rows.tolist()
        return tuple(Sentence(a, b, block, _KINDS[kind], self.headings[head]) for a, b, block, kind, head in rows)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The passages, in order."""
        return tuple(Passage(*row) for row in self.passage_rows.tolist())


def record_name(fingerprint: str, article: Article) -> str:
    """What the record of an article is made from: a hash over all that its content depends on."""
    made_from = json.dumps([fingerprint, article.path.rsplit(".", 1)[-1].lower(), article.content_hash, article.title])
    return hashlib.sha256(made_from.encode()).hexdigest()


def make_record(
    article: Article, pieces: CutArticle, passage_vectors: np.ndarray, sentence_vectors: list[np.ndarray]
) -> Record:
    """Put together what the steps before have found; `sentence_vectors` holds one array a passage."""
    dimension = passage_vectors.shape[1]
    vectors = np.concatenate([*sentence_vectors, np.zeros((0, dimension), dtype=np.float32)])
    headings = tuple(dict.fromkeys(s.heading for s in pieces.sentences))
    sentences = [(s.start, s.end, s.block, _KINDS.index(s.kind), headings.index(s.heading)) for s in pieces.sentences]
    passages = [(p.start, p.end, p.first, p.last) for p in pieces.passages]
    return Record(
        text=article.text,
        headings=headings,
        sentence_rows=np.array(sentences, dtype=np.int64).reshape(-1, 5),
        passage_rows=np.array(passages, dtype=np.int64).reshape(-1, 4),
        passage_vectors=passage_vectors,
        sentence_vectors=vectors.astype(np.float16),
        terms=DocumentTerms.of([terms(" ".join((text.head, *text.sentences))) for text in pieces.texts]),
    )


def record_bytes(record: Record) -> bytes:
    """The record as the content of its file."""
    arrays = {
        "sentences": record.sentence_rows,
        "passages": record.passage_rows,
        "passage_vectors": np.ascontiguousarray(record.passage_vectors, dtype=np.float32),
        "sentence_vectors": np.ascontiguousarray(record.sentence_vectors, dtype=np.float16),
        "terms": record.terms.numbers,
        "terms_in_passage": record.terms.lengths,
    }
    about = {
        "text": record.text,
        "headings": json.dumps(record.headings),
        "vocabulary": json.dumps(record.terms.vocabulary),
    }
    return save(arrays, metadata=about)


def read_record(path: Path, sha256: str | None = None) -> Record:
    """Read a record; raises `IndexDamaged` if it is missing, malformed or, given `sha256`, not that file.

    The first digits of a SHA-256 will do.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IndexDamaged(f"{path}: cannot be read ({error.strerror}); run python -m indexer") from error
    return parsed_record(data, str(path), sha256)


def parsed_record(data: bytes, where: str, sha256: str | None = None) -> Record:
    """The record that these bytes are; raises `IndexDamaged` as `read_record` does, `where` named."""
    if sha256 is not None and not hashlib.sha256(data).hexdigest().startswith(sha256):
        raise IndexDamaged(f"{where}: is not what its checksum says; run python -m indexer")
    try:
        return _parse(data)
    except (SafetensorError, KeyError, ValueError, IndexError, TypeError) as error:
        raise IndexDamaged(f"{where}: is not a record ({type(error).__name__}); run python -m indexer") from error


def _parse(data: bytes) -> Record:
    length = int.from_bytes(data[:8], "little")
    about = json.loads(data[8 : 8 + length])["__metadata__"]
    arrays = load(data)
    return Record(
        text=about["text"],
        headings=tuple(json.loads(about["headings"])),
        sentence_rows=arrays["sentences"],
        passage_rows=arrays["passages"],
        passage_vectors=arrays["passage_vectors"],
        sentence_vectors=arrays["sentence_vectors"],
        terms=DocumentTerms(tuple(json.loads(about["vocabulary"])), arrays["terms"], arrays["terms_in_passage"]),
    )
