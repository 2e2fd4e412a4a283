"""The files of npm packages that our pages load, under names of their own; nothing else of the packages is served."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

FILES = {
    "vendor/htmx.js": "htmx.org/dist/htmx.min.js",
    "vendor/idiomorph.js": "idiomorph/dist/idiomorph-ext.min.js",
    "vendor/lightweight-charts.js": "lightweight-charts/dist/lightweight-charts.standalone.production.mjs",
}


class VendorStorage(FileSystemStorage):
    """Knows the names of ``FILES`` only."""

    def path(self, name: str) -> str:
        return super().path(FILES[name])


class VendorFinder(BaseFinder):
    """Finds nothing where the npm packages are not installed: `make setup` installs them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = VendorStorage(location=settings.NODE_MODULES)

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = Path(self.storage.path(path)) if path in FILES else None
        if found is None or not found.exists():
            return [] if find_all else None
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        for name in FILES:
            if self.find(name) is not None:
                yield name, self.storage
