"""Python's cyclic garbage, collected while no block is worked on.

A full collection stops the whole process for as long as it takes to visit every object, some 150 ms with 500 sessions,
and Python starts one in the middle of whatever allocates most: the block that is being worked on.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FULL_SECONDS = 20.0
NEVER = 2**30


@contextmanager
def collected_between_blocks() -> Iterator[Callable[[], None]]:
    """Full collections come only from what is yielded, to be called after each block: once in ``FULL_SECONDS``.

    Young objects are collected as ever. For a process of its own: the setting is the interpreter's.
    """
    usual = gc.get_threshold()
    gc.set_threshold(usual[0], usual[1], NEVER)
    due = time.monotonic() + FULL_SECONDS

    def after_block() -> None:
        nonlocal due
        if time.monotonic() >= due:
            gc.collect()
            due = time.monotonic() + FULL_SECONDS

    try:
        yield after_block
    finally:
        gc.set_threshold(*usual)
