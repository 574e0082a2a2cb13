"""Articles written for training, with questions that they answer and questions that they do not: `written/*.txt`.

Press releases, company reports, news, conversations, notices and features about invented people and things. Articles
are parted by a line `====`; each is its text, then a line for each question:

    ? A question that is answered | words of the sentence that answers || words of another one that does
    ! A question that is not answered | a sentence that would answer it, were it put in

Whether a question is answered can be guessed from its wording alone (AUROC .94 for these), and must not be learnt from
that: so each is asked of an article that answers it and of one that does not. That is what the sentences are for.
"""

import hashlib
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from indexer import Embedder, Index, build, terms

_SPEAKS = re.compile(r"[*\d: ]*[A-Z][\w .’'-]{0,30}: ")  # a turn of a conversation
FOLDER = Path(__file__).with_name("written")
TENTHS_TO_REPORT, TENTHS_TO_CALIBRATE = (0,), (1,)


@dataclass(frozen=True)
class WrittenQuestion:
    """A question, with words out of each sentence that answers it.

    Where the article does not say, there are none, but mostly a sentence that would answer.
    """

    question: str
    answers: tuple[str, ...]
    sentence: str = ""


@dataclass(frozen=True)
class WrittenArticle:
    """An article as Markdown, its title first, with its questions; `source` is what it is a part of, if of anything."""

    text: str
    questions: tuple[WrittenQuestion, ...]
    source: str = ""

    @property
    def tenth(self) -> int:
        """Which tenth of all articles this one belongs to, 0 to 9: the parts of one source all to the same."""
        return int(hashlib.sha256((self.source or self.text).encode()).hexdigest(), 16) % 10

    def gold(self, question: WrittenQuestion) -> list[tuple[int, int]]:
        """Where the words that answer stand in the text, under the title or else in it.

        Raises `ValueError` where they do not.
        """
        under = self.text.index("\n")
        places = [(self.text.find(words, under), words) for words in question.answers]
        starts = [(start if start >= 0 else self.text.index(words), words) for start, words in places]
        return [(start, start + len(words)) for start, words in starts]

    def told(self) -> "WrittenArticle":
        """The article with the sentences put in, at the ends of paragraphs, and the questions that they answer."""
        rng = random.Random(self.text)
        blocks = self.text.strip().split("\n\n")
        places = [n for n, block in enumerate(blocks) if not block.startswith(("#", "-", "*", "|", "1"))] or [-1]
        questions = [question for question in self.questions if question.sentence]
        for question in questions:
            place = rng.choice(places)
            between = "\n" if _SPEAKS.match(question.sentence) else " "
            blocks[place] += between + question.sentence
        told = tuple(replace(question, answers=(question.sentence,), sentence="") for question in questions)
        return WrittenArticle("\n\n".join(blocks) + "\n", told)


def read_written(folder: Path = FOLDER) -> list[WrittenArticle]:
    """All articles of the folder's files, in their order."""
    return [_article(block) for block in blocks(folder)]


def blocks(folder: Path) -> list[str]:
    """What the lines `====` part in the folder's files, in their order."""
    return [
        block
        for path in sorted(folder.glob("*.txt"))
        for block in re.split(r"(?m)^====$", path.read_text(encoding="utf-8"))
    ]


def _article(block: str) -> WrittenArticle:
    lines = block.strip().splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith(("? ", "! ")))
    questions = []
    for line in lines[first:]:
        question, _, words = (part.strip() for part in line[2:].partition(" | "))
        if line[0] == "?":
            questions.append(WrittenQuestion(question, tuple(part.strip() for part in words.split(" || "))))
        else:
            questions.append(WrittenQuestion(question, (), words))
    return WrittenArticle("\n".join(lines[:first]).strip() + "\n", tuple(questions))


@dataclass(frozen=True, eq=False)
class Asked:
    """A question as it is asked: of its article, the `number`-th, alone, or of all."""

    article: WrittenArticle
    number: int
    question: WrittenQuestion
    alone: bool


def asked_of(articles: Sequence[WrittenArticle]) -> Iterator[Asked]:
    """Every question, alone or, every other one of those that name what no other article names, of all."""
    of_itself = told_nowhere_else([set(terms(article.text)) for article in articles])
    for number, (article, here) in enumerate(zip(articles, of_itself, strict=True)):
        for place, question in enumerate(article.questions):
            yield Asked(article, number, question, alone=place % 2 == 0 or not here & set(terms(question.question)))


def told_nowhere_else(stems: Sequence[AbstractSet[str]]) -> list[set[str]]:
    """Of each article's stems those that no other article holds."""
    holding = Counter(stem for own in stems for stem in own)
    return [{stem for stem in own if holding[stem] == 1} for own in stems]


@contextmanager
def indexed(texts: Sequence[str], suffix: str, embedder: Embedder) -> Iterator[Index]:
    """An index of the texts, which are articles number 0, 1, … of it, as files of that suffix."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        names = [f"{number:05}{suffix}" for number in range(len(texts))]
        for name, text in zip(names, texts, strict=True):
            (corpus / name).write_text(text, encoding="utf-8")
        build(corpus, Path(folder) / "index", embedder=embedder)
        index = Index.open(Path(folder) / "index")
        assert [entry.path for entry in index.articles] == names
        yield index
