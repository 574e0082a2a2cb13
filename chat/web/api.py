"""What other programs may call: `chat`, `ask`, `search`, `verify_quote`, each as an HTTP endpoint and an MCP tool.

The descriptions that they show are written here and never come from an article.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError, validate_call

from chat.assistant import LONGEST_QUESTION, Assistant
from chat.laps import RENDERING
from chat.quote_check import LONGEST_QUOTE, Checked, Verdict, article_number, check_quote
from chat.render import answer_object, quote_object
from chat.retriever import retrieve, within
from chat.types import Hit, Quote, Scope, Turn
from chat.web.limits import ASKING
from chat.web.service import Service
from chat.web.watch import Watch, way_of_endpoint
from indexer import QuotewireError

log = logging.getLogger(__name__)
Endpoint = Callable[..., dict[str, Any]]
MOST_PASSAGES = 50
MOST_TURNS, LONGEST_TURN = 100, 20_000
FAILED = "Something went wrong here; the server's log says what."
NO_MATCH = "NOT a match: this is only the passage written most alike. Do not use it as the quote."

_Question = Annotated[str, Field(description=f"what to ask, at most {LONGEST_QUESTION} characters")]
_History = Annotated[
    list[dict[str, str]] | None,
    Field(
        description='the turns before it, oldest first, each {"role": "user" or "assistant", "content": "…"}; '
        f"at most {MOST_TURNS}, of {LONGEST_TURN} characters each"
    ),
]
_Query = Annotated[str, Field(description=f"what the passages should be about, at most {LONGEST_QUESTION} characters")]
_Words = Annotated[str, Field(description=f"the words to look for, at most {LONGEST_QUOTE} characters")]
_Article = Annotated[str, Field(description="path of the article they are said to be from; empty for all articles")]
_Articles = Annotated[
    list[str] | None, Field(description="paths of the articles to use, as `search` shows them; none for all")
]
_Since = Annotated[str, Field(description="only articles dated on this day or later, like 2026-01-31; empty for all")]
_Until = Annotated[str, Field(description="only articles dated on this day or before, like 2026-01-31; empty for all")]
_Limit = Annotated[int, Field(description=f"how many passages, 1 to {MOST_PASSAGES}")]


def endpoints(service: Service, watch: Watch | None = None) -> tuple[Endpoint, ...]:
    """The functions; each raises `QuotewireError`, in one line, for what the caller can mend.

    What they answer is counted and logged by `watch`.
    """
    watch = watch or Watch()

    def answered(question: str, history: list[dict[str, str]] | None, scope: Scope | None) -> dict[str, Any]:
        with watch.question(question, way_of_endpoint()) as told:
            *_, answer = service.answers(question, _turns(history), scope, watch.ending, watch.metrics.took)
            told(answer)
            with watch.metrics.timed(RENDERING):
                return answer_object(answer)

    def chat(question: _Question, history: _History = None) -> dict[str, Any]:
        """Answer a question with verbatim quotes from the articles, in the light of the turns before it.

        Where the articles do not answer, `abstained` is true, there are no quotes, and `nearest` holds what stands
        nearest to the question, which is no answer.
        """
        return answered(question, history, None)

    def ask(
        question: _Question,
        articles: _Articles = None,
        since: _Since = "",
        until: _Until = "",
        history: _History = None,
    ) -> dict[str, Any]:
        """Answer a question from some of the articles with verbatim quotes, or say that they do not answer.

        Each quote has its article, offsets and a link that opens the article at it. Where the articles do not answer,
        `abstained` is true, there are no quotes, and `nearest` holds what stands nearest, which is no answer.
        """
        return answered(question, history, _scope(service.assistant, articles, since, until))

    def search(
        query: _Query, articles: _Articles = None, since: _Since = "", until: _Until = "", limit: _Limit = 10
    ) -> dict[str, Any]:
        """Find the passages of the articles that fit a query best, by meaning and by words, best first.

        Each passage is the article's own text between two offsets, with a score that compares passages of this search.
        """
        return {"query": query, "passages": _found(service.assistant, query, articles, since, until, limit)}

    def verify_quote(quote: _Words, article: _Article = "") -> dict[str, Any]:
        """Check whether words stand verbatim in an article, and show the article's own words.

        `verbatim` is true only if the article has exactly these words, character by character. Otherwise `verdict` says
        whether it has the same words with other white space, quotation marks, dashes or Unicode forms (`found` shows
        how), cuts a longer word, has them in another article, or does not have them; then `nearest` shows what is
        written most alike, which is NOT a match.
        """
        return _checked_object(quote, check_quote(service.assistant, quote, article))

    return chat, ask, search, verify_quote


def register(service: Service, watch: Watch) -> None:
    """Put the endpoints into the surrounding Blocks, where Gradio shows an error's one line to the caller."""
    import gradio as gr
    from gradio.events import api

    def told(endpoint: Endpoint) -> Endpoint:
        checked = validate_call(config=ConfigDict(strict=True))(endpoint)  # Gradio hands on whatever was sent

        @wraps(endpoint)
        def call(*arguments: Any, **named: Any) -> dict[str, Any]:
            try:
                return checked(*arguments, **named)
            except ValidationError as error:
                wrong = error.errors()[0]
                where = ".".join(map(str, wrong["loc"]))
                raise gr.Error(f"{where}: {wrong['msg']}", print_exception=False) from error
            except QuotewireError as error:
                raise gr.Error(str(error), print_exception=False) from error
            except Exception as error:
                log.exception("the endpoint %s failed", endpoint.__name__)
                raise gr.Error(FAILED, print_exception=False) from error

        return call

    for endpoint in endpoints(service, watch):
        about = {"api_name": endpoint.__name__, "api_description": _described(endpoint)}
        api(told(endpoint), concurrency_id=ASKING, **about)


def description(endpoint: Endpoint) -> str:
    """What an endpoint does, in one paragraph."""
    return " ".join((endpoint.__doc__ or "").split())


def _described(endpoint: Endpoint) -> str:
    """What an endpoint does, and each of its parameters: Gradio's list has no place for those."""
    parameters = (
        f"{name}: {kind.__metadata__[0].description}"
        for name, kind in endpoint.__annotations__.items()
        if hasattr(kind, "__metadata__")
    )
    return f"{description(endpoint)} Parameters – {'; '.join(parameters)}."


def _turns(history: list[dict[str, str]] | None) -> tuple[Turn, ...]:
    if not all(isinstance(turn, dict) for turn in history or []):
        raise QuotewireError('history: each turn must be like {"role": "user", "content": "…"}')
    turns = tuple(Turn(str(turn.get("role", "")), str(turn.get("content", ""))) for turn in history or [])
    if len(turns) > MOST_TURNS:
        raise QuotewireError(f"history: has {len(turns)} turns; send the last {MOST_TURNS} at most")
    longest = max((len(turn.content) for turn in turns), default=0)
    if longest > LONGEST_TURN:
        raise QuotewireError(f"history: a turn has {longest} characters; send {LONGEST_TURN} of each at most")
    return turns


def _scope(assistant: Assistant, articles: list[str] | None, since: str, until: str) -> Scope:
    for path in articles or []:
        article_number(assistant.index, path)
    return Scope(tuple(articles or ()), since, until)


def _found(
    assistant: Assistant, query: str, articles: list[str] | None, since: str, until: str, limit: int
) -> list[dict[str, Any]]:
    index = assistant.index
    if not query.strip():
        raise QuotewireError("query: is empty; say what the passages should be about")
    if len(query) > LONGEST_QUESTION:
        raise QuotewireError(f"query: has {len(query)} characters; give at most {LONGEST_QUESTION}")
    if not 1 <= limit <= MOST_PASSAGES:
        raise QuotewireError(f"limit: {limit} is not between 1 and {MOST_PASSAGES}")
    among = within(index, _scope(assistant, articles, since, until))
    hits = retrieve(index, query, assistant.embedder.embed_question(query), limit, among)
    return [_passage(Quote(index, hit.span), hit) for hit in hits]


def _passage(quote: Quote, hit: Hit) -> dict[str, Any]:
    return quote_object(quote) | {"score": round(hit.score, 6)}


def _checked_object(words: str, checked: Checked) -> dict[str, Any]:
    return {
        "quote": words,
        "verbatim": checked.verdict is Verdict.VERBATIM,
        "verdict": checked.verdict.value,
        "explanation": _explanation(checked),
        "found": [quote_object(f.quote) | {"differences": list(f.differences)} for f in checked.found],
        "more": checked.more,
        "nearest": quote_object(checked.nearest) | {"label": NO_MATCH} if checked.nearest else None,
    }


def _explanation(checked: Checked) -> str:
    """One sentence for a person; it names articles by number alone, so that no article can write into it."""
    match checked.verdict:
        case Verdict.VERBATIM:
            return "The words stand there character by character."
        case Verdict.SET_OTHERWISE:
            names = dict.fromkeys(name for found in checked.found for name in found.differences)
            return f"The article has the same words, but for {', '.join(names)}; quote it as `found` shows it."
        case Verdict.CUT:
            return "The characters stand there, but as part of a longer word or number, which may mean something else."
        case Verdict.ELSEWHERE:
            return "The named article does not have these words; another one does, as `found` shows it."
    alike = " What is written most alike is NOT a match." if checked.nearest else ""
    return f"The words do not stand there.{alike}"
