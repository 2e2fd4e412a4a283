"""Of the npm packages, what our pages load is served, and nothing else."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from dexproject.vendor_files import FILES, VendorFinder


@pytest.fixture
def packages(settings: Settings, tmp_path: Path) -> Path:
    settings.NODE_MODULES = tmp_path
    for name in ("htmx.org/dist/htmx.min.js", "htmx.org/package.json", "vendor/htmx.js"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_a_file_is_found_under_our_name_for_it(packages: Path) -> None:
    assert VendorFinder().find("vendor/htmx.js") == str(packages / "htmx.org/dist/htmx.min.js")
    assert VendorFinder().find("vendor/htmx.js", find_all=True) == [str(packages / "htmx.org/dist/htmx.min.js")]


@pytest.mark.parametrize(
    "name", ["htmx.org/package.json", "vendor/../htmx.org/package.json", "vendor/", "", "vendor/other.js"]
)
def test_nothing_else_of_the_packages_is(packages: Path, name: str) -> None:
    assert VendorFinder().find(name) is None
    assert VendorFinder().find(name, find_all=True) == []


def test_packages_that_are_not_installed_are_not_listed(packages: Path) -> None:
    finder = VendorFinder()
    listed = {name: Path(storage.path(name)) for name, storage in finder.list(None)}
    assert listed == {"vendor/htmx.js": packages / "htmx.org/dist/htmx.min.js"}
    assert finder.find("vendor/idiomorph.js") is None


def test_what_the_pages_load_is_installed_and_served() -> None:
    client = Client()
    for name in FILES:
        answer = client.get(f"/static/{name}")
        assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/javascript")
