"""A follow-up question → a question that stands alone: “what did he say?”, “and of SAIC Motor?”, “and when?”.

No model: pronouns are replaced by whom or what the turns before have named, and a question that only names another
thing takes the place of the one in the question before.
"""

import re
from collections.abc import Sequence

from chat.facts import name_stems
from chat.types import Turn
from indexer import STOPWORDS, terms

_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ][\w&’'-]*(?:\s+(?:(?:of|de|van|von|der|al)\s+)?[A-ZÀ-ÖØ-Þ][\w&’'-]*)*")
_PERSON_PRONOUN = re.compile(r"\b(he|she|him|his|her|hers)\b", re.I)
_GROUP_PRONOUN = re.compile(r"\b(they|them|their)\b", re.I)
_THING_PRONOUN = re.compile(r"\b(it|its|that|this|these|those)\b(?!\s+(?:said|say|was|is)\s+that\b)", re.I)
_THING_AS_SUBJECT = re.compile(
    r"\b(?:it|its)\b|\b(?:that|this|these|those)\b(?=\s*(?:\?|$|cost|take|mean|happen|work|include|be|start|end|was|is|will|company|deal|"
    r"agreement|project|plant|figure|number|amount|person|event))",
    re.I,
)
_ELLIPSIS = re.compile(r"^\W*(?:and|or|but|what about|how about|what of|also|so)\b[\s,]*", re.I)
_QUESTION_WORD = re.compile(r"^\W*(?:who|whom|whose|when|where|why|how(?: much| many| long)?|what|which)\b", re.I)
_LEADING_QUESTION = re.compile(r"^\W*(?:who|whom|when|where|why|how(?: much| many| long)?|what|which)\b\s*", re.I)
_PREPOSITION = re.compile(r"^(of|for|by|from|at|in|with|to|about|on)\s+", re.I)
_PHRASE = re.compile(
    r"\b(?:the|a|an|its|their|his|her|this|that|[A-Z]\w+['’]s)\s+(?:[\w-]+\s+){0,3}?[\w-]+?(?=\s+(?:is|are|was|were|do|does|did|has|have|had|"
    r"will|would|of|for|in|at|on|by|to|with|from|about|that|which|take|cost|start|end|be|signed|said|say|attended)\b|\s*[?.,;!]|\s*$)"
)
_ROLE = re.compile(
    r"\b(?:president|chair\w*|chief|head|director|minister|founder|manager|officer|spokes\w+|ceo|cfo|cto|secretary|mayor|"
    r"professor|engineer|editor|author|dr|mr|mrs|ms|sir)\b",
    re.I,
)
_SPEECH = re.compile(r"^\W*(?:said|says|believes?|added|told|noted|joined|stated|thinks?|expects?|wrote|argues?|explained|announced|will|,\s+(?:the\s+)?\w+)\b", re.I)
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
    if _PLACE_PRONOUN.search(rest) and last_phrase(before):
        return _PLACE_PRONOUN.sub(f"at {last_phrase(before)}", rest, count=1)
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
    own = _names(question)
    if _PERSON_PRONOUN.search(question) and not any(is_person(name, answer) for name in own):
        person = last_person(before, answer)
        if person:
            question = _replace(_PERSON_PRONOUN, question, person)
    if _GROUP_PRONOUN.search(question) and not own:
        group = " and ".join(_names(before)[:2]) or last_phrase(before)
        if group:
            question = _replace(_GROUP_PRONOUN, question, group)
    if _THING_AS_SUBJECT.search(question):
        thing = last_phrase(before) or next((n for n in reversed(_names(before)) if not is_person(n, answer)), "")
        if thing and thing.casefold() not in question.casefold():
            question = _replace(_THING_AS_SUBJECT, question, thing)
    return question


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
    if _QUESTION_WORD.match(rest) and len(terms(rest)) > 2:
        return rest
    if _QUESTION_WORD.match(rest) and not _names(rest):
        return _with_question_word(rest, before)
    fragment = rest.rstrip(" ?.!")
    bare = _PREPOSITION.sub("", fragment)
    names = _names(before)
    if not names or not terms(bare):
        return f"{before.rstrip(' ?')} {fragment}?"
    preposition = _PREPOSITION.match(fragment)
    old = names[-1]
    if preposition:
        old = next((n for n in reversed(names) if re.search(rf"\b{preposition[1]}\s+{re.escape(n)}", before, re.I)), old)
    else:
        person = _looks_like_person(bare)
        old = next((n for n in reversed(names) if _looks_like_person(n) == person), old)
    return before.replace(old, bare)


def _with_question_word(rest: str, before: str) -> str:
    """“and when?” after “who signed the memorandum?”: the new question word over what was asked before."""
    word = rest.rstrip(" ?.!") or rest
    return f"{word} {_LEADING_QUESTION.sub('', before, count=1).rstrip(' ?')}?"


def _only_names(question: str) -> bool:
    """Whether a question is a name and nothing else (“SAIC Motor?”)."""
    words = [word.strip("?.!,") for word in question.split()]
    return bool(words) and all(word[:1].isupper() for word in words if word.lower() not in STOPWORDS) and not (
        _QUESTION_WORD.match(question)
    )


def _names(text: str) -> list[str]:
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


def is_person(name: str, text: str) -> bool:
    """Whether a name looks like a person's: two or three words, none an organisation's, near a role or speech in `text`."""
    if not _looks_like_person(name):
        return False
    places = [match.end() for match in re.finditer(re.escape(name), text)]
    return not places or any(
        _SPEECH.match(text[place : place + 30]) or _ROLE.search(text[max(0, place - len(name) - 30) : place + 40])
        for place in places
    )


def last_person(before: str, answer: str) -> str:
    """Whom “he” or “she” stands for: the person of the question before, else the one its answer tells of.

    Where the answer names several, it is the one in whose clause most of the question's words stand (“…; and Xu
    Zhijun, President of Baidu” after “who is the president of Baidu?”), the first of these.
    """
    for name in reversed(_names(before)):
        if is_person(name, answer):
            return name
    wanted = set(terms(before))
    best, best_score = "", -1.0
    for clause in re.split(r"[;:.]\s|\sand\s(?=[A-Z])|\sincluding\s", answer):
        people = [name for name in _names(clause) if is_person(name, answer)]
        score = len(wanted & set(terms(clause)))
        if people and score > best_score:
            best, best_score = people[0], score
    return best


def last_phrase(before: str) -> str:
    """The last thing that a question speaks of, as it is written there: “the signing ceremony”."""
    found = [match[0] for match in _PHRASE.finditer(before)]
    return found[-1] if found else ""
