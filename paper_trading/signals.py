"""What changed, told once and only after the transaction that changed it was committed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

committed = Signal()
"""Sent with ``change=Change`` after the commit, in the committing thread: a receiver must be quick and never raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``kind`` is one of the words that users of trading bots know: ``entry``, ``entry_fill``, ``entry_cancel``,
    ``exit``, ``exit_fill``, ``exit_cancel``, ``reorg``, ``decision``, ``position``, ``status``, ``startup``,
    ``warning``, ``command``, ``account``.

    ``data`` is ready for JSON: ids as numbers, amounts as decimal text in base units.
    """

    kind: str
    user_id: int
    session_id: int | None = None
    account_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def announce(change: Change) -> None:
    """Tell ``change`` once the open transaction is committed; never, where it is rolled back."""
    transaction.on_commit(partial(_send, change))


def _send(change: Change) -> None:
    committed.send(sender=Change, change=change)
