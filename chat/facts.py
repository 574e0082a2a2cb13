"""What a stretch of text holds that a question may ask for: names, dates, numbers, amounts, places, reasons."""

import re
from dataclasses import dataclass
from functools import lru_cache

from indexer import STOPWORDS, stem, terms, words

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
DATE = re.compile(
    rf"\b(?:1[0-9]|20)\d\d(?:s|\b)|\b{_MONTH}\.?\s+\d{{1,4}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)\s+(?:and\s+\d{{1,2}}\w\w\s+)?centur|\b{_DAY}s?\b|\b(?:next|last|this|each|every)\s+(?:year|month|week|spring|"
    rf"summer|autumn|fall|winter|quarter)\b|\b(?:january|february|april|august|september|october|november|december)\b"
    r"|\b(?:yesterday|today|tomorrow|tonight|noon|midnight)\b|\b\d{1,2}(?::\d\d)?\s?(?:a\.?m|p\.?m|o['’]clock)\b"
    r"|\b(?:early|late|mid)[- ]\d\d|\b\d+\s+(?:years?|months?|weeks?|days?|hours?|minutes?)\s+(?:ago|later|earlier)\b",
    re.IGNORECASE,
)
_NUMBER_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions "
    "billion billions dozen dozens half twice third quarter"
)
NUMBER = re.compile(rf"(?<![\w.])\d[\d,.]*(?!\w*\d)|\b(?:{_NUMBER_WORDS.replace(' ', '|')})\b", re.IGNORECASE)
AMOUNT = re.compile(
    r"[$€£¥₹]\s?\d|\b(?:usd|eur|gbp|cny|rmb|chf|jpy|nok|sek|dkk)\s?\d|\d\s?(?:%|percent|per\s?cent)"
    r"|\d[\d.,]*\s?(?:million|billion|trillion|bn|m|k)?\s?(?:dollars?|euros?|pounds?|yuan|yen|kron\w+|francs?|rupees?|cents?|pence)\b"
    r"|\bfree of charge\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|due to|owing to|as a result|so that|in order to|therefore|thus|reasons?|caused?|leads? to|led to"
    r"|in response|after|so as to|thanks to|allow|enabl|help|aim|purpose|why|to \w+)\b",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(r"(?:\b|(?<=[\"“‘']))[A-ZÀ-ÖØ-Þ][\w&’'.]*(?:-[A-Z][\w]*)*")
_PLACE = re.compile(r"\b(?:in|at|from|near|outside|across|to|of|on|off)\s+(?:the\s+)?(?:[a-z]+\s+)?[A-Z]\w+")
_PRONOUN_START = re.compile(
    r"\W*(?:however,?\s|but\s|and\s|in (?:his|her|their|its) \w+,\s)?(?:he|she|they|it|this|these|that|those|his|her|their|its"
    r"|the (?:company|firm|group|agreement|deal|plan|project|plant|product|move|decision|two|pair|latter|former))\b",
    re.IGNORECASE,
)
NEGATION = re.compile(
    r"\b(?:no|not|never|none|neither|nor|without|cannot|denie[sd]|deny|denying|refuse[sd]?|\w+n['’]t|yet to|nobody|nothing)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sentence holds; `names` are stems of capitalised words that do not merely open the sentence."""

    stems: tuple[str, ...]
    names: frozenset[str]
    numbers: frozenset[str]
    has_date: bool
    has_number: bool
    has_amount: bool
    has_place: bool
    has_reason: bool
    has_negation: bool
    opens_with_pronoun: bool
    size: int


@lru_cache(maxsize=16_384)
def facts(text: str) -> Facts:
    """The facts of one sentence."""
    return Facts(
        stems=tuple(terms(text)),
        names=frozenset(name_stems(text)),
        numbers=frozenset(word for word in words(text) if word[0].isdigit()),
        has_date=bool(DATE.search(text)),
        has_number=bool(NUMBER.search(text)),
        has_amount=bool(AMOUNT.search(text)),
        has_place=bool(_PLACE.search(text)),
        has_reason=bool(_REASON.search(text)),
        has_negation=bool(NEGATION.search(text)),
        opens_with_pronoun=bool(_PRONOUN_START.match(text)),
        size=len(text.split()),
    )


def name_stems(text: str) -> list[str]:
    """Stems of the words that are written with a capital, in order; a first word counts if it is no common word."""
    found = []
    for match in _CAPITALISED.finditer(text):
        for word in words(match[0]):
            if word not in STOPWORDS and len(word) > 1:
                found.append(stem(word))
    return found
