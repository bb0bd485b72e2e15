"""Zip files of ours: written the same every time, and read without trusting what they say of themselves."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# Bytes of a file and of all its parts unpacked; thirty answers with fifty sources each have a third of it.
LARGEST = 8_000_000
MOST_PARTS = 16
_START = (1980, 1, 1, 0, 0, 0)  # the first day that a zip file can name
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a zip file, and with which part of it ("" for the whole)."""

    kind: Literal["unreadable", "unsafe", "too large"]
    part: str
    text: str


def packed(parts: Mapping[str, bytes], *, deflated: bool = False) -> bytes:
    """A zip file of these parts in their order. Without `deflated` its bytes depend on no version of zlib."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, _START)
            info.create_system, info.external_attr = 3, 0o100600 << 16
            info.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
            file.writestr(info, data)
    return held.getvalue()


def unpacked(data: bytes) -> tuple[dict[str, bytes], list[Fault]]:
    """The parts that could be read safely, and what is wrong with the others. Nothing is written to the disk."""
    parts: dict[str, bytes] = {}
    try:
        file = zipfile.ZipFile(io.BytesIO(data))
        held = file.infolist()
    except _BROKEN as error:
        return {}, [Fault("unreadable", "", f"it is not a whole zip file ({type(error).__name__})")]
    if len(held) > MOST_PARTS:
        return {}, [Fault("too large", "", f"it holds {len(held):,} parts; a bundle never has more than {MOST_PARTS}")]
    faults: list[Fault] = []
    total = 0
    for info in held:
        name = ascii(info.filename)[1:-1][:120]
        if not _NAME.fullmatch(info.filename) or info.filename in parts or _is_link(info):
            faults.append(Fault("unsafe", name, "its name leads elsewhere or stands twice, or it is a link: not read"))
        elif info.flag_bits & 1:
            faults.append(Fault("unreadable", name, "it is encrypted"))
        elif (total := total + info.file_size) > LARGEST:
            faults.append(Fault("too large", name, f"it unpacks to {info.file_size:,} bytes; it was not read"))
        else:
            try:
                parts[name] = file.read(info)  # never gives more than the header says, so a false size is an error
            except _BROKEN as error:
                faults.append(Fault("unreadable", name, f"it is damaged ({type(error).__name__})"))
    return parts, faults


def _is_link(info: zipfile.ZipInfo) -> bool:
    return (info.external_attr >> 28) & 0xF not in (0, 8)


_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
