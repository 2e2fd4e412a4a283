import pytest
from django.template import Context, Template

from dashboard.modules import imports_of

JS = "dashboard/js"


def test_what_is_imported_by_what_is_imported_is_found_too() -> None:
    found = imports_of(f"{JS}/account/main.js")
    assert {f"{JS}/account/wallets.js", f"{JS}/account/rename.js", f"{JS}/lib/api.js"} <= set(found)
    assert len(set(found)) == len(found)


def test_a_module_that_is_not_there_is_not_passed_over() -> None:
    with pytest.raises(FileNotFoundError):
        imports_of(f"{JS}/no_such_module.js")


def test_a_page_asks_for_all_of_it_at_once() -> None:
    page = Template('{% load modules %}{% module "dashboard/js/login/main.js" %}').render(Context())
    assert page.startswith('<script type="module" src="/static/dashboard/js/login/main.js"></script>')
    assert page.count('<link rel="modulepreload" href="/static/dashboard/js/') == len(imports_of(f"{JS}/login/main.js"))
