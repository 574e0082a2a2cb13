"""Who does what, and what is how much: whether a statement's names and numbers belong to its words as they do there.

No parser: a name or number and a word next to it in the statement must stand in one sentence, with no other name, or
number of its kind, between them – except those of the same list, and those in an aside.
"""

import re
from collections.abc import Iterator, Sequence

from chat.llm.clauses import (
    AND,
    PASSIVE,
    aside_at,
    asides,
    counted,
    counts_nothing,
    counts_other_things,
    in_one_list,
    same_class,
    shares_subject,
    speaks,
)
from chat.llm.matches import STRONG, Matches, Sentence, clauses_of
from chat.llm.tokens import TokenKind
from chat.llm.wording import is_glue

_WORDS_BEFORE, _WORDS_AFTER = 3, 2
_HEAD_NOUN_WITHIN = 4
_CLAUSE = re.compile(
    r"[;:.]\s|,\s(?:and|but|while|whereas|which|who|when|where|(?:[a-z]+\s){0,3}(?:of|in|for|from|with|by) (?:which|whom))\b|\s(?:and|but|while|whereas)\s"
)
_WEAK = re.compile(r",\s|\s(?:and|but|while|whereas|as well as)\s")
_PREPOSITION = re.compile(r"\b(?:of|in|at|for|with|from|to|by|on)\s+(?:the\s+)?$")
_LISTING = re.compile(r"\b(?:including|includes?|included|such as|namely)\b|:")
_OF = re.compile(r"\sof\s(?:the\s)?")
_VERB = re.compile(r"(?:ed|[^s]s)$|^(?:said|told|led|won|took|gave|made|met|sold|bought|paid|built|wrote|spoke)$")
_BY = re.compile(r"\b(?:by|including|among|are|were|is|was)\b")


def wrong_roles(matches: Matches) -> str:
    """Why a name or a number does not belong to what it is put together with; "" if all do."""
    if not _clauses_stand(matches):
        return "it puts together what stands in different sentences"
    for place, token in enumerate(matches.said):
        if token.kind not in (TokenKind.NAME, TokenKind.AMOUNT):
            continue
        for other in _neighbours(matches, place):
            if not _belong(matches, place, other) or not _is_subject(matches, place, other):
                return f"“{token.word}” and “{matches.said[other].word}” are not put together there"
    return _head_nouns(matches)


def _clauses_stand(matches: Matches) -> bool:
    """Whether each clause stands in one sentence; one that names no one, in a sentence that names who is spoken of."""
    if len(matches.cited) == 1:
        return True
    subject = next((i for i in matches.telling if matches.said[i].kind is TokenKind.NAME), None)
    for clause in _split(matches, matches.telling, STRONG):
        if _holders(matches, clause):
            continue
        for part in _split(matches, clause, _WEAK):
            holders = _holders(matches, part)
            names = subject is None or any(matches.said[i].kind is TokenKind.NAME for i in part[:2])
            if not holders or not (names or holders & {s for s, _ in matches.of[subject or 0]}):
                return False
    return True


def _split(matches: Matches, places: Sequence[int], at: re.Pattern[str]) -> list[list[int]]:
    """Token places in runs, parted where the words between two of them match."""
    runs: list[list[int]] = [[]]
    for place in places:
        if runs[-1] and at.search(matches.text[matches.said[runs[-1][-1]].end : matches.said[place].start]):
            runs.append([])
        runs[-1].append(place)
    return [run for run in runs if run]


def _holders(matches: Matches, places: Sequence[int]) -> set[int]:
    """The sentences that hold all of these tokens, as far as any sentence holds them."""
    held = [{s for s, _ in matches.of[place]} for place in places if matches.of[place]]
    return set.intersection(*held) if held else set(range(len(matches.cited)))


def _neighbours(matches: Matches, place: int) -> Iterator[int]:
    """The telling words next to a name or number, within its clause and not beyond another of its kind."""
    said, is_number = matches.said, matches.said[place].amount is not None
    for step, most in ((-1, _WORDS_BEFORE if is_number else 1), (1, _WORDS_AFTER if is_number else 1)):
        here = before = place
        while most and 0 <= (here := here + step) < len(said):
            if said[here].kind is TokenKind.FUNCTION:
                continue
            if not is_number and step < 0 and before == place and matches.text[: said[place].start].endswith(", "):
                break
            if _CLAUSE.search(matches.between(place, here)) or (
                not is_number and _LISTING.search(matches.between(place, here))
            ):
                break
            aside = aside_at(matches.text, said[place].start)
            if aside and not aside[0] <= said[here].start < aside[1]:
                break
            other = aside_at(matches.text, said[here].start)
            if other and not other[0] <= said[place].start < other[1]:
                continue
            if same_class(said[here], said[place]) and (
                not AND.fullmatch(matches.between(before, here))
                or (step > 0 and _PREPOSITION.search(matches.text[: said[place].start]))
            ):
                break
            if said[here].kind is TokenKind.WORD and matches.of[here]:
                most -= 1
                yield here
            before = here


def _belong(matches: Matches, place: int, other: int) -> bool:
    """Whether the two stand in one sentence with nothing of the first one's kind between them."""
    return any(
        s == t and free(matches, s, p, q, place, other) for s, p in matches.of[place] for t, q in matches.of[other]
    )


def _is_subject(matches: Matches, place: int, other: int) -> bool:
    """Whether a name that stands before a verb here does so there, or after “by” or “said”."""
    verb = matches.said[other]
    if matches.said[place].kind is not TokenKind.NAME or other < place or not _VERB.search(verb.word):
        return True
    if PASSIVE.search(matches.text[: verb.start].rstrip()):
        return True
    for s, p in matches.of[place]:
        source = matches.cited[s]
        for t, v in matches.of[other]:
            if s == t and (
                p < v or speaks(source, v, p) or _BY.search(source.text[source.tokens[v].end : source.tokens[p].start])
            ):
                return True
    return False


def free(matches: Matches, sentence: int, p: int, q: int, place: int, other: int) -> bool:
    """Whether no rival stands between tokens p and q: one that the statement too has between them is none."""
    source = matches.cited[sentence]
    low, high = min(p, q), max(p, q)
    inner = asides(source, source.tokens[low], source.tokens[high])
    if inner is None or _rival_in_clause(source, p, q):
        return False
    own = range(min(place, other), max(place, other) + 1)
    group = set(own) | _coordinated(matches, place) | _next_name(matches, place, other)
    allowed = {spot for i in group for s, spot in matches.of[i] if s == sentence}
    rivals = [
        r
        for r in range(low + 1, high)
        if same_class(source.tokens[r], matches.said[place])
        and r not in allowed
        and not counts_other_things(source.tokens, r, p)
        and not (q > p and _OF.fullmatch(source.text[source.tokens[p].end : source.tokens[r].start]))
        and not any(a <= source.tokens[r].start < b for a, b in inner)
    ]
    return not rivals or shares_subject(source, p, q) or in_one_list(source, p, q, rivals, matches.said[place])


def _next_name(matches: Matches, place: int, other: int) -> set[int]:
    """The next telling token on the word's other side, if it is a name: in “A holds a part of B”, A is beyond “holds”."""
    at = matches.telling.index(other) + (1 if other > place else -1)
    if 0 <= at < len(matches.telling) and matches.said[matches.telling[at]].kind is TokenKind.NAME:
        return {matches.telling[at]}
    return set()


def _rival_in_clause(source: Sentence, p: int, q: int) -> bool:
    """Whether the word's own clause has another number of the kind (“begins in August; planned for March”)."""
    if source.tokens[p].amount is None:
        return False
    clause = clauses_of(source)
    if clause[p] == clause[q]:
        return False
    return any(clause[r] == clause[q] and same_class(token, source.tokens[p]) for r, token in enumerate(source.tokens))


def _coordinated(matches: Matches, place: int) -> set[int]:
    """The tokens that stand in one list with a name or number of the statement (“A, B and C”)."""
    found, at = {place}, matches.telling.index(place)
    for step in (-1, 1):
        here = at
        while 0 <= here + step < len(matches.telling):
            one, other = matches.telling[here], matches.telling[here + step]
            if not same_class(matches.said[one], matches.said[other]) or not AND.fullmatch(matches.between(one, other)):
                break
            here += step
            found.add(other)
    return found


def _both_after_of(matches: Matches, place: int, sentence: int, p: int) -> bool:
    """“A jury of seven”: what is counted stands before the number, here as there."""
    source = matches.cited[sentence]
    here, there = matches.text[: matches.said[place].start], source.text[: source.tokens[p].start]
    return here.endswith(" of ") and there.rstrip().endswith(" of") and here.split()[-2:] == there.split()[-2:]


def _head_nouns(matches: Matches) -> str:
    """What is counted here must be what is counted there: “12 ferries” is not “12 batteries for 5 ferries”."""
    said = matches.said
    for place, token in enumerate(said[:-1]):
        after = said[place + 1]
        counts = token.amount and token.amount.kind == "plain" and not token.amount.readings[0].unit
        if not counts or after.kind is not TokenKind.WORD or not matches.of[after_place := place + 1]:
            continue
        near = any(
            s == t
            and (
                (0 < q - p <= _HEAD_NOUN_WITHIN and not any(x.amount for x in matches.cited[s].tokens[p + 1 : q]))
                or _both_after_of(matches, place, s, p)
                or (
                    q < p
                    and counts_nothing(matches.cited[s].tokens, p)
                    and not any(x.amount for x in matches.cited[s].tokens[q:p])
                )
                or (0 < p - q <= 2 and all(map(is_glue, counted(matches.cited[s].tokens, p) or ("x",))))
            )
            for s, p in matches.of[place]
            for t, q in matches.of[after_place]
        )
        if not near:
            return f"“{token.word}” counts something else there"
    return ""
