"""Adding and removing articles: names, content, what is never lost; and who may do it over HTTP."""

import http.client
import io
import json
import threading
import time
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import pytest
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chat.web.access import NOTHING_ASKED
from chat.web.file_name import UnusableName, safe_name
from chat.web.gate import Gate
from chat.web.library import MOST_BYTES, REMOVED, Library, NameTaken, NoSuchFile, NotAdded, must_be_readable
from chat.web.library_routes import library_routes
from chat.web.service import Service
from indexer import SUFFIXES, QuotewireError, build, corpus_files
from tests.browser import ROOT, wait_for

NEWS = b"Orvane news\n\nOrvane Rail has appointed Mira Teledan as its chief engineer.\n"
CORRECTED = NEWS.replace(b"Mira Teledan", b"Mira Teledanova")
OURS = {"X_Quotewire": "1"}
EVIL = [
    ("../../etc/passwd.txt", "passwd.txt"),
    ("..\\..\\windows\\win.txt", "win.txt"),
    ("/etc/cron.d/job.txt", "job.txt"),
    ("C:\\news\\a.txt", "a.txt"),
    (".hidden.txt", "hidden.txt"),
    (".. .~$draft.txt", "draft.txt"),
    ("a\0b.txt", "ab.txt"),
    ("a\r\nX-Evil: 1.txt", "a X-Evil: 1.txt"),
    ("invoice\u202etxt.exe.txt", "invoicetxt.exe.txt"),
    ("\uff0e\uff0e\uff0fetc\uff0fpasswd.txt", "-etc-passwd.txt"),
    ("a\u2215b\u2044c\u29f8d.txt", "a-b-c-d.txt"),
    ("cafe\u0301.txt", "caf\u00e9.txt"),
    ("news   of\u00a0 today .TXT", "news of today.TXT"),
    ("日本／報告.md", "日本-報告.md"),
]


@pytest.mark.parametrize(("name", "safe"), EVIL)
def test_a_name_is_reduced_to_a_plain_one(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["", ".", "..", "a", ".txt", "...txt", "/", "a.exe", "a.txt/", "~$.md", "\u202e.txt"])
def test_a_name_that_no_article_can_have_is_refused(name: str) -> None:
    with pytest.raises(UnusableName):
        safe_name(name)


# Any text, and more often what names are attacked with.
_parts = st.one_of(st.text(), st.sampled_from(["..", "/", "\\", "\0", "~$", ".", " ", "\u202e", "／", "．", "‥", "℀"]))
_names = st.tuples(st.lists(_parts, max_size=12).map("".join), st.sampled_from([*SUFFIXES, ".TXT", ""])).map("".join)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_names)
@example("a" * 5000 + ".txt")
@example("é" * 300 + ".docx")
@example("\ud800.txt")
def test_every_name_is_refused_or_safe(name: str) -> None:
    try:
        safe = safe_name(name)
    except UnusableName as error:
        assert "\n" not in str(error)
        return
    assert PurePosixPath(safe).name == safe and not safe.startswith((".", "~$", " "))
    assert PurePosixPath(safe).suffix.lower() in SUFFIXES and PurePosixPath(safe).stem
    assert len(safe.encode()) <= 160 and unicodedata.is_normalized("NFC", safe)
    folded = unicodedata.normalize("NFKC", safe)
    assert "/" not in folded and "\\" not in folded and not folded.startswith(".")
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") for c in safe)
    assert safe_name(safe) == safe


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, embedder) -> Service:
    """A served corpus of one article; each test finds it as it was."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "corpus" / "sub").mkdir(parents=True)
    (folder / "corpus" / "sub" / "lamp.txt").write_bytes(b"Lamp news\n\nOrtho Lights sells a lamp for 40 euros.\n")
    build(folder / "corpus", folder / "index", embedder=embedder)
    return Service(folder / "corpus", folder / "index", editable=True)


@pytest.fixture
def library(shared: Service):
    """A library whose builds have ended before the next test."""
    found = Library(shared)
    yield found
    wait_for(lambda: not found.building)
    for path in corpus_files(shared.corpus):
        if path != "sub/lamp.txt":
            (shared.corpus / path).unlink()
    wait_for(lambda: not found.building)


def paths(library: Library) -> list[str]:
    wait_for(lambda: not library.building)
    return [entry.path for entry in library.contents().articles]


def test_an_added_article_is_answered_from_and_a_removed_one_is_not(library: Library) -> None:
    added = library.add("orvane.txt", NEWS)
    assert paths(library) == ["orvane.txt", "sub/lamp.txt"]
    answer = library.service.assistant.ask("Who is the chief engineer of Orvane Rail?")
    assert [quote.article for quote in answer.quotes] == [added.path]
    library.remove("orvane.txt")
    assert paths(library) == ["sub/lamp.txt"]
    assert library.service.assistant.ask("Who is the chief engineer of Orvane Rail?").abstained


def test_the_same_file_is_not_added_twice(library: Library) -> None:
    library.add("orvane.txt", NEWS)
    assert library.add("orvane.txt", NEWS).already
    again = library.add("lamp.txt", (library.service.corpus / "sub/lamp.txt").read_bytes())
    assert again.already and again.path == "sub/lamp.txt"


def test_another_file_of_the_same_name_is_replaced_only_if_that_is_said_and_is_kept(library: Library) -> None:
    library.add("orvane.txt", NEWS)
    with pytest.raises(NameTaken, match=r"orvane\.txt is there already"):
        library.add("orvane.txt", CORRECTED)
    file = library.service.corpus / "orvane.txt"
    assert file.read_bytes() == NEWS
    library.add("orvane.txt", CORRECTED, replace=True)
    assert file.read_bytes() == CORRECTED
    kept = library.removed()[0]
    assert kept.path == "orvane.txt" and (library.service.corpus / REMOVED / kept.name).read_bytes() == NEWS


def test_a_file_in_a_subfolder_is_the_one_that_is_replaced(library: Library) -> None:
    with pytest.raises(NameTaken, match=r"sub/lamp\.txt"):
        library.add("lamp.txt", b"Lamp news\n\nThe lamp costs 45 euros.\n")
    assert not (library.service.corpus / "lamp.txt").exists()


def test_what_was_removed_can_be_put_back(library: Library) -> None:
    library.add("orvane.txt", NEWS)
    removed = library.remove("orvane.txt")
    assert library.removed()[0] == removed
    library.add("orvane.txt", CORRECTED)
    with pytest.raises(NameTaken, match="remove it first"):
        library.put_back(removed.name)
    library.remove("orvane.txt")
    assert library.put_back(removed.name).path == "orvane.txt"
    assert (library.service.corpus / "orvane.txt").read_bytes() == NEWS
    assert removed.name not in [left.name for left in library.removed()]
    assert paths(library) == ["orvane.txt", "sub/lamp.txt"]


def test_putting_back_leaves_no_empty_folder(library: Library) -> None:
    removed = library.remove("sub/lamp.txt")
    folder = library.service.corpus / REMOVED / removed.name.split("/")[0]
    assert folder.is_dir() and library.put_back(removed.name).path == "sub/lamp.txt"
    assert not folder.exists()


def docx(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", NEWS, "not what its name says"),
        ("a.docx", NEWS, "not what its name says"),
        ("a.docx", docx(other_xml=b"<a/>"), "not what its name says"),
        ("a.docx", docx(word__document_xml=b"<a/>"), "cannot be parsed"),
        ("a.pdf", b"%PDF-1.7 and then nothing", "is not a readable PDF"),
        ("a.txt", b"%PDF-1.7 ...", "not what its name says"),
        ("a.html", b"PK\x03\x04 ...", "not what its name says"),
        ("a.txt", b"MZ\x90\0\x03\0\0\0\x04", "not what its name says"),
        ("a.txt", b"\x01\x02\x03\xff" * 50, "is not text"),
        ("a.md", b"", "holds no text"),
        ("a.html", b"<html><body></body></html>", "a.html .*no"),
    ],
)
def test_what_cannot_be_read_is_not_added(library: Library, name: str, data: bytes, reason: str) -> None:
    with pytest.raises(NotAdded, match=reason):
        library.add(name, data)
    assert not (library.service.corpus / name).exists()


def test_what_is_too_large_is_not_added(library: Library) -> None:
    with pytest.raises(NotAdded, match="more than 20 MB"):
        library.add("a.txt", b"x" * (MOST_BYTES + 1))


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "../corpus/sub/lamp.txt",
        "/etc/passwd",
        "sub",
        "sub/../sub/lamp.txt",
        "sub//lamp.txt",
        "SUB/LAMP.TXT",
        "sub/lamp.txt\0",
        "sub\\lamp.txt",
        "%73ub/lamp.txt",
        ".removed/x.txt",
        "nothing.txt",
    ],
)
def test_only_an_article_of_the_corpus_is_removed(library: Library, path: str) -> None:
    with pytest.raises(NoSuchFile):
        library.remove(path)
    with pytest.raises(NoSuchFile):
        library.put_back(path)
    assert corpus_files(library.service.corpus) == ("sub/lamp.txt",)


def test_links_are_left_alone(library: Library, tmp_path: Path) -> None:
    corpus, outside = library.service.corpus, tmp_path / "outside.txt"
    outside.write_bytes(NEWS)
    links = {"out.txt": outside, "in.txt": corpus / "sub" / "lamp.txt"}
    for name, target in links.items():
        (corpus / name).symlink_to(target)
    try:
        for name in links:
            with pytest.raises(NoSuchFile):
                library.remove(name)
            with pytest.raises(QuotewireError):
                library.add(name, CORRECTED, replace=True)
        assert outside.read_bytes() == NEWS and all((corpus / name).is_symlink() for name in links)
    finally:
        for name in links:
            (corpus / name).unlink()


def test_many_changes_at_once_lose_nothing_and_build_little(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    builds, real = [], library.service.rebuild
    monkeypatch.setattr(library.service, "rebuild", lambda **how: (builds.append(how), real(**how)))
    names = [f"news-{n}.txt" for n in range(12)]
    threads = [threading.Thread(target=library.add, args=(name, NEWS + name.encode())) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paths(library) == sorted([*names, "sub/lamp.txt"])
    assert len(builds) < len(names)


def test_a_build_whose_thread_could_not_be_started_is_made_at_the_next_change(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as loaded, pytest.raises(RuntimeError):
        loaded.setattr(threading.Thread, "start", full)
        library.add("news.txt", NEWS)
    assert not library.building
    library.add("more.txt", CORRECTED)
    assert paths(library) == ["more.txt", "news.txt", "sub/lamp.txt"]


class Client:
    """Requests to a real server, whose headers are those that are given."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __call__(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {key.replace("_", "-"): value for key, value in headers.items()})
            answer = connection.getresponse()
            content, kind = answer.read(), answer.headers["content-type"]
            return answer.status, json.loads(content) if kind == "application/json" else {"problem": content.decode()}
        finally:
            connection.close()


@pytest.fixture(scope="module")
def client(shared: Service):
    """A real server of the routes."""
    app = FastAPI()
    app.include_router(library_routes(shared))
    app.add_middleware(Gate, access=NOTHING_ASKED)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    yield Client(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join()


def settled(client: Client) -> dict:
    def idle():
        found = client("GET", "/library")[1]
        return not found["building"]["running"] and found

    return wait_for(idle)


def test_the_routes_add_list_replace_remove_and_put_back(client: Client, library: Library) -> None:
    status, added = client("POST", "/library?name=orvane.txt", NEWS, **OURS)
    assert (status, added["path"], added["already"]) == (200, "orvane.txt", False)
    listing = settled(client)
    entry = next(found for found in listing["articles"] if found["path"] == "orvane.txt")
    assert entry["title"] == "Orvane news" and entry["content_hash"] == added["content_hash"] and entry["passages"] == 1
    assert (listing["count"], listing["editable"], listing["skipped"]) == (2, True, [])
    assert "articles" not in client("GET", f"/library?known={listing['generation']}")[1]
    status, told = client("POST", "/library?name=orvane.txt", CORRECTED, **OURS)
    assert status == 409 and told["taken"]
    assert client("POST", "/library?name=orvane.txt&replace=true", CORRECTED, **OURS)[0] == 200
    status, removed = client("DELETE", "/library?path=orvane.txt", **OURS)
    assert status == 200
    listing = settled(client)
    assert [found["path"] for found in listing["articles"]] == ["sub/lamp.txt"]
    assert listing["removed"][0]["name"] == removed["name"]
    assert client("POST", f"/library/restore?name={removed['name']}", **OURS)[0] == 200
    assert settled(client)["count"] == 2


def test_what_cannot_be_read_is_listed_with_its_reason(client: Client, library: Library) -> None:
    (library.service.corpus / "empty.txt").write_bytes(b"")
    library.rebuild()
    wait_for(lambda: not library.building)
    assert client("GET", "/library")[1]["skipped"] == [{"path": "empty.txt", "reason": "holds no text"}]
    assert client("DELETE", "/library?path=empty.txt", **OURS)[0] == 200
    assert settled(client)["skipped"] == []


CHANGES = [
    ("POST", "/library?name=x.txt"),
    ("DELETE", "/library?path=sub/lamp.txt"),
    ("POST", "/library/restore?name=x"),
    ("POST", "/library/rebuild"),
]
FOREIGN = [
    {},
    {"X_Quotewire": "1", "Sec_Fetch_Site": "cross-site"},
    {"X_Quotewire": "1", "Sec_Fetch_Site": "same-site"},
    {"X_Quotewire": "1", "Origin": "https://evil.example"},
    {"X_Quotewire": "1", "Origin": "null"},
    {"X_Quotewire": "1", "Origin": "http://evil.example:80", "Host": "evil.example:80"},
    {"X_Quotewire": "1", "Host": "127.0.0.1.evil.example"},
    {"X_Quotewire": "1", "Host": "["},
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_can_change_nothing(
    client: Client, shared: Service, method: str, path: str, headers: dict
) -> None:
    status, told = client(method, path, NEWS, **headers)
    assert status in (403, 421) and told["problem"]
    assert corpus_files(shared.corpus) == ("sub/lamp.txt",)


@pytest.mark.parametrize("host", ["localhost:{}", "127.0.0.1:{}", "[::1]:{}"])
def test_the_page_itself_may(client: Client, library: Library, host: str) -> None:
    named = host.format(client.port)
    headers = {**OURS, "Host": named, "Origin": f"http://{named}", "Sec_Fetch_Site": "same-origin"}
    assert client("DELETE", "/library?path=nothing.txt", **headers)[0] == 404


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_nothing_can_be_changed_where_that_is_off(
    client: Client, shared: Service, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    monkeypatch.setattr(shared, "editable", False)
    status, told = client(method, path, NEWS, **OURS)
    assert status == 403 and "with a password or on 127.0.0.1" in told["problem"]
    listing = client("GET", "/library")[1]
    assert not listing["editable"] and "folder" not in listing and "removed" not in listing
    assert corpus_files(shared.corpus) == ("sub/lamp.txt",)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(client: Client, shared: Service) -> None:
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=30)
    connection.putrequest("POST", "/library?name=big.txt")
    connection.putheader("X-Quotewire", "1")
    connection.putheader("Content-Length", str(10**12))
    connection.endheaders(b"only a little of it")
    answer = connection.getresponse()
    assert answer.status == 413 and "20 MB" in json.loads(answer.read())["problem"]
    connection.close()
    parts = (b"x" * 2**20 for _ in range(30))
    status, told = client("POST", "/library?name=big.txt", parts, **OURS)  # in chunks, without a length
    assert status == 413 and "20 MB" in told["problem"]
    assert time.monotonic() - began < 20 and corpus_files(shared.corpus) == ("sub/lamp.txt",)


@pytest.mark.parametrize(("name", "safe"), EVIL)
def test_no_name_leaves_the_corpus(client: Client, library: Library, name: str, safe: str) -> None:
    before = set(library.service.corpus.parent.rglob("*"))
    data = NEWS if safe.endswith((".txt", ".TXT")) else b"# News\n\nWords are said here.\n"
    status, told = client("POST", f"/library?name={quote(name)}", data, **OURS)
    assert status == 200 and told["path"] == safe
    after = {path for path in library.service.corpus.parent.rglob("*") if path.suffix.lower() in SUFFIXES}
    assert {path for path in after - before if REMOVED not in path.parts} == {library.service.corpus / safe}


def test_the_announcement_and_the_made_up_corpus_could_be_added(library: Library) -> None:
    for corpus in (ROOT / "corpus", ROOT / "tests" / "corpus"):
        for path in corpus_files(corpus):
            must_be_readable(safe_name(path), (corpus / path).read_bytes())
