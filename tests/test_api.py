"""The endpoints as other programs call them: over HTTP, and with a real MCP client."""

import json
import re
import unicodedata
import urllib.request

import anyio
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from chat.assistant import Assistant
from chat.quote_check import Verdict, check_quote
from chat.verbatim import Typography, exact_places
from chat.web.api import NO_MATCH, endpoints
from chat.web.service import Service
from indexer import NotReady, QuotewireError

from .browser import call, get, in_thread
from .conftest import ROOT

QUESTION = "Who attended the signing ceremony?"
PACT = "saic-bmw-and-baidu-strategic-partnership.txt"
TOOLS = ["chat", "ask", "search", "verify_quote"]


def with_client(server, work):
    """What an async function of an MCP client's session returns."""

    async def talk():
        async with (
            streamable_http_client(f"{server.url}/mcp") as streams,
            ClientSession(streams[0], streams[1]) as session,
        ):
            await session.initialize()
            return await work(session)

    return in_thread(lambda: anyio.run(talk))


def use_tool(server, name, **arguments):
    return with_client(server, lambda session: session.call_tool(name, arguments))


def article_text(path=PACT):
    return (ROOT / "corpus" / path).read_bytes().decode()


@pytest.fixture(scope="module")
def assistant(announcement_index):
    return Assistant(announcement_index)


@pytest.fixture(scope="module")
def many(corpus_index):
    return Assistant(corpus_index)


# --- the tools ---


def test_exactly_the_four_tools_are_offered_and_described(server):
    tools = with_client(server, lambda session: session.list_tools()).tools
    assert [tool.name for tool in tools] == TOOLS
    for tool in tools:
        assert len(tool.description) > 60 and tool.annotations.read_only_hint
        assert all(parameter["description"] for parameter in tool.input_schema["properties"].values())
    required = {tool.name: tool.input_schema["required"] for tool in tools}
    assert required == {"chat": ["question"], "ask": ["question"], "search": ["query"], "verify_quote": ["quote"]}


def test_no_description_comes_from_an_article(server):
    tools = with_client(server, lambda session: session.list_tools())
    for words in ("SAIC", "Baidu", "Lantern", "saic-bmw", ".txt"):
        assert words not in tools.model_dump_json()


def test_the_http_endpoints_are_the_same_four_and_described(server):
    info = json.loads(get(f"{server.url}/gradio_api/info")[2])
    assert list(info["named_endpoints"]) == [f"/{name}" for name in TOOLS] and not info["unnamed_endpoints"]
    for name, told in info["named_endpoints"].items():
        assert all(f"{parameter['parameter_name']}: " in told["description"] for parameter in told["parameters"]), name


def test_gradio_serves_no_tools_of_its_own(server):
    assert get(f"{server.url}/gradio_api/mcp/schema")[0] == 404
    assert get(f"{server.url}/gradio_api/mcp")[0] == 404


def test_ask_gives_the_answer_object_by_every_way(server):
    done = use_tool(server, "ask", question=QUESTION)
    answer = done.structured_content
    assert not done.is_error and answer["quotes"] and json.loads(done.content[0].text) == answer
    quote = answer["quotes"][0]
    assert quote["text"] == article_text()[quote["start"] : quote["end"]]
    assert '<mark id="quote"' in get(server.url + quote["link"])[2]
    assert call(server, QUESTION, []) == ("complete", [answer])
    assert use_tool(server, "chat", question=QUESTION).structured_content == answer


def test_chat_reads_the_turns_before(server):
    turns = [{"role": "user", "content": "Who is the president of Baidu?"}, {"role": "assistant", "content": "…"}]
    answer = use_tool(server, "chat", question="and of SAIC Motor?", history=turns).structured_content
    assert "president of SAIC Motor" in answer["understood"]


def test_a_question_that_cannot_be_asked_is_answered_with_what_to_do(server):
    for question in ("", "why " * 300):
        answer = use_tool(server, "ask", question=question).structured_content
        assert answer["abstained"] and not answer["quotes"] and "\n" not in answer["answer"]


def test_search_gives_passages_with_their_places(server):
    found = use_tool(server, "search", query="signing ceremony", limit=3).structured_content["passages"]
    assert len(found) == 3
    assert [p["score"] for p in found] == sorted((p["score"] for p in found), reverse=True)
    for passage in found:
        text = (server.corpus / passage["article"]).read_bytes().decode()
        assert passage["text"] == text[passage["start"] : passage["end"]] and passage["title"]
        assert get(server.url + passage["link"])[0] == 200
    only = use_tool(server, "search", query="signing ceremony", articles=["lantern.txt"]).structured_content["passages"]
    assert {passage["article"] for passage in only} == {"lantern.txt"}
    late = use_tool(server, "search", query="signing ceremony", since="2150-01-01").structured_content["passages"]
    assert late == []


def test_verify_quote_over_the_wire(server):
    text = article_text()
    start = text.index("Xu Zhijun")
    words = text[start : start + 60].rsplit(" ", 1)[0]
    checked = use_tool(server, "verify_quote", quote=words, article=PACT).structured_content
    assert checked["verbatim"] and checked["verdict"] == "verbatim"
    assert {"article": PACT, "start": start, "end": start + len(words), "text": words}.items() <= checked["found"][
        0
    ].items()
    assert checked["found"][0]["content_hash"].startswith("sha256:")
    assert '<mark id="quote"' in get(server.url + checked["found"][0]["link"])[2]


@pytest.mark.parametrize(
    "tool, arguments, says",
    [
        ("search", {"query": " "}, "query: is empty"),
        ("search", {"query": "x" * 1001}, "at most 1000"),
        ("search", {"query": "x", "limit": 0}, "between 1 and 50"),
        ("search", {"query": "x", "limit": "many"}, "limit: "),
        ("search", {"query": "x", "since": "yesterday"}, "is no date"),
        ("search", {"query": "x", "articles": ["../../etc/passwd"]}, "the index holds none"),
        ("verify_quote", {"quote": " … "}, "holds no words"),
        ("verify_quote", {"quote": "x " * 1001}, "at most 2000"),
        ("verify_quote", {"quote": "x", "article": "none\n.txt"}, "the index holds none"),
        ("verify_quote", {}, "quote: "),
        ("chat", {"question": "x", "history": [1]}, "history"),
        ("ask", {"question": "x", "articles": ["none.txt"]}, "the index holds none"),
        ("nothing", {}, "there are chat, ask"),
    ],
)
def test_errors_are_one_line(server, tool, arguments, says):
    done = use_tool(server, tool, **arguments)
    assert done.is_error and says in done.content[0].text and "\n" not in done.content[0].text
    assert "Traceback" not in done.content[0].text


def test_an_error_reaches_an_http_caller_in_one_line(server):
    url = f"{server.url}/gradio_api/call/v2/search"
    sent = urllib.request.Request(url, json.dumps({"query": " "}).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(sent, timeout=60) as response:
        event = json.load(response)["event_id"]
    stream = get(f"{url}/{event}")[2]
    assert "event: error" in stream and "query: is empty" in stream and "Traceback" not in stream


def test_an_index_that_is_not_there_yet_is_told(tmp_path):
    service = Service(tmp_path, tmp_path / "none", editable=False)
    for endpoint in endpoints(service):
        with pytest.raises(NotReady, match="being read for the first time"):
            endpoint("words")


# --- verify_quote ---


TEXT = article_text()
WORDS = [found.span() for found in re.finditer(r"\S+", TEXT)]
SLOW = settings(deadline=None)


@SLOW
@given(st.data())
def test_any_slice_of_an_article_stands_at_its_offsets(assistant, data):
    start = data.draw(st.integers(0, len(TEXT) - 1))
    end = data.draw(st.integers(start + 1, min(len(TEXT), start + 400)))
    places = [(place.start, place.end) for place in exact_places(TEXT, TEXT[start:end])]
    assert (start, end) in places
    if len(TEXT[start:end].split()) > 3:
        checked = check_quote(assistant, TEXT[start:end], PACT)
        assert checked.verdict in (Verdict.VERBATIM, Verdict.CUT)
        assert (start, end) in [(f.quote.span.start, f.quote.span.end) for f in checked.found]
        assert all(f.quote.text == TEXT[start:end] for f in checked.found)


@SLOW
@given(st.data())
def test_a_run_of_whole_words_is_verbatim(assistant, data):
    first = data.draw(st.integers(0, len(WORDS) - 5))
    last = data.draw(st.integers(first + 4, min(len(WORDS) - 1, first + 60)))
    quote = TEXT[WORDS[first][0] : WORDS[last][1]]
    checked = check_quote(assistant, quote)
    assert checked.verdict is Verdict.VERBATIM and checked.nearest is None
    assert (WORDS[first][0], WORDS[last][1]) in [(f.quote.span.start, f.quote.span.end) for f in checked.found]


@settings(SLOW, max_examples=60)
@given(st.data(), st.sampled_from(["not", "never", "Ü", "12", "the the", ""]))
def test_with_one_word_changed_or_left_out_it_is_no_match(assistant, data, other):
    first = data.draw(st.integers(0, len(WORDS) - 8))
    words = TEXT[WORDS[first][0] : WORDS[first + 7][1]].split()
    position = data.draw(st.integers(1, len(words) - 2))
    assume(any(map(str.isalnum, words[position])) and words[position] != other)
    changed = " ".join(part for part in (*words[:position], other, *words[position + 1 :]) if part)
    assume(changed not in " ".join(TEXT.split()))
    checked = check_quote(assistant, changed)
    assert checked.verdict is Verdict.NOT_FOUND and not checked.found
    assert checked.nearest and checked.nearest.text != changed


def test_a_negation_that_is_left_out_is_no_match(small_corpus, tmp_path, embedder):
    from indexer import build

    (small_corpus / "loss.txt").write_text(
        "The year\n\nThe firm did not report a loss. It is unable to pay 1.5 euros.\n"
    )
    build(small_corpus, tmp_path / "index", embedder=embedder)
    service = Service(small_corpus, tmp_path / "index", editable=False)
    verify = endpoints(service)[-1]
    checked = verify("The firm did report a loss.")
    assert not checked["verbatim"] and checked["found"] == [] and "not stand there" in checked["explanation"]
    assert checked["nearest"]["label"] == NO_MATCH and checked["nearest"]["text"] == "The firm did not report a loss."
    for cut in ("able to pay", "5 euros", "report a los"):
        checked = verify(cut)
        assert not checked["verbatim"] and checked["verdict"] == "begins or ends within a word", cut
    checked = verify("did not report a loss", "lamp.txt")
    assert not checked["verbatim"] and checked["verdict"] == "in another article"
    assert checked["found"][0]["article"] == "loss.txt"


FORMS = {
    "white space": ("a new  line\nand", "a new line and"),
    "quotation marks": ("said “it’s so” then", "said \"it's so\" then"),
    "dashes": ("a firm — not a shop", "a firm - not a shop"),
    "dots of an ellipsis": ("and so … on", "and so ... on"),
    "form of accented letters": ("caf\u00e9 in Vi\u1ec7t 한국", unicodedata.normalize("NFD", "caf\u00e9 in Vi\u1ec7t 한국")),
    "invisible characters": ("co\u00adoperation of all", "cooperation of all"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_what_is_set_otherwise_is_named(name):
    for stands, asked in (FORMS[name], FORMS[name][::-1]):
        text = f"Before. {stands} after."
        (place,) = Typography(asked).places(text)
        assert text[place.start : place.end] == stands and place.whole and place.differences == (name,)


@pytest.mark.parametrize(
    "stands, asked",
    [("café", "cafe"), ("cafe\u0301", "cafe"), ("İstanbul", "istanbul"), ("Straße", "Strasse"), ("각", "가"),
     ("10 - 5", "105"), ("into", "in to"), ("ﬁrm", "firm"), ("We will", "we will"), ("1,000", "1.000")],
)  # fmt: skip
def test_other_letters_are_other_words(stands, asked):
    text = f"Before {stands} after"
    assert [place for place in Typography(asked).places(text) if place.whole] == []
    assert [place for place in exact_places(text, asked) if place.whole] == []


LETTERS = st.text(st.sampled_from("aé İßN\u0303\u0301…-—'“” \n\t\u00ad\u200b한각ậ.1Å"), min_size=1, max_size=30)


@given(LETTERS, LETTERS)
def test_what_is_found_differs_in_nothing_that_is_not_named(words, around):
    text = around + words + around
    for place in (*exact_places(text, words), *Typography(words).places(text)):
        found = text[place.start : place.end]
        assert (found == words) == (place.differences == ()), (found, words)


@given(st.text(st.sampled_from("aé İN\u0303\u0301…-“ 한각ậ.1Å"), max_size=20), st.sampled_from(["NFC", "NFD"]))
def test_the_unicode_form_of_the_article_does_not_matter(words, form):
    words = f"a{words}."
    text = unicodedata.normalize(form, f"x {words} y")
    for asked in ("NFC", "NFD"):
        assert list(Typography(unicodedata.normalize(asked, words)).places(text))


@SLOW
@given(st.data())
def test_every_article_format_is_verified(many, data):
    index = many.index
    number = data.draw(st.integers(0, len(index.articles) - 1))
    text, path = index.record(number).text, index.articles[number].path
    start = data.draw(st.integers(0, max(0, len(text) - 40)))
    words = text[start : start + data.draw(st.integers(25, 200))]
    if any(map(str.isalnum, words)):
        checked = check_quote(many, words, path)
        assert any(f.quote.article == path and f.quote.text == words for f in checked.found)


def test_too_much_and_too_little_are_refused(assistant):
    for words in ("", "  ", "—“”", "x" * 2001):
        with pytest.raises(QuotewireError):
            check_quote(assistant, words)
