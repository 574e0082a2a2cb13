"""What a text says in numbers: amounts, percentages, dates, times and ordinals, each as a value that can be compared.

“3 May 2026” and “2026-05-03” are the same date, “$1.5 bn” and “1.5 billion dollars” the same amount, “ten” is 10. Only
what can be read in one way is read: a library that guesses (a date in “may”, a unit in “in”) would call unlike alike.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?(?!\w)"
_DAY = r"(?P<day>[12]?\d|3[01])(?:st|nd|rd|th)?(?!\w)"
_YEAR = r"(?P<year>1\d{3}|20\d\d)(?![\w%]|[,.]\d)"
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\w-])(?P<year>1\d{3}|20\d\d)-(?P<number>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])(?![\w-])",
        rf"(?<![\w.,]){_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH}\s+{_DAY}(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}",
        rf"\b(?:Q(?P<q>[1-4])|(?P<qword>[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth)[\s-]quarter)\b(?:\s+(?:of\s+)?{_YEAR})?",
        r"\b(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)s?\b",
        r"(?<![\w.,$€£¥-])(?P<decade>1\d{2}0|20\d0)s\b",
        rf"(?<![\w.,$€£¥-])(?<!\bUSD )(?<!\bEUR )(?<!\bNOK ){_YEAR}(?!\s*(?:million|billion|percent|per cent|%))",
        # A month alone; “may” and “march” are verbs too, so these need a word before them that a date follows on.
        r"\b(?P<month>January|February|April|June|July|August|September|October|November|December)\b",
        r"(?<=[Ii]n )(?P<month>May|March)\b|(?<=[Bb]y )(?P<month_>May|March)\b",
    )
)
_TIME = re.compile(
    r"(?<![\w.,])(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?\s?m\b\.?"
    r"|(?<![\w.,])(?P<hour24>[01]?\d|2[0-3]):(?P<minute24>[0-5]\d)(?!\d)|\b(?P<name>noon|midnight)\b",
    re.I,
)
_CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR", "£": "GBP",
    "gbp": "GBP", "pound": "GBP", "¥": "JPY", "jpy": "JPY", "yen": "JPY", "yuan": "CNY", "cny": "CNY", "rmb": "CNY",
    "renminbi": "CNY", "₹": "INR", "inr": "INR", "rupee": "INR", "nok": "NOK", "sek": "SEK", "dkk": "DKK",
    "chf": "CHF", "franc": "CHF", "kroner": "NOK", "krone": "NOK", "kronor": "SEK", "krona": "SEK", "cent": "cent",
    "pence": "pence", "penny": "pence",
}  # fmt: skip
_UNITS = {
    "m": "metre", "km": "kilometre", "kilometer": "kilometre", "kilometre": "kilometre", "mile": "mile", "metre": "metre",
    "meter": "metre", "kg": "kilogram", "kilogram": "kilogram", "kilo": "kilogram", "tonne": "tonne", "ton": "ton",
    "litre": "litre", "liter": "litre", "acre": "acre", "hectare": "hectare", "degree": "degree",
    "mw": "megawatt", "megawatt": "megawatt", "kw": "kilowatt", "kilowatt": "kilowatt", "gw": "gigawatt",
    "gigawatt": "gigawatt", "watt": "watt", "mwh": "megawatt hour", "megawatt hour": "megawatt hour",
    "kwh": "kilowatt hour", "kilowatt hour": "kilowatt hour", "gwh": "gigawatt hour", "gigawatt hour": "gigawatt hour",
    "watt hour": "watt hour", "second": "second", "minute": "minute", "hour": "hour", "day": "day", "week": "week",
    "month": "month", "year": "year", "decade": "decade", "century": "century", "kilobyte": "kilobyte",
    "mb": "megabyte", "megabyte": "megabyte", "gb": "gigabyte", "gigabyte": "gigabyte", "tb": "terabyte",
    "terabyte": "terabyte", "centimetre": "centimetre", "cm": "centimetre", "mm": "millimetre",
    "millimetre": "millimetre", "gram": "gram", "inch": "inch", "foot": "foot", "feet": "foot",
}  # fmt: skip
_SMALL = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SCALES = {
    "hundred": 100, "thousand": 10**3, "k": 10**3, "million": 10**6, "mn": 10**6, "m": 10**6, "billion": 10**9,
    "bn": 10**9, "trillion": 10**12, "dozen": 12,
}  # fmt: skip
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth".split()
)
_PARTS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fifth": 5,
    "fifths": 5,
    "tenth": 10,
    "tenths": 10,
}
_WORD = "|".join([*_SMALL, *_TENS, "hundred", "thousand", "million", "billion", "trillion", "dozen"])
_SIGN = r"(?:(?P<before>US\$|[$€£¥₹]|\b(?:USD|EUR|GBP|NOK|SEK|DKK|CHF|CNY|RMB|JPY|INR))\s?)?"
_DIGITS = re.compile(
    rf"{_SIGN}(?<![\w.])(?P<minus>(?<!\S)[−-])?(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<ordinal>st|nd|rd|th)?"
    r"(?:[\s-]?(?P<scale>thousand|million|billion|trillion|bn|mn|dozen|m(?!\w)|k(?!\w))\b)?",
    re.I,
)
_WORDS = re.compile(rf"\b(?:{_WORD})(?:(?:[\s-]+|\s+and\s+)(?:{_WORD}))*\b", re.I)
_FRACTION = re.compile(
    r"\b(?P<count>an?|one|two|three|four)[\s-](?:good\s)?(?P<part>third|quarter|fifth|tenth)s?\b|\b(?P<half>half)\b"
    r"(?:\s(?:an?|one)\s(?P<scale>million|billion|dozen|hundred|thousand)\b)?",
    re.I,
)
_ORDINAL = re.compile(rf"\b(?P<word>{'|'.join(_ORDINALS)})\b", re.I)
_AFTER = re.compile(
    r"[\s-]?(?:(?P<percent>%|percent\b|per\s?cent\b)(?P<points>(?:age)?\s+points?)?|(?P<unit>\w+[\s-]hours?|[\w$€£]+))"
)
_SCALE = re.compile(r"(?:\d|\b)\s?(thousand|million|billion|trillion|bn|mn)\b", re.I)
_JOINED = re.compile(r"\s*(?:[–—-]|\bto\b|\band\b|\bor\b)\s*")
_REST = re.compile(r"\bthe (?:rest|remainder|balance)\b", re.I)  # a part as two thirds are, of a size that is not said
_VAGUE = re.compile(r"\b(?P<word>dozens|hundreds|thousands|millions|billions)\b", re.I)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a number: its kind, its value (a fraction, or a date's fields) and its unit or currency."""

    kind: str
    value: Fraction | frozenset[tuple[str, int]]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number at `text[start:end]` with all its readings: “20” in “20 to 25 percent” is 20, or 20 percent."""

    start: int
    end: int
    readings: tuple[Reading, ...]

    @property
    def kind(self) -> str:
        """The kind of its first reading: percent, money, plain, date, time, ordinal or vague."""
        return self.readings[0].kind


@lru_cache(maxsize=20_000)
def amounts(text: str) -> tuple[Amount, ...]:
    """All numbers of a text, in order; none overlaps another. “one” is not among them, as it mostly counts nothing."""
    found: list[Amount] = []
    taken = bytearray(len(text))
    for amount in (*_dates(text), *_times(text), *_fractions(text), *_digits(text), *_words(text), *_ordinals(text)):
        if not any(taken[amount.start : amount.end]):
            found.append(amount)
            taken[amount.start : amount.end] = b"\1" * (amount.end - amount.start)
    return tuple(_joined(text, sorted(found, key=lambda amount: amount.start)))


def same(said: Amount, stands: Amount) -> bool:
    """Whether what is said is what stands there; it may say less (a year for a whole date, an amount without currency)."""
    return any(_agree(one, other) for one in said.readings for other in stands.readings)


def _agree(said: Reading, stands: Reading) -> bool:
    if isinstance(said.value, frozenset) or isinstance(stands.value, frozenset):
        return said.kind == stands.kind and said.value <= stands.value  # type: ignore[operator]
    if said.value != stands.value:
        return False
    if said.kind != stands.kind:
        return said.kind == "plain" and not said.unit and stands.kind == "money"
    return not said.unit or said.unit == stands.unit


def _dates(text: str) -> Iterator[Amount]:
    for pattern in _DATES:
        for match in pattern.finditer(text):
            fields = {name: value for name, value in match.groupdict().items() if value}
            readings: tuple[Reading, ...] = (Reading("date", frozenset(_fields(fields))),)
            if match[0].isdigit():  # a year, or as many of something
                readings += (Reading("plain", Fraction(match[0])),)
            yield Amount(match.start(), match.end(), readings)


def _fields(found: dict[str, str]) -> Iterator[tuple[str, int]]:
    month = found.get("month") or found.get("month_")
    if month:
        yield "month", next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(month[:3].lower()))
    if "number" in found:
        yield "month", int(found["number"])
    if "weekday" in found:
        yield "weekday", _WEEKDAYS.index(found["weekday"].lower().removesuffix("s"))
    if "q" in found or "qword" in found:
        yield "quarter", int(found["q"]) if "q" in found else _QUARTERS[found["qword"].lower()]
    for name in ("day", "year", "decade"):
        if name in found:
            yield name, int(found[name])


def _times(text: str) -> Iterator[Amount]:
    for match in _TIME.finditer(text):
        if match["name"]:
            minutes = 720 if match["name"].lower() == "noon" else 0
        elif match["hour24"]:
            minutes = 60 * int(match["hour24"]) + int(match["minute24"])
        else:
            minutes = 60 * (int(match["hour"]) % 12 + 12 * (match["half"].lower() == "p")) + int(match["minute"] or 0)
        yield Amount(match.start(), match.end(), (Reading("time", Fraction(minutes)),))


def _fractions(text: str) -> Iterator[Amount]:
    for match in _FRACTION.finditer(text):
        if match["scale"]:
            reading = Reading("plain", Fraction(_SCALES[match["scale"].lower()], 2))
        elif match["half"]:
            reading = Reading("percent", Fraction(50))
        else:
            count = _SMALL.get(match["count"].lower(), 1)
            reading = Reading("percent", Fraction(100 * count, _PARTS[match["part"].lower()]))
        yield Amount(match.start(), match.end(), (reading,))


def _digits(text: str) -> Iterator[Amount]:
    for match in _DIGITS.finditer(text):
        digits = match["digits"].rstrip(",")
        if re.fullmatch(r"\d+,\d{1,2}", digits):
            digits = digits.replace(",", ".")
        scale = match["scale"] or ""
        if scale in ("m", "k") and not match["before"]:
            scale = ""  # metres, or kelvin
        value = Fraction(digits.replace(",", "")) * _SCALES.get(scale.lower(), 1)
        end = match.end() if scale or match["ordinal"] else match.start("digits") + len(digits)
        if match["ordinal"]:
            yield Amount(match.start(), end, (Reading("ordinal", value),))
            continue
        yield _with_unit(text, match.start(), end, -value if match["minus"] else value, match["before"] or "")


def _words(text: str) -> Iterator[Amount]:
    for match in _WORDS.finditer(text):
        words = [word for word in re.split(r"[\s-]+", match[0].lower()) if word != "and"]
        if words == ["one"]:
            continue
        yield _with_unit(text, match.start(), match.end(), Fraction(_value(words)), "")
    for match in _REST.finditer(text):
        yield Amount(match.start(), match.end(), (Reading("percent", Fraction(-1)),))
    for match in re.finditer(r"\bboth\b", text, re.I):
        yield Amount(match.start(), match.end(), (Reading("plain", Fraction(2)),))
    for match in _VAGUE.finditer(text):
        yield Amount(match.start(), match.end(), (Reading("vague", Fraction(_SCALES[match["word"].lower()[:-1]])),))


def _value(words: Sequence[str]) -> int:
    """“two hundred and twelve thousand” → 212000; a scale alone counts once."""
    total = current = 0
    for word in words:
        if word in _SCALES:
            scale = _SCALES[word]
            current = (current or 1) * scale
            if scale >= 1000:
                total, current = total + current, 0
        else:
            current += _SMALL.get(word, 0) + _TENS.get(word, 0)
    return total + current


def _ordinals(text: str) -> Iterator[Amount]:
    for match in _ORDINAL.finditer(text):
        value = Fraction(_ORDINALS.index(match["word"].lower()) + 1)
        yield Amount(match.start(), match.end(), (Reading("ordinal", value),))


def _with_unit(text: str, start: int, end: int, value: Fraction, before: str) -> Amount:
    """The number with the percent sign, the currency or the unit that follows on it."""
    if before:
        return Amount(start, end, (Reading("money", value, _CURRENCIES[before.lower()]),))
    after = _AFTER.match(text, end)
    if after and after["percent"]:
        return Amount(start, after.end(), (Reading("points" if after["points"] else "percent", value),))
    word = " ".join(re.split(r"[\s-]+", after["unit"].lower())) if after and after["unit"] else ""
    for name in (word, word.split()[0] if word else ""):
        single = name if name in _UNITS or name in _CURRENCIES else name.removesuffix("s")
        known = ("money", _CURRENCIES[single]) if single in _CURRENCIES else ("plain", _UNITS.get(single, ""))
        if after and known[1]:
            cut = after.end() if name == word else after.start("unit") + len(name)
            return Amount(start, cut, (Reading(known[0], value, known[1]),))
    return Amount(start, end, (Reading("plain", value),))


def _joined(text: str, found: list[Amount]) -> Iterator[Amount]:
    """In “20 to 25 percent” and “$840–860 million”, a bare number may share its neighbour's sign, scale and unit."""
    for place, amount in enumerate(found):
        readings = amount.readings
        after = found[place + 1] if place + 1 < len(found) else None
        if after and readings[0].kind in ("plain", "money") and _JOINED.fullmatch(text, amount.end, after.start):
            scale = 1 if _scale(text[amount.start : amount.end]) > 1 else _scale(text[after.start : after.end])
            readings += tuple(_sharing(readings[0], after.readings[0], scale))
        yield Amount(amount.start, amount.end, readings)


def _sharing(own: Reading, shared: Reading, scale: int) -> Iterator[Reading]:
    if shared.kind not in ("plain", "money", "percent") or (own.unit and shared.unit not in ("", own.unit)):
        return
    assert isinstance(own.value, Fraction)
    kind = "money" if "money" in (own.kind, shared.kind) else shared.kind
    for value in dict.fromkeys((own.value, own.value * scale)):
        reading = Reading(kind, value, own.unit or shared.unit)
        if reading != own:
            yield reading


def _scale(shown: str) -> int:
    match = _SCALE.search(shown)
    return _SCALES[match[1].lower()] if match else 1
