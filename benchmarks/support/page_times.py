"""Fills the database that the environment names and times every page of it, in this process.

    python -m benchmarks.support.page_times '{"trades": 100000, "points": 100000, "seed": 1, "looks": 40, "only": []}'

Prints one line of JSON. What is timed is what the web process does between the request's arrival and the last byte of
its answer: the middleware, a database connection as it is had there (SQLite's is opened, PostgreSQL's comes from the
pool), the view, the template. Daphne and its change of thread are not in it.
"""

import gc
import json
import re
import sys
import time
from collections.abc import Iterator
from html import unescape
from typing import Any

import django
from django.conf import settings

USER = "alice"
PART = re.compile(r'id="part-([\w-]+)"[^>]* hx-get="([^"]+)"')
WARM_UP = 2


def main() -> None:
    from dexproject.settings.web import serve_threads

    plan = json.loads(sys.argv[1])
    serve_threads(settings.DATABASES["default"])
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    from benchmarks.support.page_rows import history
    from tests.dashboard.world import login_of

    user = User.objects.create(username=USER)
    books = history(user, trades=plan["trades"], points=plan["points"], seed=plan["seed"])
    _count()
    browser = Client(SERVER_NAME="localhost")
    login_of(user, browser)
    rows = list(Looks(browser, books, count=plan["looks"]).all(plan["only"]))
    key = str(browser.session.session_key)
    print(json.dumps({"rows": rows, "session_key": key, "pages": _pages(books)}))


class Looks:
    """``books`` get another trade before each cold look."""

    def __init__(self, browser: Any, books: Any, *, count: int) -> None:
        self._browser, self._books, self._count = browser, books, count

    def all(self, only: list[str]) -> Iterator[dict[str, Any]]:
        from dexproject.urls import urlpatterns

        assert urlpatterns  # the web process has its routes before the first request, and keeps them from the collector
        gc.collect()
        gc.freeze()
        for name, path in _pages(self._books).items():
            if only and not any(one in name for one in only):
                continue
            first, html = self._look(path)
            yield self._row(name, "", path, first)
            for part, address in PART.findall(html):
                alone = unescape(address)
                yield self._row(name, part, alone, self._look(alone)[0])

    def _row(self, page: str, part: str, path: str, first: float) -> dict[str, Any]:
        for _ in range(WARM_UP):
            self._look(path)
        warm = [self._look(path)[0] for _ in range(self._count)]
        cold = []
        for _ in range(self._count):
            self._books.book()
            cold.append(self._look(path)[0])
        return {"page": page, "part": part, "first": first, "warm": warm, "cold": cold}

    def _look(self, path: str) -> tuple[float, str]:
        """Milliseconds, and what was answered."""
        from django.db import connection

        connection.close()
        began = time.perf_counter()
        answer = self._browser.get(path)
        text = answer.content.decode()
        took = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise SystemExit(f"{path} answers with {answer.status_code}")
        return took, text


def _pages(books: Any) -> dict[str, str]:
    """Every page for people who are logged in, and the harder questions to them. A page that needs to know which one
    has to be told here."""
    from django.urls import reverse

    from dashboard.urls import urlpatterns
    from paper_trading.models import PaperTrade

    live = books.live.pk
    newest = PaperTrade.objects.filter(session=live).latest("pk")
    known = {
        "session": [live],
        "decision-why": [newest.decision_id],
        "trade": [newest.pk],
        "portfolio-account": [books.account.pk],
    }
    found = {}
    for pattern in urlpatterns:
        name = str(pattern.name)
        if name == "login":
            continue
        asked = known[name] if pattern.pattern.converters else []
        found[name] = reverse(f"dashboard:{name}", args=asked)
    results = reverse("dashboard:performance")
    compared = "&".join(f"compare={one.pk}" for one in (books.live, *books.ended[:3]))
    return found | {
        "performance 30d": f"{results}?period=30d",
        "performance of one": f"{results}?session={live}",
        "performance compared": f"{results}?{compared}",
    }


def _count() -> None:
    """What PostgreSQL does by itself after so many writes, and a host in the place of SQLite once an hour."""
    from django.db import connection

    from paper_trading.services.statistics import refresh_statistics

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    refresh_statistics()


if __name__ == "__main__":
    main()
