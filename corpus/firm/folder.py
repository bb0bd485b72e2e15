"""Find the files below a folder and read them: no link is followed, sizes are bounded."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from corpus.official.section import ReadError

LARGEST_BYTES = 64_000_000
DEEPEST = 10


def files(path: Path, *, besides: Path) -> Iterator[tuple[Path, str]]:
    """The files at and below `path`, sorted, each with what is wrong with it. `besides` is left out whole.

    Names that begin with "." or "~$" (the lock files of an open Word document) are skipped.
    """
    return _below(path, besides, 0)


def _below(path: Path, besides: Path, depth: int) -> Iterator[tuple[Path, str]]:
    try:
        mode = path.lstat().st_mode
        inside = sorted(path.iterdir()) if stat.S_ISDIR(mode) else []
    except OSError as error:
        yield path, f"it cannot be opened: {error.strerror}"
        return
    if stat.S_ISLNK(mode):
        yield path, "it is a symbolic link, which is not followed"
    elif not stat.S_ISDIR(mode):
        yield path, "" if stat.S_ISREG(mode) else "it is no regular file"
    elif depth > DEEPEST:
        yield path, f"the folder lies more than {DEEPEST} deep"
    elif path != besides:
        for one in inside:
            if not one.name.startswith((".", "~$")):
                yield from _below(one, besides, depth + 1)


def gone(path: Path) -> bool:
    """Whether nothing has that path any more. What only cannot be reached is not gone."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def content(path: Path) -> bytes:
    """The bytes of a regular file. Raises ReadError for a link or a file over the limit, OSError."""
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode):
        raise ReadError(
            "it is a symbolic link, which is not followed" if stat.S_ISLNK(mode) else "it is no regular file"
        )
    with path.open("rb") as file:
        data = file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise ReadError(f"it has more than {LARGEST_BYTES:,} bytes")
    return data
