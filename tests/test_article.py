"""Files → articles: encodings, front matter, dates, formats, furniture; and offsets that are always the file's own."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import BlockKind, UnreadableArticle
from indexer.article import content_hash, decode
from indexer.parse_process import read_article
from indexer.sentence import sentences

from .conftest import ROOT


def read(folder: Path, name: str, data: bytes):
    (folder / name).write_bytes(data)
    return read_article(folder, name)


def words_of(article, *kinds: BlockKind) -> list[str]:
    return [article.text[b.start : b.end] for b in article.blocks if b.kind in kinds]


@pytest.mark.parametrize(
    "data, text",
    [
        ("Zürich pays €5.".encode(), "Zürich pays €5."),
        ("\ufeffZürich pays.".encode(), "\ufeffZürich pays."),
        ("Zürich pays.".encode("utf-16"), "Zürich pays."),
        ("Zürich pays.".encode("latin-1"), "Zürich pays."),
        ("“Zürich” pays €5.".encode("cp1252"), "“Zürich” pays €5."),
        (b"one\r\ntwo\rthree\n", "one\r\ntwo\rthree\n"),
    ],
)
def test_decoding_keeps_every_character(data: bytes, text: str) -> None:
    assert decode(data) == text


def test_binary_data_is_no_text() -> None:
    with pytest.raises(UnreadableArticle, match="binary"):
        decode(bytes(range(256)) * 4)


def test_yaml_front_matter(tmp_path: Path) -> None:
    head = '---\ntitle: "A: title"\ndate: 2026-03-04\nauthors: [Ann Lee, Bo Ek]\nsource: https://x.example/a\n---\n'
    article = read(tmp_path, "a.md", (head + "\nThe text stands here.\n").encode())
    assert (article.title, article.date, article.authors) == ("A: title", "2026-03-04", ("Ann Lee", "Bo Ek"))
    assert article.source == "https://x.example/a"
    assert words_of(article, BlockKind.PARAGRAPH) == ["The text stands here."]


def test_toml_front_matter_with_crlf(tmp_path: Path) -> None:
    data = b'+++\r\ntitle = "T"\r\ndate = 2026-03-04T10:00:00Z\r\nauthor = "Ann"\r\n+++\r\n\r\nText here.\r\n'
    article = read(tmp_path, "a.md", data)
    assert (article.title, article.date, article.authors) == ("T", "2026-03-04", ("Ann",))


def test_malformed_front_matter_is_text(tmp_path: Path) -> None:
    article = read(tmp_path, "a.txt", b"---\n: [broken\n---\n\nThe text stands here.\n")
    assert "The text stands here." in words_of(article, BlockKind.PARAGRAPH)


@pytest.mark.parametrize(
    "name, text, date",
    [
        ("2026-03-12-news.txt", "Some text stands here.", "2026-03-12"),
        ("20260312_news.txt", "Some text stands here.", "2026-03-12"),
        ("2026-13-45.txt", "Some text stands here.", ""),
        ("news.txt", "OSLO, Monday 3 May 2026 – The port opens.", "2026-05-03"),
        ("news.txt", "News\n\nPublished: May 3, 2026\n\nThe port opens.", "2026-05-03"),
        ("news.txt", "The port, opened on 3 May 2026, is shut.", ""),
    ],
)
def test_dates(tmp_path: Path, name: str, text: str, date: str) -> None:
    assert read(tmp_path, name, text.encode()).date == date


def test_title_is_the_first_heading_or_the_files_name(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", b"Port opens\n\nThe port opens today.\n").title == "Port opens"
    assert read(tmp_path, "b.md", b"# Port *opens*\n\nThe port opens today.\n").title == "Port *opens*"
    assert read(tmp_path, "2026-01-02-port-opens.txt", b"The port opens today.\n").title == "port opens"


def test_the_announcements_furniture_is_furniture() -> None:
    name = "saic-bmw-and-baidu-strategic-partnership.txt"
    article = read_article(ROOT / "corpus", name)
    seed = ROOT.parent / "shared" / "seed" / "000_d11e70a5f0626e7b.txt"
    if seed.exists():
        assert (ROOT / "corpus" / name).read_bytes() == seed.read_bytes()
    assert article.title.startswith("SAIC-BMW and Baidu Reach Strategic Partnership")
    said = " ".join(article.text[s.start : s.end] for s in sentences(article))
    for furniture in (
        "top of page",
        "bottom of page",
        "view",
        "comments",
        "stars",
        "ratings",
        "Recent Posts",
        "See All",
    ):
        assert furniture not in said
    assert len(words_of(article, BlockKind.PARAGRAPH)) == 6


@pytest.mark.parametrize(
    "line",
    ["12 views 3 comments", "Rated 4.5 out of 5 stars", "Share on Facebook", "3 min read", "Back to top", "Skip to content",
     "© 2026 The Paper. All rights reserved.", "We use cookies to improve this site.", "Home › News › Ports",
     "Subscribe to our newsletter", "0 Comments", "Read more", "Leave a comment", "Log in / Sign up"],
)  # fmt: skip
def test_lines_that_look_like_furniture(tmp_path: Path, line: str) -> None:
    article = read(tmp_path, "a.txt", f"{line}\n\nThe port of Oslo opens its new quay on Monday next week.\n".encode())
    assert words_of(article, BlockKind.FURNITURE) == [line]


@pytest.mark.parametrize(
    "line",
    ["The board shares the view of the reviewers.", "About the company", "Comments on the draft close in May.", "News",
     "Oslo: 12", "Contact: Ann Lee, +47 22 33 44 55", "Views of residents differ"],
)  # fmt: skip
def test_lines_that_are_content(tmp_path: Path, line: str) -> None:
    article = read(tmp_path, "a.txt", f"The port of Oslo opens its new quay on Monday next week.\n\n{line}\n".encode())
    assert words_of(article, BlockKind.FURNITURE) == []


def test_headlines_below_the_article_are_furniture(tmp_path: Path) -> None:
    text = (
        "Port opens\n\nThe port of Oslo opens its new quay on Monday.\n\nRelated articles\n\nA ship sinks in the bay\n"
    )
    assert words_of(read(tmp_path, "a.txt", text.encode()), BlockKind.FURNITURE) == [
        "Related articles",
        "A ship sinks in the bay",
    ]


def test_wrapped_lines_are_one_paragraph_and_lists_are_items(tmp_path: Path) -> None:
    text = (
        "The authority of the port has today opened the plant that gives\npower to ships. It cost five million.\n\n"
        "Present were:\n\nAnn Lee, mayor\nBo Ek, director\n"
    )
    article = read(tmp_path, "a.txt", text.encode())
    assert len(words_of(article, BlockKind.PARAGRAPH)) == 2
    assert words_of(article, BlockKind.ITEM) == ["Ann Lee, mayor", "Bo Ek, director"]


def test_markdown_structure(tmp_path: Path) -> None:
    text = "# T\n\nOne *fine* [link](http://x.example).\n\n- item a\n- item b\n\n```\ncode()\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[ref]: http://x.example\n"
    article = read(tmp_path, "a.md", text.encode())
    assert words_of(article, BlockKind.TITLE) == ["T"]
    assert words_of(article, BlockKind.PARAGRAPH) == ["One *fine* [link](http://x.example)."]
    assert words_of(article, BlockKind.ITEM) == ["item a", "item b"]
    assert words_of(article, BlockKind.CODE) == ["code()"]
    assert words_of(article, BlockKind.ROW) == ["| a | b |", "| 1 | 2 |"]


def test_html_keeps_the_article_and_leaves_the_page() -> None:
    article = read_article(ROOT / "tests" / "corpus", "lumenark-museum-lighting.html")
    said = " ".join(article.text[s.start : s.end] for s in sentences(article))
    assert (article.title, article.date) == ("Lumenark relights the Amber Gallery in Telmark", "2025-12-03")
    assert "1,870 lamps" in said and "cookie" not in said.lower()


def test_pdf_has_no_running_lines_and_no_ligatures() -> None:
    article = read_article(ROOT / "tests" / "corpus", "aquarrel-desalination-plant.pdf")
    assert "island council" in article.text and "\ufb01" not in article.text
    assert "Page 1" not in article.text


def test_docx_has_its_headings_items_and_rows() -> None:
    article = read_article(ROOT / "tests" / "corpus", "tessarine-marrowgate-cold-transport.docx")
    assert words_of(article, BlockKind.ITEM) and words_of(article, BlockKind.ROW)
    assert words_of(article, BlockKind.HEADING, BlockKind.TITLE)


@pytest.mark.parametrize(
    "name, data, reason",
    [("a.pdf", b"%PDF-1.7 broken", "PDF|parsed"), ("a.docx", b"no zip", "not what its name says"), ("a.txt", b"", "no text"),
     ("a.txt", b" \n\t\n", "no text"), ("a.html", b"", "text|parsed")],
)  # fmt: skip
def test_unreadable_files_say_why(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableArticle, match=reason):
        read(tmp_path, name, data)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableArticle, match="No such file"):
        read_article(tmp_path, "none.txt")


PIECES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["\r\n", "\r\n\r\n", "\n\n", "\n", "\ufeff", "\0", "İstanbul. ", "e\u0301 ", "👩‍👩‍👧 ", "He said “no. ",
                     "” ", "- item\n", "# Heading\n", "> quote\n", "```\n", "| a | b |\n", "Dr. Ek paid $5. ", "\u2028",
                     "word " * 300, "x" * 3000, "1 view0 comments\n", "\x0c", "\u200b", "top of page\n\n"]),
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, max_size=25), suffix=st.sampled_from([".txt", ".md"]))
def test_offsets_are_the_files_own(tmp_path: Path, pieces: list[str], suffix: str) -> None:
    """Whatever the text: it comes through untouched, and blocks and sentences are ordered, disjoint and not blank."""
    data = "".join(pieces).encode("utf-8", "ignore")
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    try:
        article = read_article(tmp_path, path.name)
    except UnreadableArticle:
        return
    with path.open(encoding="utf-8", newline="") as stream:
        assert article.text == stream.read()
    assert article.content_hash == content_hash(article.text.encode())
    for spans in (article.blocks, sentences(article)):
        end = 0
        for span in spans:
            assert end <= span.start < span.end <= len(article.text)
            assert article.text[span.start : span.end].strip()
            end = span.end
