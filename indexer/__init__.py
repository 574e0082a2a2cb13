"""Articles in, index out. What is exported here is all that `chat` may use."""

from indexer.article import SUFFIXES, content_hash
from indexer.bm25 import TermIndex
from indexer.build import BuildReport, build
from indexer.command import for_terminal, run_command
from indexer.corpus import corpus_files
from indexer.embedding import DEFAULT_MODEL, Embedder
from indexer.errors import (
    CorpusError,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    IndexUnwritable,
    ModelError,
    NotReady,
    ParserFailed,
    QuestionFileError,
    QuotewireError,
    StoreUnavailable,
    UnreadableArticle,
)
from indexer.export import exported_graph
from indexer.files import remove_parts, sync_folder, write_durably
from indexer.index import Candidates, Index
from indexer.manifest import ArticleEntry, Manifest
from indexer.network import Network, mapped_tensors
from indexer.parse_process import parse_article
from indexer.place import IN_FILES, Place, add_place_options, place_of
from indexer.progress import ProgressBar
from indexer.question_embedder import QuestionEmbedder
from indexer.record import Record
from indexer.terms import STOPWORDS, stem, terms, words
from indexer.types import BlockKind, ModelInfo, Passage, Sentence
from indexer.watch import watch

__all__ = [
    "DEFAULT_MODEL",
    "IN_FILES",
    "STOPWORDS",
    "SUFFIXES",
    "ArticleEntry",
    "BlockKind",
    "BuildReport",
    "CorpusError",
    "Embedder",
    "Candidates",
    "Index",
    "IndexBusy",
    "IndexDamaged",
    "IndexMismatch",
    "IndexMissing",
    "IndexUnwritable",
    "Manifest",
    "ModelError",
    "ModelInfo",
    "Network",
    "NotReady",
    "ParserFailed",
    "Passage",
    "Place",
    "ProgressBar",
    "QuestionEmbedder",
    "QuestionFileError",
    "QuotewireError",
    "Record",
    "Sentence",
    "StoreUnavailable",
    "TermIndex",
    "UnreadableArticle",
    "add_place_options",
    "build",
    "content_hash",
    "corpus_files",
    "exported_graph",
    "for_terminal",
    "mapped_tensors",
    "parse_article",
    "place_of",
    "remove_parts",
    "run_command",
    "stem",
    "sync_folder",
    "terms",
    "watch",
    "words",
    "write_durably",
]
