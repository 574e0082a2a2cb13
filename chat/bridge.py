"""A question that names a thing by what is told of it elsewhere: “who leads the company that bought Corvane Mills?”.

No passage answers it. So it is asked first which thing that is, and then the question itself, with its name. Where it
cannot be told what is described, where the question goes on, or which name is meant, there is no bridge.
"""

import re
from dataclasses import dataclass

from chat.facts import DATE, MONTHS
from chat.followup import names
from indexer import terms

# Of what has a name of its own.
_KINDS = (
    "company|firm|business|group|bank|maker|manufacturer|producer|supplier|retailer|airline|carrier|broadcaster|publisher|"
    "start-?up|organi[sz]ation|institute|institution|university|college|school|museum|hospital|agency|authority|ministry|"
    "department|union|association|foundation|charity|club|team|party|shipyard|yard|airport|brewery|newspaper|magazine|"
    "city|town|village|country|state|region|island|river|person|man|woman|engineer|scientist|researcher|author|writer|artist|"
    "architect|founder|director|president|chairman|chairwoman|minister|mayor|judge|lawyer|player|coach|king|queen|emperor|general"
)
_DESCRIBED = re.compile(
    rf"\bthe\s+(?P<what>(?:[a-z][\w-]*\s+)?(?:{_KINDS}))\s+(?:that|which|who)\s+(?P<told>\w[^?.!;:]*?)\s*(?:\?\s*)?$"
)
# The question ends with the description: “who leads”, “which bank owns”; “who is the head of”, “what was the aim of”.
_WHOLE = re.compile(
    r"^(?:who|(?:what|which)(?:\s+[a-z][\w-]*)?)\s+(?:(?:is|are|was|were)\s+(?:the|an?)\s+(?!name\b)(?:[\w'’-]+\s+){1,4}(?:of|at|for|behind)"
    r"|(?!(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|might|must)\b)[a-z]+"
    r"(?:\s+(?:the|an?)\s+(?!name\b)(?:[\w'’-]+\s+){1,4}(?:of|at|for|behind)|\s+(?:at|for|in|of|with))?)$",
    re.I,
)
# It goes on behind it: “what does … make?”, “where is … based?”.
_OPEN = re.compile(
    r"^(?:who|what|when|where|why|how)\b.*\b(?:is|are|was|were|do|does|did|has|have|had|will|would|can)$", re.I
)
_NO_VERB = frozenset("the a an he she it they his her its their we you this that".split())
_LEAST = 2  # words that tell something: “owns it” does not
# Between a name and what it does: “Arden Group, a miller in Leeds, has also bought …”.
_TO_VERB = re.compile(r"\s*(?:,[^,]{1,80},)?\s*(?:(?:has|have|had|will|also|recently|today|then|first)\s+){0,2}$")
_MONTH = re.compile(rf"(?:{'|'.join(MONTHS)})\b\s*")


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

        It ends “who leads the company that …”. In “what does the company that bought Corvane Mills make?” it ends with
        what `sentence`, which tells which thing it is, holds of it, and something must follow.
        """
        if _WHOLE.match(self.before):
            return f"{self.before} {name}?"
        held, asked, ends = set(terms(sentence)), self.told.split(), 0
        for number, word in enumerate(asked, start=1):
            stems = terms(word)
            if any(stem not in held for stem in stems):
                break
            ends = number if stems else ends
        return f"{self.before} {name} {' '.join(asked[ends:])}?" if 0 < ends < len(asked) else ""


def described(question: str) -> Described | None:
    """What a question describes; None where it names what it asks about, or may do so."""
    found = _DESCRIBED.search(question)
    before = question[: found.start()].strip() if found else ""
    if not found or len(terms(found["told"])) < _LEAST or not (_WHOLE.match(before) or _OPEN.match(before)):
        return None
    return Described(before, found["what"], found["told"])


def named(asked: Described, question: str, sentence: str) -> str:
    """The name of the described thing by a sentence that tells of it; "" where that is not plain.

    It is the name before the verb of what is told (“Arden Group bought …”); where the sentence says it in another
    word, the only name in it that the question does not hold.
    """
    own, found = set(terms(question)), []
    for written in names(sentence):
        name = _MONTH.sub("", written, count=1) if _MONTH.match(written) else written
        if set(terms(name)) - own and not DATE.search(name):
            found.append(name)
    verb = asked.told.split()[0]
    if verb.islower() and verb not in _NO_VERB:
        stem = terms(verb)
        at = next((m.start() for m in re.finditer(r"\w+", sentence) if stem and terms(m[0]) == stem), None)
        if at is not None:
            ends = sorted((sentence.rfind(name, 0, at) + len(name), name) for name in found if name in sentence[:at])
            return next((name for end, name in reversed(ends) if _TO_VERB.match(sentence[end:at])), "")
    return found[0] if len(found) == 1 else ""
