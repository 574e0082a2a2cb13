"""Files that are small on disk and ask for more memory, time or depth than any good file; used by test_hostile_files.py."""

import io
import zipfile
import zlib
from collections.abc import Iterable

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
PARAGRAPH = "<w:p><w:r><w:t>The quay opens on Monday.</w:t></w:r></w:p>"
PAGE = b"BT /F1 12 Tf 10 100 Td (The quay opens on Monday.) Tj ET"


def word_xml(body: str, head: str = "") -> bytes:
    """The main part of a Word file."""
    return f'<?xml version="1.0"?>{head}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'.encode()


def word_file(document: bytes, padding: int = 0) -> bytes:
    """A Word file of this main part, with a further part of so many megabytes of nothing."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS)
        archive.writestr("word/document.xml", document)
        if padding:
            with archive.open("word/padding.xml", "w") as part:
                for _ in range(padding):
                    part.write(bytes(2**20))
    return stream.getvalue()


def pdf_file(objects: Iterable[bytes]) -> bytes:
    """A PDF of these objects, the first of which is the catalogue."""
    data, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(offsets) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return data + tail % (size, table, size, len(data))


def pdf_stream(data: bytes, about: bytes = b"") -> bytes:
    """A PDF's stream object; `about` stands in its dictionary, as its filter does."""
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(data), about, data)


def pdf_page(contents: bytes, resources: bytes = b"/Font<</F1 5 0 R>>", more: Iterable[bytes] = ()) -> bytes:
    """A PDF of one page; `more` are the objects from number 6 on."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<<%b>>>>" % resources
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return pdf_file([b"<</Type/Catalog/Pages 2 0 R>>", pages, page, contents, font, *more])


def flate(data: bytes, times: int = 1) -> bytes:
    """A compressed PDF stream, compressed so many times over."""
    filters = b"/Filter[%b]" % (b"/FlateDecode " * times)
    for _ in range(times):
        data = zlib.compress(data, 9)
    return pdf_stream(data, filters)


def _deep_pages(depth: int) -> bytes:
    """Every node of the tree of pages holds the next one twice: two to the power of `depth` pages."""
    nodes = (b"<</Type/Pages/Count 2/Kids[%d 0 R %d 0 R]>>" % (n, n) for n in range(3, depth))
    return pdf_file([b"<</Type/Catalog/Pages 2 0 R>>", *nodes, b"<</Type/Page/MediaBox[0 0 9 9]>>"])


def _forms(depth: int) -> bytes:
    """Every form draws the next one twice."""
    form = b"/Type/XObject/Subtype/Form/Resources<</XObject<</X %d 0 R>>>>"
    forms = (pdf_stream(b"/X Do /X Do", form % (n + 1)) for n in range(6, depth))
    return pdf_page(pdf_stream(b"/X Do"), b"/XObject<</X 6 0 R>>", [*forms, pdf_stream(b"", form % 6)])


def _laughs() -> bytes:
    names = "abcdefghijk"
    entities = (f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip(names, names[1:], strict=False))
    head = f'<!DOCTYPE d [<!ENTITY a "ha">{"".join(entities)}]>'
    return word_file(word_xml(PARAGRAPH.replace("Monday", "&k;"), head))


def _wide_cell(columns: int) -> bytes:
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="{columns}"/></w:tcPr>{PARAGRAPH}</w:tc>'
    return word_file(word_xml(f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>"))


def bombs() -> dict[str, tuple[bytes, str]]:
    """Name → the file, and what the reason that it is not read must say."""
    half = pdf_page(b"[" * 100_000)
    return {
        "unpacks.docx": (word_file(word_xml(PARAGRAPH), padding=201), "unpacks to more than 200 MB: split it"),
        "wide.docx": (_wide_cell(900_000_000), r"takes more than \d+ MB of memory to parse: split it"),
        "deep.docx": (word_file(word_xml("<w:tbl><w:tr><w:tc>" * 60_000)), "cannot be parsed: XMLSyntaxError"),
        "laughs.docx": (_laughs(), "cannot be parsed: XMLSyntaxError"),
        "flate.pdf": (pdf_page(flate(b" " * 2**27)), "(?:is not a readable PDF: Limit reached|takes more than)"),
        "flate-in-flate.pdf": (
            pdf_page(flate(b" " * 2**27, times=2)),
            "(?:is not a readable PDF: Limit reached|takes more than)",
        ),
        "own-kid.pdf": (
            pdf_file([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"]),
            "is not a readable PDF",
        ),
        "pages.pdf": (_deep_pages(40), "is not a readable PDF"),
        "forms.pdf": (_forms(40), "holds no text layer"),
        "arrays.pdf": (half, "is nested too deeply"),
        "attributes.html": (
            b"<p " + b" ".join(b"a%d=1" % n for n in range(300_000)) + b">The quay opens.",
            r"takes more than 2 seconds to parse: split it",
        ),
        "deep.html": (b"<body>" + b"<div>" * 300_000 + b"The quay opens.", "holds no text"),
        "tables.html": (b"<table>" * 100_000 + b"The quay opens.", "holds no text"),
        "unclosed.html": (b"<" * 1_000_000, "holds no text"),
        "items.md": (b"- a\n" * 400_000, "takes more than"),
        "lines.txt": (b"a.\n\n" * 1_000_001, "takes more than|holds more than"),
    }


def _nested(opening: str, closing: str) -> str:
    return "title: " + opening * 3000 + closing * 3000


# Heads of a text that PyYAML or tomllib would be undone by: they are taken for text, or a value for none.
HEADS = {
    "aliases": "a0: &a0 [x, x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    + "title: *a11",
    "merges": "a0: &a0 {x: 1}\n"
    + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)),
    "lists": _nested("[", "]"),
    "mappings": _nested("{a: ", "}"),
    "dashes": "- " * 3000,
    "number": "title: 0x" + "f" * 8_000,
    "no date": "date: !!timestamp x",
    "no truth": "title: !!bool x",
    "no number": 'title: !!int ""',
    "half a character": 'title: "\\ud800"',
    "long": "title: " + "x" * 200_000,
    "list as key": "? [a]\n: b",
    "TOML, dotted": "a" + ".a" * 8_000 + " = 1",
    "TOML, nested": "a = " + "[" * 8_000,
}
