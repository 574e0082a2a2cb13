"""A follow-up question → a question that stands alone: “what did he say?”, “and of SAIC Motor?”, “and when?”.

No model: pronouns are replaced by whom or what the turns before have named, and a question that only names another
thing takes the place of the one in the question before.
"""

import re
from collections.abc import Callable, Sequence

from chat.facts import name_stems
from chat.types import Turn
from indexer import STOPWORDS, terms

_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ][\w&’'-]*(?:\s+(?:(?:of|de|van|von|der|al)\s+)?[A-ZÀ-ÖØ-Þ][\w&’'-]*)*")
_PERSON_PRONOUN = re.compile(r"\b(he|she|him|his|her|hers)\b", re.I)
_GROUP_PRONOUN = re.compile(r"\b(they|them|their)\b", re.I)
_THING_AS_SUBJECT = re.compile(
    r"\b(?:it|its)\b|\b(?:that|this|these|those)\b(?=\s*(?:\?|$|cost|take|mean|happen|work|include|be|start|end|was|is|will|company|deal|"
    r"agreement|project|plant|figure|number|amount|person|event))",
    re.I,
)
_THAT_THING = re.compile(
    r"\b(?:that|this|these|those)\s+(?!is|was|are|were|will|be|cost|take|mean|happen|work|include|start|end|say|said)[a-z]+\b",
    re.I,
)
_ELLIPSIS = re.compile(r"^\W*(?:and|or|but|what about|how about|what of|also|so)\b[\s,]*", re.I)
_QUESTION_WORD = re.compile(r"^\W*(?:who|whom|whose|when|where|why|how(?: much| many| long)?|what|which)\b", re.I)
_LEADING_QUESTION = re.compile(r"^\W*(?:who|whom|when|where|why|how(?: much| many| long)?|what|which)\b\s*", re.I)
_PREPOSITION = re.compile(r"^(of|for|by|from|at|in|with|to|about|on)\s+", re.I)
_PHRASE = re.compile(
    r"\b(?:the|a|an|its|their|his|her|this|that|[A-Z]\w+['’]s)\s+(?:[\w-]+\s+){0,3}?[\w-]+?(?=\s+(?:is|are|was|were|do|does|did|has|have|had|"
    r"will|would|can|could|should|may|might|must|of|for|in|at|on|by|to|with|from|about|that|which|take|cost|start|end|be|signed|said|say|says|attended|attend|make|made|sell|build|"
    r"built|produce|offer|include|mean|open|opened|close|begin|happen|run|runs|work|pay|paid|give|gave|get|got|go|come|came|"
    r"help|need|want|plan|use|cover|last|bring|change|become|buy|bought|lead|leads|worth|valid|left|joined|founded|and|lying)\b|\s*[?.,;!]|\s*$)"
)
_SPEECH = re.compile(
    r"^\W*(?:said|says|believes?|added|told|noted|joined|stated|thinks?|expects?|wrote|argues?|explained|announced|will|,\s+(?:the\s+)?\w+)\b",
    re.I,
)
_ORGANISATION = re.compile(
    r"\b(?:Inc|Corp\w*|Ltd|LLC|GmbH|AG|SA|PLC|Group|Motors?|Bank|University|Foundation|Company|Co|Holdings?|Foods|Robotics|"
    r"Ferries|Institute|Agency|Ministry|Commission|Council|Association|Team|Fund|Museum|Port|Harbour)\b|-[A-Z]{2,}|^[A-Z-]{2,}$"
)
_PLACE_PRONOUN = re.compile(r"\bthere\b(?=\s*[?.!]*$)", re.I)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|do|does|did|has|have|had|will|would|can|could|should|may|must|\w{3,}(?:ed|es|ing)|said|say|"
    r"says|make|made|give|gave|take|took|get|got|go|went|come|came|pay|paid|sign|buy|bought|sell|sold|lead|led|mean|help)\b",
    re.I,
)
_TIME = re.compile(r"\b(?:morning|afternoon|evening|day|week|month|year|quarter|moment|time|future|past)s?$", re.I)
_MARKER = re.compile(r"\[\d+\]")


def resolve(question: str, history: Sequence[Turn]) -> str:
    """The question made to stand alone by the turns before it; itself where it already does."""
    asked = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
    if not asked:
        return question
    answers = [_MARKER.sub("", turn.content) for turn in history if turn.role == "assistant"]
    before = _stand_alone(asked, answers)
    answer = answers[-1] if answers else ""
    rest = _ELLIPSIS.sub("", question).strip()
    elliptic = rest != question.strip()
    pronoun = _PERSON_PRONOUN.search(rest) or _GROUP_PRONOUN.search(rest) or _THING_AS_SUBJECT.search(rest)
    if pronoun:
        return _with_pronouns(rest if elliptic else question, before, answer)
    if elliptic or _only_names(rest):
        return _with_ellipsis(rest, before)
    if _PLACE_PRONOUN.search(rest) and _thing(before, answer):
        return _PLACE_PRONOUN.sub(f"at {_thing(before, answer)}", rest, count=1)
    if not terms(rest) or (len(rest.split()) <= 3 and _QUESTION_WORD.match(rest) and not name_stems(rest[1:])):
        return _with_question_word(rest, before)
    if len(rest.split()) <= 5 and not _VERB.search(rest):
        return f"{before.rstrip(' ?')}: {rest}"
    return question


def _stand_alone(asked: list[str], answers: list[str]) -> str:
    """The last question before this one, itself resolved by those before it."""
    turns: list[Turn] = []
    resolved = ""
    for number, question in enumerate(asked):
        resolved = resolve(question, turns)
        turns = [Turn("user", resolved)]
        if number < len(answers):
            turns.append(Turn("assistant", answers[number]))
    return resolved


def _with_pronouns(question: str, before: str, answer: str) -> str:
    """Replace the pronouns by what they stand for."""
    own = names(question)
    if _PERSON_PRONOUN.search(question) and not any(is_person(name, answer) for name in own):
        person = last_person(before, answer)
        if person:
            question = _replace(_PERSON_PRONOUN, question, person)
    if _GROUP_PRONOUN.search(question) and not own:
        group = " and ".join(names(before)[:2]) or last_phrase(before)
        if group:
            question = _replace(_GROUP_PRONOUN, question, group)
    if _THAT_THING.search(question):
        return _with_context(question, before, answer)
    if _THING_AS_SUBJECT.search(question):
        thing = _thing(before, answer)
        if thing and thing.casefold() not in question.casefold():
            question = _replace(_THING_AS_SUBJECT, question, thing)
    return question


def _thing(before: str, answer: str) -> str:
    """What “it” stands for: the thing, or the company, that the question before spoke of, else the answer's first."""
    companies = [n for n in names(before) if not is_person(n, answer) and not _after_preposition(n, before)]
    company = companies[0] if len(companies) == 1 else ""  # two companies did something together: “it” is the thing
    found = last_phrase(before) or company or first_phrase(answer)
    return re.sub(r"^(?:a|an)\s", "the ", found, flags=re.I)


def _with_context(question: str, before: str, answer: str) -> str:
    """The question, with what it is about in brackets."""
    about = last_phrase(before) or ", ".join(names(before)[:2]) or first_phrase(answer)
    return f"{question.rstrip(' ?')} ({about})?" if about else question


def _replace(pattern: re.Pattern[str], question: str, name: str) -> str:
    """Replace the first pronoun by a name, with ’s where the pronoun was a possessive one."""

    def put(match: re.Match[str]) -> str:
        owns = match[0].lower() in ("his", "hers", "its", "their") or (
            match[0].lower() == "her" and re.match(r"\s+[a-z]+", question[match.end() :]) is not None
        )
        return f"{name}’s" if owns and not name.endswith(("’s", "'s")) else name

    return pattern.sub(put, question, count=1)


def _with_ellipsis(rest: str, before: str) -> str:
    """“of SAIC Motor?” after “who is the president of Baidu?”: the new name in the old one's place."""
    if _QUESTION_WORD.match(rest):
        if not _VERB.search(rest):
            return _with_question_word(rest, before)
        return rest if names(rest) or len(terms(rest)) > 3 else _with_context(rest, before, "")
    fragment = rest.rstrip(" ?.!")
    bare = _PREPOSITION.sub("", fragment)
    named = names(before)
    numbers = re.findall(r"\b\d[\d.,]*\b", before)
    if re.fullmatch(r"\d[\d.,]*", bare) and numbers:
        return before.replace(numbers[-1], bare)
    if re.match(r"(?:which|what)\b", bare, re.I):
        return f"{before.rstrip(' ?')}, {fragment}?"
    if not named or not terms(bare):
        return f"{before.rstrip(' ?')} {fragment}?"
    preposition = _PREPOSITION.match(fragment)
    old = named[-1]
    if preposition:
        old = next(
            (n for n in reversed(named) if re.search(rf"\b{preposition[1]}\s+{re.escape(n)}", before, re.I)), old
        )
    else:
        person = _looks_like_person(bare)
        old = next((n for n in reversed(named) if _looks_like_person(n) == person), old)
    return before.replace(old, bare)


def _with_question_word(rest: str, before: str) -> str:
    """“and when?” after “who signed the memorandum?”: the new question word over what was asked before."""
    word = rest.rstrip(" ?.!") or rest
    return f"{word} {_LEADING_QUESTION.sub('', before, count=1).rstrip(' ?')}?"


def _only_names(question: str) -> bool:
    """Whether a question is a name and nothing else (“SAIC Motor?”)."""
    words = [word.strip("?.!,") for word in question.split()]
    return (
        bool(words)
        and all(word[:1].isupper() for word in words if word.lower() not in STOPWORDS)
        and not (_QUESTION_WORD.match(question))
    )


def names(text: str) -> list[str]:
    """Names as they are written, in order; a capital that only opens the sentence makes none."""
    found = []
    for match in _NAME.finditer(text):
        name = match[0]
        first = name.split()[0]
        if match.start() == 0 and first.lower() in STOPWORDS | {"tell", "name", "list"}:
            name = name[len(first) :].strip()
        if name and name.lower() not in STOPWORDS:
            found.append(re.sub(r"['’]s$", "", name))
    return list(dict.fromkeys(found))


def _looks_like_person(name: str) -> bool:
    return 2 <= len(name.split()) <= 3 and not _ORGANISATION.search(name)


def _after_preposition(name: str, text: str) -> bool:
    return re.search(rf"\b(?:of|at|in|off|from|near|into|to|on)\s+(?:the\s+)?{re.escape(name)}", text, re.I) is not None


def is_person(name: str, text: str) -> bool:
    """Whether a name looks like a person's: two or three words, none an organisation's, and placed like a person.

    It is so placed in `text` if it speaks or has a role there, or if it stands after no “of”, “at”, “in”.
    """
    if not _looks_like_person(name):
        return False
    places = [match.end() for match in re.finditer(re.escape(name), text)]
    return not _after_preposition(name, text) or any(_SPEECH.match(text[place : place + 30]) for place in places)


def last_person(before: str, answer: str) -> str:
    """Whom “he” or “she” stands for: the person of the question before, else the one its answer tells of.

    Where the answer names several, it is the one in whose clause most of the question's words stand (“…; and Xu
    Zhijun, President of Baidu” after “who is the president of Baidu?”), the first of these.
    """
    for name in reversed(names(before)):
        subject = re.search(rf"\b(?:did|does|do|has|have|had|will|would|is|was|can)\s+{re.escape(name)}", before)
        if subject and is_person(name, f"{before} {answer}"):
            return name
    return _of_best_clause(before, answer, lambda name: is_person(name, answer) and name not in before)


def _of_best_clause(before: str, answer: str, fits: Callable[[str], bool]) -> str:
    """The first fitting name of the answer's clause that shares most words with the question; "" without one."""
    wanted = set(terms(before))
    best, best_score = "", -1
    for clause in re.split(r"[;:.]\s|\sand\s(?=[A-Z])|\sincluding\s", answer):
        people = [name for name in names(clause) if fits(name)]
        score = len(wanted & set(terms(clause)))
        if people and score > best_score:
            best, best_score = people[0], score
    return best


def last_phrase(before: str) -> str:
    """The last thing that a question speaks of, as it is written there: “the signing ceremony”."""
    found = [match[0] for match in _PHRASE.finditer(before) if not _TIME.search(match[0])]
    return found[-1] if found else ""


def first_phrase(answer: str) -> str:
    """The first thing that an answer speaks of."""
    return next((match[0] for match in _PHRASE.finditer(answer) if not _TIME.search(match[0])), "")
