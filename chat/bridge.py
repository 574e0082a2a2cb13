"""A question that names a thing by what is told of it elsewhere: “who leads the company that bought Corvane Mills?”.

No passage answers it. So it is asked first which thing that is, and then the question itself, with its name.
"""

import re
from dataclasses import dataclass

from chat.facts import DATE
from chat.followup import is_person, names
from indexer import STOPWORDS, terms

_DESCRIBED = re.compile(
    r"\bthe\s+(?P<what>(?:[a-z][\w-]*\s+){0,2}?[a-z][\w-]*)\s+(?:that|which|who)\s+(?P<told>\w[^?]*?)\s*(?:\?|$)"
)
# What is said of these describes no thing that has a name.
_NAMELESS = re.compile(
    r"\b(?:facts?|reasons?|ways?|ideas?|times?|moments?|days?|dates?|weeks?|months?|years?|quarters?|amounts?|numbers?|sums?|"
    r"prices?|shares?|news|things?|words?|points?|kinds?|types?|parts?|same|only|first|last)$"
)
_PEOPLE = re.compile(
    r"\b(?:persons?|m[ae]n|wom[ae]n|people|\w+(?:er|or|ist|ian|ent|man|woman)|head|chief|executive|minister|chef)$"
)
# After one of these the question goes on behind the description.
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|might|must)$", re.I
)
_MOST = 2


@dataclass(frozen=True)
class Described:
    """A question that describes a thing: the words before the description, what it is, and what is told of it."""

    before: str
    what: str
    told: str

    @property
    def asks_which(self) -> str:
        """The question which thing it is: “Which company bought Corvane Mills?”."""
        return f"Which {self.what} {self.told}?"

    def with_name(self, name: str, sentence: str) -> str:
        """The question itself with a name; "" where it cannot be told where the description ends.

        After “who leads the company that …” it ends the question. After “what does the company that bought Corvane
        Mills make?” it ends with what `sentence` holds of it, which tells which thing it is.
        """
        rest: list[str] = []
        if _AUXILIARY.search(self.before):
            held, asked = set(terms(sentence)), self.told.split()
            ends = 0
            for number, word in enumerate(asked, start=1):
                stems = terms(word)
                if any(stem not in held for stem in stems):
                    break
                ends = number if stems else ends
            if not ends:
                return ""
            rest = asked[ends:]
        return f"{' '.join([self.before, name, *rest])}?"


def described(question: str) -> Described | None:
    """What a question describes; None where it names what it asks about."""
    found = _DESCRIBED.search(question)
    if not found or not found.start() or _NAMELESS.search(found["what"]):
        return None
    if all(word.lower() in STOPWORDS for word in found["told"].split()):
        return None
    return Described(question[: found.start()].strip(), found["what"], found["told"])


def named(asked: Described, question: str, sentence: str) -> list[str]:
    """The names in a sentence that the described thing may have, likeliest first: none that the question holds itself.

    People come first for a person (“the founder who …”), else last; beyond that, whoever does something is mostly
    named before what is done.
    """
    own, person = set(terms(question)), _PEOPLE.search(asked.what) is not None
    found = [n for n in names(sentence) if not own & set(terms(n)) and terms(n) and not DATE.search(n)]
    return sorted(found, key=lambda name: is_person(name, sentence) is not person)[:_MOST]
