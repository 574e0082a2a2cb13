"""What a build has to do: the corpus held against the articles that the current generation has."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.article import content_hash
from indexer.errors import UnreadableArticle
from indexer.manifest import ArticleEntry
from indexer.milvus.blobs import BlobInfo, Blobs
from indexer.parse_process import parse_article, read_file
from indexer.record import record_name
from indexer.types import Article


@dataclass(frozen=True, slots=True)
class Stock:
    """Numbers of articles that are as they were and of those that are gone, the articles to be added, by path, and
    paths and reasons of what could not be read.

    `made` says by path what an article's record is made from, `stored` by that which records are there already.
    """

    kept: frozenset[int]
    gone: frozenset[int]
    articles: dict[str, Article]
    made: dict[str, str]
    stored: dict[str, BlobInfo]
    skipped: tuple[tuple[str, str], ...]

    @property
    def missing(self) -> dict[str, Article]:
        """The articles whose records are to be made, one for each record, by what they are made from."""
        return {made: self.articles[path] for path, made in self.made.items() if made not in self.stored}


def take_stock(
    corpus: Path, paths: Sequence[str], entries: dict[int, ArticleEntry], blobs: Blobs, fingerprint: str
) -> Stock:
    """Read the corpus; `entries` are the articles of the current generation by their numbers."""
    known = {(entry.path, entry.content_hash): number for number, entry in entries.items()}
    kept: set[int] = set()
    articles: dict[str, Article] = {}
    skipped = []
    for path in paths:
        shown = path.encode("utf-8", "backslashreplace").decode()
        if shown != path:
            skipped.append((shown, "its name is not UTF-8: rename it"))
            continue
        try:
            data = read_file(corpus / path)
            number = known.get((path, content_hash(data)))
            if number is None:
                articles[path] = parse_article(path, data)
            else:
                kept.add(number)
        except UnreadableArticle as reason:
            skipped.append((path, str(reason)))
    made = {path: record_name(fingerprint, article) for path, article in articles.items()}
    stored = blobs.made_from(dict.fromkeys(made.values()))
    gone = frozenset(entries) - kept
    return Stock(frozenset(kept), gone, articles, made, stored, tuple(skipped))
