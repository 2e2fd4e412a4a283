"""One run of a periodic task at a time, on whichever worker, by compare-and-set on the database's clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, Value
from django.db.models.functions import Now

from paper_trading.models import TaskLock

NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@contextmanager
def task_lock(name: str, *, longest: timedelta) -> Iterator[bool]:
    """Whether this run holds the lock; a run that died holds it for ``longest`` and no more."""
    TaskLock.objects.bulk_create([TaskLock(name=name, until=NEVER)], ignore_conflicts=True)
    until = ExpressionWrapper(Now() + Value(longest), output_field=DateTimeField())
    taken = TaskLock.objects.filter(name=name, until__lt=Now()).update(until=until) == 1
    if not taken:
        yield False
        return
    # Nobody else can take it before this moment has passed, so it names this run.
    mine = TaskLock.objects.get(name=name).until
    try:
        yield True
    finally:
        TaskLock.objects.filter(name=name, until=mine).update(until=NEVER)
