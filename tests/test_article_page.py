"""The article page: the text verbatim, the quote marked and nothing else, everything escaped."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.web.article_page import (
    CHANGED,
    OUTSIDE,
    Highlights,
    article_fragment,
    article_page,
    citation,
    highlights,
    list_page,
    not_content,
    unknown_page,
)
from indexer import ArticleEntry, BlockKind, Sentence

HASH = "sha256:" + "ab" * 32


def entry(**changes):
    values = {
        "path": "wire/a.txt",
        "title": "A title",
        "date": "2026-03-12",
        "authors": ("Ada Ray",),
        "source": "The Wire",
        "content_hash": HASH,
        "record": "",
        "record_sha256": "",
        "sentences": 1,
        "passages": 1,
        "indexed": "",
    }
    return ArticleEntry(**values | changes)


UNMARKED = Highlights()


def fragment(text, marks=UNMARKED, aside=(), **changes):
    return article_fragment(entry(**changes), text, marks, aside, "/articles/wire/a.txt?start=0&end=3")


def words_of(page):
    """The text of the article's body, as a browser reads it."""
    body = page.split('<div class="text"', 1)[1].split(">", 1)[1].rsplit("</div>", 1)[0]
    return html.unescape(re.sub(r"</?(?:mark|span)[^>]*>", "", body))


def quote_of(page):
    return html.unescape(page.split('<mark id="quote" tabindex="-1">')[1].split("</mark>")[0])


SPANS = st.lists(st.tuples(st.integers(-2, 60), st.integers(-2, 60)), max_size=5)


@given(st.text(max_size=50), st.tuples(st.integers(-2, 60), st.integers(-2, 60)), SPANS, SPANS)
def test_the_text_stands_verbatim_whatever_is_marked(text, quote, others, aside):
    text = text.replace("\0", "")
    marks = highlights(text, HASH, HASH, quote, others)
    inside = [(a, b) for a, b in aside if 0 <= a < b <= len(text)]
    page = fragment(text, marks, inside)
    assert words_of(page).replace("\r", "\n") == text.replace("\r", "\n")
    assert ('id="quote"' in page) == (0 <= quote[0] < quote[1] <= len(text))
    if marks.quote:
        assert quote_of(page).replace("\r", "\n") == text[slice(*quote)].replace("\r", "\n")


def test_the_quote_is_one_mark_and_the_others_are_lighter():
    page = fragment("one two three four", highlights("one two three four", HASH, "abab", (4, 13), [(0, 3), (8, 18)]))
    assert quote_of(page) == "two three"
    assert re.findall(r'<mark class="other">([^<]*)</mark>', page) == ["one", " four"]


def test_markup_in_an_article_is_shown_and_not_obeyed():
    evil = '<script>alert(1)</script><img src=x onerror="x()"> & \'"'
    page = article_page(
        entry(title=evil, authors=(evil,), source="javascript:alert(1)", path="<b>.txt"),
        evil,
        Highlights((0, 8)),
        (),
        '/articles/"><script>',
    )
    assert "<script>" not in page and "<img" not in page and "<b>" not in page and 'href="javascript' not in page
    assert quote_of(page) == "<script>"


def test_only_a_web_address_becomes_a_link_to_the_source():
    assert 'href="https://example.org/x"' in fragment("text", source="https://example.org/x")
    assert 'href="The' not in fragment("text", source="The Wire")


def test_a_changed_article_says_so_and_marks_nothing():
    page = fragment("one two", highlights("one two", HASH, "cdcdcd", (0, 3), [(4, 7)]))
    assert CHANGED in page and "<mark" not in page and "data-copy" not in page


@pytest.mark.parametrize("quote", [(0, 0), (5, 3), (0, 8), (-1, 3), (100, 200)])
def test_a_place_outside_the_article_says_so(quote):
    page = fragment("one two", highlights("one two", HASH, "ab", quote))
    assert OUTSIDE in page and "<mark" not in page


def test_without_offsets_the_article_is_shown_as_it_is():
    page = fragment("one two", highlights("one two", HASH, "", None))
    assert 'role="status"' not in page and words_of(page) == "one two"


def test_line_breaks_survive_the_html_parser():
    assert "a&#13;\nb" in fragment("a\r\nb")


def test_what_is_not_a_sentence_is_dimmed():
    text = "top of page\n\n1. It was so.\n\n1 view0 comments"
    content = [Sentence(16, 26, 1, BlockKind.PARAGRAPH, "")]
    aside = not_content(text, content)
    assert [text[a:b].strip() for a, b in aside] == ["top of page\n\n1.", "1 view0 comments"]
    assert '<span class="aside">' in fragment(text, Highlights((16, 26)), aside)


def test_a_citation_names_title_date_and_file():
    assert citation("T", "2026-01-02", "wire/a.txt", "so\nit  was") == "“so it was” (T, 2026-01-02, a.txt)"
    assert citation("T", "", "a.txt", "x") == "“x” (T, a.txt)"


def test_the_list_has_the_newest_first_and_a_sentence_when_empty():
    entries = [entry(title="Old", date="2020-01-01"), entry(title="New"), entry(title="None", date="")]
    page = list_page(entries, ["/1"] * 3)
    assert re.findall(r'<a href="/1">(\w+)', page) == ["New", "Old", "None"]
    assert "put files into the corpus folder" in list_page([], [])


def test_an_unknown_article_is_named_and_escaped():
    assert "&lt;x&gt;" in unknown_page("<x>") and "No such article" in unknown_page("x")
