"""What an ES module imports, so that a browser can fetch all of it at once instead of one after the other."""

import re
from functools import cache
from pathlib import Path, PurePosixPath

from django.contrib.staticfiles import finders

_IMPORT = re.compile(r"""^(?:import|export)\b[^;"]*"(\.{1,2}/[^"]+)";""", re.MULTILINE)


@cache
def imports_of(entry: str) -> tuple[str, ...]:
    """All static files that the module ``entry`` needs, nearest first and without itself; read once a process."""
    found: list[str] = []
    waiting = [entry]
    while waiting:
        module = waiting.pop(0)
        for name in _named_in(module):
            if name not in found and name != entry:
                found.append(name)
                waiting.append(name)
    return tuple(found)


def _named_in(module: str) -> list[str]:
    path = finders.find(module)
    if not isinstance(path, str):
        raise FileNotFoundError(f"there is no static file {module}")
    folder = PurePosixPath(module).parent
    return [_joined(folder, name) for name in _IMPORT.findall(Path(path).read_text(encoding="utf-8"))]


def _joined(folder: PurePosixPath, name: str) -> str:
    for part in PurePosixPath(name).parts:
        folder = folder.parent if part == ".." else folder / part
    return str(folder)
