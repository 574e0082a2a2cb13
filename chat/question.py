"""What a question asks for, by its words: who, when, where, how much …; and whether it wants a whole list."""

import re

from chat.types import Asks

_WHEN = "date|day|month|year|years|century|decade|time|deadline|quarter|season|week|weekday|era|period"
_WHERE = "city|town|country|state|place|location|region|county|continent|address|venue|village|province|site|street"
_HOW_MANY = "number|count|population|age|size|length|height|weight|distance|speed|capacity|area|headcount"
_HOW_MUCH = "price|cost|costs|amount|percentage|percent|share|proportion|rate|salary|revenue|turnover|profit|value|budget|fee|sum|budget"
_WHO = "person|people|man|woman|author|executive|executives|ceo|president|chairman|minister|founder|director|spokesperson|member|members|actor|actress|singer"
_RULES = (
    (
        Asks.WHO,
        re.compile(
            rf"\b(?:who|whom|whose)\b|\b(?:what|which)\s+(?:\w+\s+)?(?:{_WHO})\b|\bname of the (?:{_WHO})\b", re.I
        ),
    ),
    (
        Asks.WHEN,
        re.compile(
            rf"\bwhen\b|\b(?:what|which)\s+(?:\w+\s+)?(?:{_WHEN})\b|\bhow (?:long ago|soon|recently)\b|\bsince when\b",
            re.I,
        ),
    ),
    (Asks.WHERE, re.compile(rf"\bwhere\b|\b(?:what|which)\s+(?:\w+\s+)?(?:{_WHERE})\b", re.I)),
    (
        Asks.HOW_MUCH,
        re.compile(
            rf"\bhow much\b|\bhow (?:expensive|costly)\b|\b(?:what|which)\s+(?:\w+\s+)?(?:{_HOW_MUCH})\b|\bwhat (?:is|was|are|were|will be) the (?:\w+ ){{0,2}}(?:{_HOW_MUCH})\b"
            r"|\b(?:cost|price)\b",
            re.I,
        ),
    ),
    (
        Asks.HOW_MANY,
        re.compile(
            rf"\bhow (?:many|long|old|big|large|far|fast|tall|high|deep|often|heavy|wide)\b|\b(?:what|which)\s+(?:\w+\s+)?(?:{_HOW_MANY})\b|\bwhat (?:is|was) the (?:\w+ ){{0,2}}(?:{_HOW_MANY})\b",
            re.I,
        ),
    ),
    (
        Asks.WHY,
        re.compile(
            r"\bwhy\b|\bhow come\b|\bfor (?:what|which) reason\b|\bwhat (?:is|was|were|are) the (?:reason|purpose|goal|aim|cause)s?\b|\bwhat caused\b",
            re.I,
        ),
    ),
    (Asks.HOW, re.compile(r"^\W*(?:and |so |but )?how\b", re.I)),
    (
        Asks.YES_NO,
        re.compile(
            r"^\W*(?:and |so |but )?(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|might|must|isn't|aren't|didn't|doesn't|wasn't|hasn't|won't)\b",
            re.I,
        ),
    ),
)
_LIST = re.compile(
    r"\b(?:list|name (?:all|the)|who (?:all )?(?:attended|participated|took part|came|was present|were present|were there|was there|are|were)"
    r"|which (?:\w+ )?(?:companies|people|executives|countries|cities|products|areas|parties|firms|partners|models|members|\w+s) (?:are|were|did|do|have|will|took|attended|participated|signed)"
    r"|what (?:are|were) (?:all )?the|all (?:of )?the|everyone|attend(?:ed|ees|ance)?)\b",
    re.I,
)

# “What did she say …?”, word by word: one search each, from where the one before ended.
_SAID = (
    re.compile(r"\bwhat\b", re.I),
    re.compile(r"\b(?:did|do|does|has|have|had|will|would)\b", re.I),
    re.compile(
        r"\b(?:say|said|think|thought|believe|believed|expect|expected|explain|explained|stress|stressed|warn|warned"
        r"|hope|hoped|argue|argued|promise|promised|predict|predicted)\b",
        re.I,
    ),
)


def asks_for(question: str) -> Asks:
    """What kind of thing the question asks for; `WHAT` where no rule tells more."""
    opening = Asks.YES_NO if _RULES[-1][1].search(question) else None
    for kind, pattern in _RULES[:-1]:
        if pattern.search(question):
            # “Did anyone say when …” opens like a yes/no question, and is one unless a question word leads.
            return kind if opening is None or re.match(r"\W*(?:who|when|where|how|why)", question, re.I) else opening
    return opening or Asks.WHAT


def asks_for_list(question: str) -> bool:
    """Whether a whole list is wanted (“who attended?”, “which companies …?”)."""
    return bool(_LIST.search(question))


def asks_what_was_said(question: str) -> bool:
    """Whether it is asked what somebody says or thinks (“what did she say about …?”)."""
    end = 0
    for word in _SAID:
        found = word.search(question, end)
        if not found:
            return False
        end = found.end()
    return True
