"""Greetings and thanks, which are no questions."""

import re

_GREETING = re.compile(
    r"\W*(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|hallo|how are you)(?:\s+(?:there|all|everyone|quotewire))?\W*",
    re.I,
)
_THANKS = re.compile(
    r"\W*(?:many )?(?:thanks?|thank you|thx|cheers|great|perfect|ok(?:ay)?|super|nice)(?:\s+(?:a lot|so much|very much|you|again))?\W*",
    re.I,
)
_BYE = re.compile(r"\W*(?:good)?bye\W*|\W*see you\W*", re.I)
_HELP = re.compile(r"\W*(?:help|what can (?:i ask|you do)(?: you)?|who are you|what are you|what is this)\W*", re.I)


def reply(message: str, articles: int) -> str:
    """What to say to a greeting, thanks or a call for help; "" if the message is none of these."""
    holds = "1 article" if articles == 1 else f"{articles} articles"
    can_ask = (
        f"Ask about the {holds} in the corpus: who said what, when, where, how much. I answer with verbatim quotes."
    )
    if _GREETING.fullmatch(message):
        return f"Hello! {can_ask}"
    if _THANKS.fullmatch(message):
        return f"You are welcome. {can_ask}"
    if _BYE.fullmatch(message):
        return "Goodbye!"
    return can_ask if _HELP.fullmatch(message) else ""
