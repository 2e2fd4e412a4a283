"""What every process may call before it starts: the database is up to date afterwards."""

from typing import Any

from django.core.management.base import BaseCommand

from paper_trading.management.errors import clear_errors
from paper_trading.services.preparing import prepare_database


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Bring the database up to date. Safe to call from many processes at once: one does it, the others wait."

    def handle(self, *args: Any, **options: Any) -> None:
        with clear_errors():
            prepare_database()
