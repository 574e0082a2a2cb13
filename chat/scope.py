"""A scope as JSON: what a browser keeps of its filter, and a test question that was asked within one."""

from typing import Any

from chat.types import Scope
from indexer import QuotewireError


def scope_of(kept: object) -> Scope:
    """The scope that a browser sends or has kept; raises `QuotewireError` for what is none."""
    if not isinstance(kept, dict):
        return Scope()
    articles, since, until = kept.get("articles") or [], kept.get("since") or "", kept.get("until") or ""
    texts = [since, until, *articles] if isinstance(articles, list) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise QuotewireError("the filter is none that this page knows: clear it")
    return Scope(tuple(articles), since, until)


def scope_kept(scope: Scope | None) -> dict[str, Any]:
    """A scope under the key `scope`, as a browser keeps it; nothing if it holds every article."""
    return (
        {}
        if scope is None or scope.is_all
        else {"scope": {"articles": list(scope.articles), "since": scope.since, "until": scope.until}}
    )
