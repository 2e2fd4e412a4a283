"""What others must know of logins and tokens at once."""

from functools import partial

from django.db import transaction
from django.dispatch import Signal

access_ended = Signal()
"""Sent after the commit that ended logins or tokens, in its thread: a receiver must be quick and never raise."""


def tell_access_ended() -> None:
    transaction.on_commit(partial(access_ended.send, sender=None))
