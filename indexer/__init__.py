"""Articles in, index out. What is exported here is all that `chat` may use."""

from indexer.article import SUFFIXES, content_hash, parse_article
from indexer.build import BuildReport, build, corpus_files
from indexer.command import run_command
from indexer.embedding import DEFAULT_MODEL, Embedder
from indexer.errors import (
    CorpusError,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    ModelError,
    NotReady,
    QuestionFileError,
    QuotewireError,
    UnreadableArticle,
)
from indexer.files import sync_folder, write_durably
from indexer.index import Index
from indexer.manifest import ArticleEntry, Manifest
from indexer.progress import ProgressBar
from indexer.record import Record
from indexer.terms import STOPWORDS, TermIndex, stem, terms, words
from indexer.types import BlockKind, ModelInfo, Passage, Sentence
from indexer.watch import watch

__all__ = [
    "DEFAULT_MODEL",
    "STOPWORDS",
    "SUFFIXES",
    "ArticleEntry",
    "BlockKind",
    "BuildReport",
    "CorpusError",
    "Embedder",
    "Index",
    "IndexBusy",
    "IndexDamaged",
    "IndexMismatch",
    "IndexMissing",
    "Manifest",
    "ModelError",
    "ModelInfo",
    "NotReady",
    "Passage",
    "ProgressBar",
    "QuestionFileError",
    "QuotewireError",
    "Record",
    "Sentence",
    "TermIndex",
    "UnreadableArticle",
    "build",
    "content_hash",
    "corpus_files",
    "parse_article",
    "run_command",
    "stem",
    "sync_folder",
    "terms",
    "watch",
    "words",
    "write_durably",
]
