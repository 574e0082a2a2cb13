"""One article's record: text, sentences, passages, vectors and terms in one immutable file that cannot drift apart.

A record is a safetensors file named after what it was made from (the way of making it, the content hash and the
title) and after its own content. Generations share records; a file that was renamed or copied in the corpus keeps its
record.
"""

import hashlib
import json
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from indexer.errors import IndexDamaged
from indexer.passage import CutArticle
from indexer.postings import DocumentTerms
from indexer.sentence_vectors import packed, unpacked
from indexer.terms import terms
from indexer.types import Article, BlockKind, Passage, Sentence

_KINDS = tuple(BlockKind)
_EFFORT = 9  # of zlib: it is spent once, and takes a hundredth of the time of embedding


@dataclass(frozen=True, eq=False)
class Record:
    """What the index knows of one article's content.

    `passage_vectors` is float32 (passages, dimension), its rows of length 1 and in half precision, of which they are
    stored; `sentence_codes` are the sentences' vectors, packed. `terms` are the passages' BM25 terms, title and heading
    included. `sentence_rows` (start, end, block, kind, heading) and `passage_rows` (start, end, first, last) are int64,
    a row each.
    """

    text: str
    headings: tuple[str, ...]
    sentence_rows: np.ndarray
    passage_rows: np.ndarray
    passage_vectors: np.ndarray
    sentence_codes: np.ndarray
    terms: DocumentTerms

    @cached_property
    def sentence_vectors(self) -> np.ndarray:
        """The sentences' vectors, float16 (sentences, dimension), each of length 1."""
        return unpacked(self.sentence_codes, self.passage_vectors, self.passage_rows)

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
    rows = np.array(passages, dtype=np.int64).reshape(-1, 4)
    rounded, codes = _stored_vectors(passage_vectors, vectors, rows)
    return Record(
        text=article.text,
        headings=headings,
        sentence_rows=np.array(sentences, dtype=np.int64).reshape(-1, 5),
        passage_rows=rows,
        passage_vectors=rounded,
        sentence_codes=codes,
        terms=DocumentTerms.of([terms(" ".join((text.head, *text.sentences))) for text in pieces.texts]),
    )


def _stored_vectors(
    passage_vectors: np.ndarray, sentence_vectors: np.ndarray, passage_rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Vectors as a record holds them. Sentences' go by half precision, as those of older records do."""
    rounded = passage_vectors.astype(np.float16).astype(np.float32)
    return rounded, packed(sentence_vectors.astype(np.float16), rounded, passage_rows)


def record_bytes(record: Record) -> bytes:
    """The record as the content of its file: its vectors, and compressed, all else."""
    arrays = {
        "sentences": record.sentence_rows.astype(np.int32),
        "passages": record.passage_rows.astype(np.int32),
        "terms": record.terms.numbers,
        "terms_in_passage": record.terms.lengths,
    }
    about = {
        "text": record.text,
        "headings": json.dumps(record.headings),
        "vocabulary": json.dumps(record.terms.vocabulary),
    }
    rest = zlib.compress(save(arrays, metadata=about), _EFFORT)
    vectors = {
        "passage_vectors": np.ascontiguousarray(record.passage_vectors, dtype=np.float16),
        "sentence_codes": np.ascontiguousarray(record.sentence_codes),
    }
    return save({"rest": np.frombuffer(rest, dtype=np.uint8), **vectors})


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
    except (SafetensorError, KeyError, ValueError, IndexError, TypeError, zlib.error) as error:
        raise IndexDamaged(f"{where}: is not a record ({type(error).__name__}); run python -m indexer") from error


def is_older(path: Path) -> bool:
    """Whether a record is of the form of formats 1 and 2, whose vectors and text take three times the bytes.

    Raises `OSError`, and `ValueError` if it is no record.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return "rest" not in json.loads(file.read(length))


def _parse(data: bytes) -> Record:
    vectors = load(data)
    older = "rest" not in vectors
    rest = data if older else zlib.decompress(vectors["rest"].tobytes())
    length = int.from_bytes(rest[:8], "little")
    about, arrays = json.loads(rest[8 : 8 + length])["__metadata__"], load(rest)
    rows = arrays["passages"].astype(np.int64)
    passage_vectors = vectors["passage_vectors"].astype(np.float32)
    if older:
        passage_vectors, codes = _stored_vectors(passage_vectors, vectors["sentence_vectors"], rows)
    else:
        codes = vectors["sentence_codes"]
    return Record(
        text=about["text"],
        headings=tuple(json.loads(about["headings"])),
        sentence_rows=arrays["sentences"].astype(np.int64),
        passage_rows=rows,
        passage_vectors=passage_vectors,
        sentence_codes=codes,
        terms=DocumentTerms(tuple(json.loads(about["vocabulary"])), arrays["terms"], arrays["terms_in_passage"]),
    )
