"""What a language model did in an evaluation, as plain text: its statements, its citations, and what it cost."""

from collections.abc import Iterable, Mapping, Sequence

from chat.evaluation.metrics import Result
from chat.evaluation.question_file import TestQuestion

_COUNTS = ("kept", "repaired", "dropped", "calls", "prompt_tokens", "reply_tokens")


def written_figures(questions: Sequence[TestQuestion], results: Iterable[Result]) -> dict[str, float | None]:
    """Statements kept, repaired and dropped; calls, tokens and seconds; precision and recall of the citations.

    A citation is right if its quote overlaps the question's evidence; recall is the share of the evidence that the
    statements of answers with statements cite. Both are None where there is nothing to judge.
    """
    by_id = {question.id: question for question in questions}
    told = [result for result in results if result.get("written")]
    found: dict[str, float | None] = {name: sum(result["written"][name] for result in told) for name in _COUNTS}
    found["seconds"] = round(sum(result["written"]["seconds"] for result in told), 3)
    hits = citations = reached = wanted = 0
    for result in told:
        evidence = by_id[result["id"]].evidence
        cited = {n for statement in result["statements"] for n in statement["quotes"]}
        quotes = [quote for quote in result["quotes"] if quote["n"] in cited]
        if not evidence or not quotes:
            continue
        hits += sum(any(_overlap(quote, span.article, span.start, span.end) for span in evidence) for quote in quotes)
        citations += len(quotes)
        reached += sum(
            any(_overlap(quote, span.article, span.start, span.end) for quote in quotes) for span in evidence
        )
        wanted += len(evidence)
    found["citation_precision"] = round(hits / citations, 4) if citations else None
    found["citation_recall"] = round(reached / wanted, 4) if wanted else None
    return found


def written_text(figures: Mapping[str, float | None], asked: int) -> str:
    """The figures in lines; `asked` is how many replies were asked for now, the others were kept from before."""
    precision, recall = (figures[name] for name in ("citation_precision", "citation_recall"))
    calls = int(figures["calls"] or 0)
    return "\n".join(
        [
            "Language model",
            f"  statements      {figures['kept']} kept, {figures['repaired']} repaired, {figures['dropped']} dropped",
            f"  citations       precision {_share(precision)}, recall {_share(recall)}",
            f"  calls           {calls}, of which {min(asked, calls)} now and the others kept from before",
            f"  tokens          {figures['prompt_tokens']} read, {figures['reply_tokens']} written",
            f"  seconds         {figures['seconds']}",
        ]
    )


def _share(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"


def _overlap(quote: Result, article: str, start: int, end: int) -> bool:
    return bool(quote["article"] == article and quote["start"] < end and start < quote["end"])
