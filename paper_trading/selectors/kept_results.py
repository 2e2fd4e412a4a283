"""Results that are added up once: what was booked since is added to them, instead of everything anew.

Sums over 100,000 trades take a second, those over the one that was booked just now a few milliseconds. They are kept
in the process, for the newest questions.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache, partial
from threading import Lock
from typing import NamedTuple

from paper_trading.selectors import performance
from paper_trading.selectors.books import Books, Changes, books, changes
from paper_trading.selectors.performance import Period, Row, Totals, merged

KEPT = 512
TRIES = 3

Question = Callable[[Period, Changes | None], list[Row]]
"""Adds up what counts in a period: all of it, or of these changes only."""


class _Known(NamedTuple):
    books: Books
    rows: Sequence[Row]


class KeptResults:
    """``ask`` by period; ``cut`` takes away what the period does not reach any more."""

    def __init__(self, ask: Question, cut: Callable[[list[Row]], list[Row]] = lambda rows: rows) -> None:
        self._ask, self._cut = ask, cut
        self._known: OrderedDict[Period, _Known] = OrderedDict()
        self._lock = Lock()

    def __call__(self, period: Period, now: Books) -> Sequence[Row]:
        """``now`` is what ``books`` said of the period's user; what was booked since may be in the answer, too."""
        with self._lock:
            known = self._known.get(period)
        if known is not None and known.books != now and _reach(known.books, now):
            # Somebody looked later and was done sooner.
            now = books(period.user_id)
        if known is not None and known.books == now:
            return known.rows
        for _ in range(TRIES):
            rows = self._brought_up(period, known, now)
            # What is booked while the sums are taken may be in them already, and must not be added once more.
            if (then := books(period.user_id)) == now:
                self._keep(period, _Known(now, rows))
                break
            now = then
        return rows

    def cache_clear(self) -> None:
        with self._lock:
            self._known.clear()
        _changes.cache_clear()

    def _brought_up(self, period: Period, known: _Known | None, now: Books) -> list[Row]:
        if known is None or (since := _changes(known.books, now)) is None:
            return self._cut(self._ask(period, None))
        return self._cut(merged([*known.rows, *self._ask(period, since)]))

    def _keep(self, period: Period, known: _Known) -> None:
        with self._lock:
            self._known[period] = known
            self._known.move_to_end(period)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)


def _reach(known: Books, now: Books) -> bool:
    """Whether ``known`` seem to be later than ``now``."""
    newest = {one.account: one for one in known}
    return newest.keys() == {one.account for one in now} and all(
        newest[one.account] == one or newest[one.account].sequence > one.sequence for one in now
    )


@lru_cache(maxsize=KEPT)
def _changes(before: Books, now: Books) -> Changes | None:
    return changes(before, now)


by_token = KeptResults(performance.by_token)
by_exit = KeptResults(performance.by_exit)


def overall(period: Period, now: Books) -> list[Row]:
    """One row for each quote token on each chain."""
    return performance.overall(by_token(period, now))


def totals_of(period: Period, now: Books) -> Totals:
    """Of one session: it counts in one quote token only."""
    return next((row.totals for row in overall(period, now)), Totals())


@lru_cache(maxsize=KEPT)
def by_day(days: int) -> KeptResults:
    """By day, of the ``days`` that end with the newest one with results."""
    return KeptResults(partial(performance.daily, days=days), partial(_newest_days, days))


def _newest_days(days: int, rows: list[Row]) -> list[Row]:
    if not rows:
        return rows
    first = max(row.key for row in rows) - timedelta(days=days - 1)
    return [row for row in rows if row.key >= first]
