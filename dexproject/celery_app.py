"""The Celery application: ``celery -A dexproject worker -Q paper_trading,risk.normal,execution.critical``."""

import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, after_setup_task_logger, beat_init, celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dexproject.settings")

app = Celery("dexproject")
# A web process sends tasks from many threads, and a thread that set no app of its own would get an empty one.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("paper_trading.worker.step:HostStep")


@celeryd_init.connect
@beat_init.connect
def require_broker(options: Mapping[str, Any] | None = None, **_: Any) -> None:
    """Say in one line what a worker or beat cannot start without."""
    from django.conf import settings

    if not settings.REDIS_URL:
        _refuse("background work needs Redis: set REDIS_URL, for example REDIS_URL=redis://127.0.0.1:6379/0")
    known = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    asked = (options or {}).get("queues") or []
    if unknown := [name for name in (asked.split(",") if isinstance(asked, str) else asked) if name not in known]:
        _refuse(f"there is no queue {', '.join(unknown)}; there are: {', '.join(known)}")


def _refuse(line: str) -> None:
    # Celery may have put its log in the place of standard error by now.
    print(line, file=sys.__stderr__)
    raise SystemExit(1)


@after_setup_logger.connect
@after_setup_task_logger.connect
def hide_secrets(logger: logging.Logger, **_: Any) -> None:
    """Celery's own console lines go through our formatter: errors of clients quote the URL they were given."""
    from dexproject.logs import PlainFormatter

    for handler in logger.handlers:
        handler.setFormatter(PlainFormatter())
