"""One run of a periodic task at a time."""

import threading
from datetime import timedelta

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from paper_trading.models import TaskLock
from paper_trading.services.task_locks import task_lock
from tests.paper_trading.rivals import together

MINUTE = timedelta(minutes=1)


@pytest.mark.usefixtures("books_db")
def test_a_second_run_is_kept_out_until_the_first_is_done() -> None:
    with task_lock("night", longest=MINUTE) as first, task_lock("night", longest=MINUTE) as second:
        assert (first, second) == (True, False)
    with task_lock("night", longest=MINUTE) as third:
        assert third


@pytest.mark.usefixtures("books_db")
def test_locks_of_other_names_are_free() -> None:
    with task_lock("night", longest=MINUTE), task_lock("day", longest=MINUTE) as other:
        assert other


@pytest.mark.usefixtures("books_db")
def test_a_run_that_failed_leaves_the_lock_free() -> None:
    with pytest.raises(ZeroDivisionError), task_lock("night", longest=MINUTE):
        raise ZeroDivisionError
    with task_lock("night", longest=MINUTE) as again:
        assert again


@pytest.mark.usefixtures("books_db")
def test_a_run_that_died_holds_the_lock_no_longer_than_it_said() -> None:
    TaskLock.objects.create(name="night", until=timezone.now() + MINUTE)
    with task_lock("night", longest=MINUTE) as early:
        assert not early
    TaskLock.objects.update(until=timezone.now() - MINUTE)
    with task_lock("night", longest=MINUTE) as late:
        assert late


@pytest.mark.usefixtures("books_db")
def test_a_run_that_took_too_long_does_not_free_its_successors_lock() -> None:
    with task_lock("night", longest=MINUTE):
        TaskLock.objects.update(until=timezone.now() + 2 * MINUTE)  # by now somebody else's
    with task_lock("night", longest=MINUTE) as mine:
        assert not mine


@pytest.mark.postgres
def test_of_many_at_once_one_runs(rival_books: BaseDatabaseWrapper) -> None:
    everybody, held = threading.Barrier(8), list[bool]()

    def run() -> None:
        everybody.wait(30)
        with task_lock("night", longest=MINUTE) as mine:
            held.append(mine)
            everybody.wait(30)  # nobody leaves before all have tried

    together(rival_books, [run] * 8)
    assert sorted(held) == [False] * 7 + [True]
