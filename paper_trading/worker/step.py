"""A worker that takes the queue ``paper_trading`` runs session hosts beside its tasks."""

import os
import sys
from contextlib import suppress
from typing import Any

from celery import bootsteps
from celery.signals import worker_shutting_down

from paper_trading.worker.supervisor import HostSupervisor


class HostStep(bootsteps.StartStopStep):
    # The pool forks before this step starts its thread.
    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        self._supervisors: list[HostSupervisor] = []
        super().__init__(parent, **options)

    def include_if(self, parent: Any) -> bool:
        from django.conf import settings

        return settings.PAPER_TRADING_QUEUE in parent.app.amqp.queues.consume_from

    def start(self, parent: Any) -> None:
        from django.conf import settings

        self._supervisors = [
            HostSupervisor(
                [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_bot_host", "--parent-pipe"],
                environment={**os.environ, "LOG_TO_CONSOLE": "1"},
                say=_to_console,
            )
            for _ in range(settings.SESSION_HOSTS)
        ]
        worker_shutting_down.connect(self._ask_to_stop)
        for supervisor in self._supervisors:
            supervisor.start()

    def stop(self, parent: Any) -> None:
        self._ask_to_stop()
        for supervisor in self._supervisors:
            supervisor.stop()

    def terminate(self, parent: Any) -> None:
        self.stop(parent)

    def _ask_to_stop(self, **_: Any) -> None:
        """Hands over while the worker still waits for its tasks."""
        for supervisor in self._supervisors:
            supervisor.ask_to_stop()


def _to_console(line: str) -> None:
    """Past the worker's own logging: the host has written time, level and session already."""
    if sys.__stderr__ is None:
        return
    with suppress(OSError):  # the console may be gone; the host's lines must be read all the same, or it would block
        sys.__stderr__.write(line)
        sys.__stderr__.flush()
