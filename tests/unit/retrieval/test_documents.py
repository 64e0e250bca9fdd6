"""Documents of every kind are read, and every bad one is refused with a reason."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from retrieval.chunking import clauses_of
from retrieval.documents import MAX_BYTES, Block, BlockKind, ParsedDocument, parse
from retrieval.documents.pdf import blocks_of_pdf
from retrieval.errors import DocumentUnreadable
from retrieval.types import DocumentKind

DOCX_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def texts(document: ParsedDocument) -> list[str]:
    return [block.text for block in document.blocks]


def pdf_of(*pages: str, password: str | None = None) -> bytes:
    writer = PdfWriter()
    for page in pages:
        blank = writer.add_blank_page(300, 300)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): font})
        blank[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        lines = " ".join(f"({line}) Tj 0 -14 Td" for line in page.split("\n"))
        stream.set_data(f"BT /F1 12 Tf 20 250 Td {lines} ET".encode() if page else b"")
        blank[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx_of(build: docx.document.Document | None = None) -> bytes:
    document = build or docx.Document()
    if build is None:
        document.add_heading("社区规则", 1)
        document.add_paragraph("1.1 禁止广告。")
        document.add_paragraph("二维码", style="List Bullet")
        row = document.add_table(rows=1, cols=2).rows[0]
        row.cells[0].text, row.cells[1].text = "违规", "警告"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """Return the archive with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return out.getvalue()


MARKDOWN = """---
slug: code
title: 社区公约
kind: rules
version: 1.0
effective: 2026-05-01
tags: [a, b]
---
# 社区公约

<!-- hidden -->

**1.1** 不得发布*广告*，见[公约](https://example.com)。
第二行。

- 二维码
- `code`

1. one
2. two

| 违规 | 处理 |
|------|------|
| 广告 | 删除 |

> quoted

<div>inside html <script>alert(1)</script></div>
"""


def test_markdown_gives_blocks_and_front_matter() -> None:
    document = parse(MARKDOWN.encode(), "a.md", "text/markdown; charset=utf-8")

    assert document.title == "社区公约"
    assert document.front_matter == {
        "slug": "code",
        "title": "社区公约",
        "kind": "rules",
        "version": "1.0",
        "effective": "2026-05-01",
    }
    assert document.blocks == (
        Block(BlockKind.HEADING, "社区公约", 1),
        Block(BlockKind.PARAGRAPH, "1.1 不得发布广告，见公约。\n第二行。"),
        Block(BlockKind.ITEM, "二维码"),
        Block(BlockKind.ITEM, "code"),
        Block(BlockKind.ITEM, "1. one"),
        Block(BlockKind.ITEM, "2. two"),
        Block(BlockKind.ROW, "违规 | 处理"),
        Block(BlockKind.ROW, "广告 | 删除"),
        Block(BlockKind.PARAGRAPH, "quoted"),
        Block(BlockKind.PARAGRAPH, "inside html"),
    )


def test_html_gives_what_a_reader_sees() -> None:
    page = """<!doctype html><html><head><title>Rules</title><style>p{}</style></head><body>
    <h1>Code</h1><p>No <b>spam</b>.<br>Be kind.</p><script>alert("x")</script><!-- hi -->
    <ul><li>ads<ul><li>links</li></ul></li></ul><p hidden>secret</p>
    <table><tr><th>a</th><th>b</th></tr></table><div>tail</div></body></html>"""
    document = parse(page.encode(), "rules.html", "text/html")

    assert document.title == "Rules"
    assert document.blocks == (
        Block(BlockKind.HEADING, "Code", 1),
        Block(BlockKind.PARAGRAPH, "No spam.\nBe kind."),
        Block(BlockKind.ITEM, "ads"),
        Block(BlockKind.ITEM, "links"),
        Block(BlockKind.ROW, "a | b"),
        Block(BlockKind.PARAGRAPH, "tail"),
    )


def test_docx_gives_headings_items_and_rows_in_order() -> None:
    document = parse(docx_of(), "规则.docx", DOCX_MIME)

    assert document.title == "社区规则"
    assert document.blocks == (
        Block(BlockKind.HEADING, "社区规则", 1),
        Block(BlockKind.PARAGRAPH, "1.1 禁止广告。"),
        Block(BlockKind.ITEM, "二维码"),
        Block(BlockKind.ROW, "违规 | 警告"),
    )


def test_pdf_gives_its_lines_without_page_numbers() -> None:
    document = parse(pdf_of("1.1 No spam.\n1.2 Be kind.\n- 1 -", "2.1 Ask."), "r.pdf", None)
    assert texts(document) == ["1.1 No spam.\n1.2 Be kind.", "2.1 Ask."]
    assert document.title == "r"


def test_plain_text_knows_chapters_bullets_and_lines() -> None:
    text = (
        "第一章 总则\n第一条 不得发布广告。\n第二条 保持友善。\n- 问候\n- 感谢\n\n"
        "Chapter 2 Rest\nfoo\nbar"
    )
    assert parse(text.encode(), "a.txt").blocks == (
        Block(BlockKind.HEADING, "第一章 总则", 2),
        Block(BlockKind.PARAGRAPH, "第一条 不得发布广告。"),
        Block(BlockKind.PARAGRAPH, "第二条 保持友善。"),
        Block(BlockKind.ITEM, "问候"),
        Block(BlockKind.ITEM, "感谢"),
        Block(BlockKind.HEADING, "Chapter 2 Rest", 2),
        Block(BlockKind.PARAGRAPH, "foo\nbar"),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk", "big5"])
def test_encodings_of_chinese_text(encoding: str) -> None:
    text = (
        "社群規範：請勿張貼廣告與垃圾訊息。" if encoding == "big5" else "社区规范：请勿张贴广告。"
    )
    assert texts(parse(text.encode(encoding), "a.txt", "text/plain")) == [text]


@pytest.mark.parametrize(
    "data",
    [
        "社区规范：请勿张贴广告。".encode()[:-1] + b"\xff",
        "Règles de la communauté : très poli, s'il vous plaît".encode("latin-1"),
        "ルールを守ってください。広告は禁止です。".encode("shift_jis"),
        b"\xef\xbb\xbf\xff\xfe\x80",
        b"\xff\xfe\x00\xd8\x00",
    ],
)
def test_undecodable_text_is_refused_not_guessed(data: bytes) -> None:
    with pytest.raises(DocumentUnreadable, match="UTF-8") as caught:
        parse(data, "a.txt", "text/plain")
    assert caught.value.code == "encoding"


@pytest.mark.parametrize(
    ("data", "name", "mime", "code"),
    [
        (b"", "a.md", "text/markdown", "empty"),
        (b" \n\t ", "a.md", "text/markdown", "empty"),
        (b"\xef\xbb\xbf", "a.md", "text/markdown", "empty"),
        (b"<html><script>x()</script></html>", "a.html", "text/html", "empty"),
        (b"x" * (MAX_BYTES + 1), "a.md", "text/markdown", "too_large"),
        (b"x " * 1_200_000, "a.md", "text/markdown", "too_large"),
        (b"x\n\n" * 20_001, "a.txt", "text/plain", "too_large"),
        (b"text\x00more", "a.txt", "text/plain", "type_mismatch"),
        (b"text" * 2000 + b"\x00", "a.txt", "text/plain", "not_text"),
        (b"text \x07 bell", "a.txt", "text/plain", "not_text"),
        (b"%PDF-1.7 ...", "a.md", "text/markdown", "type_mismatch"),
        (b"# rules", "a.pdf", "application/pdf", "type_mismatch"),
        (b"# rules", "a.md", "application/pdf", "type_mismatch"),
        (b"# rules", "a.docx", DOCX_MIME, "type_mismatch"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "a.docx", DOCX_MIME, "type_mismatch"),
        (b"<!-- x --><!DOCTYPE html><p>x", "a.md", "text/markdown", "type_mismatch"),
        (b"no tags at all", "a.html", "text/html", "type_mismatch"),
        (b"GIF89a\x00\x00", "a.gif", "image/gif", "type"),
        (b"# rules", "noextension", None, "type"),
        (b"# rules", "a.md", "image/png", "type"),
        (b"---\nslug: [\n---\n# x", "a.md", "text/markdown", "front_matter"),
        (b"---\nslug: " + b"[" * 4000 + b"\n---\n# x", "a.md", "text/markdown", "front_matter"),
        (b"PK\x03\x04 word/document.xml", "a.docx", DOCX_MIME, "damaged"),
        (docx_of()[:-200], "a.docx", DOCX_MIME, "damaged"),
        (with_part(docx_of(), "word/document.xml", b"<w:broken"), "a.docx", None, "damaged"),
        (b"%PDF-1.7\nbroken", "a.pdf", "application/pdf", "pdf_damaged"),
        (pdf_of("secret", password="x"), "a.pdf", "application/pdf", "pdf_encrypted"),
        (pdf_of(""), "a.pdf", "application/pdf", "pdf_no_text"),
        (pdf_of(*[""] * 301), "a.pdf", "application/pdf", "pdf_too_many_pages"),
    ],
)
def test_bad_documents_are_refused_with_a_reason(
    data: bytes, name: str, mime: str | None, code: str
) -> None:
    with pytest.raises(DocumentUnreadable) as caught:
        parse(data, name, mime)
    assert caught.value.code == code
    assert len(str(caught.value)) > 15


def test_a_zip_bomb_is_refused_before_it_is_opened() -> None:
    bomb = with_part(docx_of(), "word/media/image.xml", b"\x00" * 60_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(DocumentUnreadable, match="bomb") as caught:
        parse(bomb, "a.docx", DOCX_MIME)
    assert caught.value.code == "zip_bomb"


def test_a_zip_bomb_that_understates_its_size_never_unpacks() -> None:
    part = "word/styles.xml"
    bomb = understated(with_part(docx_of(), part, b"\x00" * 60_000_000), part, 100)
    tracemalloc.start()
    with suppress(DocumentUnreadable):
        parse(bomb, "a.docx", DOCX_MIME)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30_000_000


def understated(data: bytes, name: str, size: int) -> bytes:
    """The archive with a directory that declares `size` bytes for a part of zeros."""
    entry = data.rindex(name.encode()) - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    changed = bytearray(data)
    struct.pack_into("<I", changed, entry + 16, zlib.crc32(bytes(size)))
    struct.pack_into("<I", changed, entry + 24, size)
    return bytes(changed)


def test_only_the_packings_of_word_are_read() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(docx_of())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as new,
    ):
        for member in old.namelist():
            new.writestr(member, old.read(member))
    with pytest.raises(DocumentUnreadable) as caught:
        parse(out.getvalue(), "a.docx", DOCX_MIME)
    assert caught.value.code == "damaged"


def test_xml_entities_in_docx_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    part = f"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>
    <w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
    <w:body><w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:body></w:document>"""
    with pytest.raises(DocumentUnreadable) as caught:
        parse(with_part(docx_of(), "word/document.xml", part.encode()), "a.docx", DOCX_MIME)
    assert caught.value.code == "xml_entities"


def test_html_never_resolves_entities_of_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    page = f'<!DOCTYPE html [<!ENTITY e SYSTEM "{secret.as_uri()}">]><html><p>a &e; b</p></html>'
    assert "top secret" not in " ".join(texts(parse(page.encode(), "a.html", "text/html")))


def test_deeply_nested_html_is_refused() -> None:
    page = b"<html>" + b"<div>" * 50_000 + b"deep"
    with pytest.raises(DocumentUnreadable, match="nested too deeply"):
        parse(page, "a.html", "text/html")


def test_a_pdf_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(DocumentUnreadable, match="too long"):
        blocks_of_pdf(pdf_of("text"), timeout_s=0.001)


def test_a_rule_at_the_top_is_not_front_matter() -> None:
    document = parse("---\n\n正文在这里\n\n---\n\n更多".encode(), "a.md")
    assert texts(document) == ["正文在这里", "更多"]


@pytest.mark.parametrize(
    ("name", "body", "title"),
    [
        ("dir\\..\\规则 v2.md", "text only", "规则 v2"),
        ("a.md", "intro\n\n# One\n\n## Two", "One"),
        ("a.md", "## 1. First\n\ntext\n\n## 2. Second", "a"),
        ("a.md", "intro\n\n## First\n\n## Second", "a"),
        ("a.md", "---\ntitle: Named\n---\n# Other", "Named"),
    ],
)
def test_titles(name: str, body: str, title: str) -> None:
    assert parse(body.encode(), name).title == title


@pytest.mark.parametrize(
    "unit",
    [
        "\u3000",
        "字 \n",
        "\n \u3000",
        " ",
        "<",
        "[",
        "*a ",
        "> ",
        "1.1 ",
        "第",
        "`",
        "![",
        "&#",
        "|",
    ],
)
def test_hostile_repetition_stays_fast(unit: str) -> None:
    data = ("字" + unit * (60_000 // len(unit)) + "a").encode()
    started = time.monotonic()
    for name in ("a.txt", "a.md"):
        with suppress(DocumentUnreadable):
            clauses_of(
                parse(data, name), slug="s", document_id="d", version=1, kind=DocumentKind.RULES
            )
    assert time.monotonic() - started < 10
