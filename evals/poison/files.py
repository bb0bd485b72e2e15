"""Poisoned papers as files: minimal PDF and DOCX packages written by hand, so that just what is meant is in them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from evals.poison.cases import Paper

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MEDIA = "application/vnd.openxmlformats"
# What a Word file is made of, beside its text and its properties.
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{_MEDIA}-package.relationships+xml"/>'
        f'<Override PartName="/docProps/core.xml" ContentType="{_MEDIA}-package.core-properties+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="'
        f'{_MEDIA}-officedocument.wordprocessingml.document.main+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target='
        f'"word/document.xml"/><Relationship Id="r2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target='
        '"docProps/core.xml"/></Relationships>'
    ),
}
LINE = 80


def write(paper: Paper, folder: Path) -> Path:
    """Make the paper's file in the folder and return its path."""
    path = folder / paper.file
    made = {".docx": _docx, ".pdf": _pdf}.get(paper.suffix)
    path.write_bytes(made(paper) if made else paper.text.encode())
    return path


def _docx(paper: Paper) -> bytes:
    def paragraph(text: str, properties: str = "") -> str:
        return f"<w:p><w:r>{properties}<w:t>{escape(text)}</w:t></w:r></w:p>"

    hidden = (paragraph(one, "<w:rPr><w:vanish/></w:rPr>") for one in paper.hidden)
    body = "".join((*map(paragraph, paper.shown), *hidden))
    parts = _PARTS | {
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
        "docProps/core.xml": (
            f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/'
            f'1.1/"><dc:title>{escape(paper.title)}</dc:title><dc:creator>{escape(paper.author)}</dc:creator>'
            "</cp:coreProperties>"
        ),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, xml in parts.items():
            package.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{xml}')
    return out.getvalue()


def _pdf(paper: Paper) -> bytes:
    """One page in Helvetica; the hidden paragraphs are white."""
    shown = [line for text in paper.shown for line in (*_lines(text), "")]
    hidden = [line for text in paper.hidden for line in (*_lines(text), "")]
    white = f"1 1 1 rg {_placed(hidden, 400)}" if hidden else ""
    content = f"BT /F1 11 Tf 0 g {_placed(shown, 700)} {white} ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Count 1 /Kids [5 0 R] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Length {len(content)} >> stream\n{content}\nendstream",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        " /Resources << /Font << /F1 3 0 R >> >> >>",
        f"<< /Title ({paper.title}) /Author ({paper.author}) >>",
    )
    out, offsets = "%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{at:010} 00000 n \n" for at in offsets)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\n"
    return f"{out}startxref\n{out.index('xref')}\n%%EOF\n".encode("latin-1")


def _lines(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _placed(lines: list[str], top: int) -> str:
    """Each line at its place, from `top` down, 14 points apart."""
    return " ".join(f"1 0 0 1 72 {top - 14 * n} Tm ({line}) Tj" for n, line in enumerate(lines) if line)
