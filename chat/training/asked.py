"""Questions that were written about real texts, stretches of the articles of ../shared/data: `asked/*.txt`.

The texts stay where they are, and none of their words are here: a question has the places of the words that answer.
Stretches are parted by a line `====`; each is a line that tells which it is, then a line for each question:

    @ SET | ARTICLE | FIRST CHARACTER | ONE BEHIND THE LAST | SHA-256 OF THE STRETCH, 12 DIGITS OF IT | TITLE
    ? A question that is answered | 120-131 || 402-430
    ! A question that is not answered | a sentence that would answer it, were it put in

Nothing is asked of what the figures are told of: not of squad2's test articles, of articles that clapnq's even lines
rest on, or of a stretch that holds evidence of chroma_chunking's even lines.
"""

import hashlib
import re
from pathlib import Path

from chat.training.written import WrittenArticle, WrittenQuestion, blocks

FOLDER = Path(__file__).with_name("asked")
# Each line of these is a paragraph.
_LINES = re.compile(r"\n+")
_OF_LINES = ("squad2", "chroma_chunking")
_OF_FEW_LONG = "chroma_chunking"  # five articles: their stretches are on their own


def read_asked(data: Path, folder: Path = FOLDER) -> list[WrittenArticle]:
    """All stretches with their questions, in the order of the files; `data` holds the sets.

    Raises `ValueError` where an article is not what it was when the questions were written.
    """
    return [_stretch(block, data) for block in blocks(folder)]


def _stretch(block: str, data: Path) -> WrittenArticle:
    head, *lines = block.strip().splitlines()
    name, article, first, last, digest, title = (part.strip() for part in head[2:].split(" | ", 5))
    path = data / name / "corpus" / article
    stretch = path.read_text(encoding="utf-8")[int(first) : int(last)]
    if hashlib.sha256(stretch.encode()).hexdigest()[:12] != digest:
        raise ValueError(f"{path}: characters {first} to {last} are not those that the questions were written about")
    text = _LINES.sub("\n\n", stretch) if name in _OF_LINES else stretch
    source = "" if name == _OF_FEW_LONG else f"{name}/{article}"
    return WrittenArticle(f"# {title}\n\n{text.strip()}\n", tuple(_question(line, stretch) for line in lines), source)


def _question(line: str, stretch: str) -> WrittenQuestion:
    question, _, told = (part.strip() for part in line[2:].partition(" | "))
    if line[0] == "!":
        return WrittenQuestion(question, (), told)
    places = [part.split("-") for part in told.split(" || ")]
    return WrittenQuestion(question, tuple(stretch[int(start) : int(end)] for start, end in places))
