"""Few requests at a time: the application around the application, without a server."""

import asyncio
from collections.abc import Callable

import pytest

from api import turns
from api.turns import TURN, Message, Receive, Scope, Send, Turns


class Counting:
    """An application that says how many requests are in it, and holds each until it is let go."""

    def __init__(self) -> None:
        self.inside = self.most = self.done = 0
        self.go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.go.wait()
        finally:
            self.inside -= 1
        self.done += 1


async def receive() -> Message:
    return {"type": "http.request"}


async def send(message: Message) -> None: ...


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110  (a semaphore tells nobody)
        await asyncio.sleep(0.001)


def start(application: Turns, count: int, kind: str = "http") -> list[asyncio.Task[None]]:
    return [asyncio.ensure_future(application({"type": kind}, receive, send)) for _ in range(count)]


async def test_a_few_are_worked_on_at_once_and_all_in_the_end() -> None:
    inner = Counting()
    asked = start(Turns(inner), 20)
    await settle()
    assert inner.inside == turns.AT_ONCE
    inner.go.set()
    await asyncio.gather(*asked)
    assert (inner.most, inner.done) == (turns.AT_ONCE, 20)


async def test_one_that_fails_gives_its_turn_back() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("broken")

    application = Turns(broken)
    answers = await asyncio.gather(*start(application, 2 * turns.AT_ONCE), return_exceptions=True)
    assert {type(answer) for answer in answers} == {RuntimeError}
    assert not application.turns.locked()


async def test_one_that_is_given_up_gives_its_turn_back() -> None:
    inner = Counting()
    application = Turns(inner)
    asked = start(application, turns.AT_ONCE + 1)
    await settle()
    asked[0].cancel()
    await settle()
    assert (inner.most, inner.inside) == (turns.AT_ONCE, turns.AT_ONCE)
    inner.go.set()
    await asyncio.gather(*asked, return_exceptions=True)
    assert inner.done == turns.AT_ONCE


async def test_a_view_that_waits_for_others_lets_the_next_begin() -> None:
    held = asyncio.Event()

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.to_thread(scope[TURN].give_back_from_thread)
        await held.wait()

    application = Turns(waits)
    asked = start(application, turns.AT_ONCE)
    await until(lambda: not application.turns.locked())
    held.set()
    await asyncio.gather(*asked)
    assert application.turns._value == turns.AT_ONCE


async def test_a_long_answer_lets_the_next_begin_while_it_goes_on() -> None:
    first, held = asyncio.Event(), asyncio.Event()

    async def streams(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(turns.LONG - 1):
            await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await first.wait()
        await send({"type": "http.response.body", "body": b"b", "more_body": True})
        await held.wait()

    application = Turns(streams)
    asked = start(application, turns.AT_ONCE)
    await settle()
    assert application.turns.locked()
    first.set()
    await settle()
    assert not application.turns.locked()
    held.set()
    await asyncio.gather(*asked)
    assert application.turns._value == turns.AT_ONCE


async def test_nobody_waits_for_a_turn_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    inner = Counting()
    application = Turns(inner)
    asked = start(application, turns.AT_ONCE + 2)
    await until(lambda: inner.inside == turns.AT_ONCE + 2)
    inner.go.set()
    await asyncio.gather(*asked)
    assert application.turns._value == turns.AT_ONCE


async def test_what_is_no_request_takes_no_turn() -> None:
    inner = Counting()
    asked = start(Turns(inner), 20, kind="websocket")
    await settle()
    assert inner.inside == 20
    inner.go.set()
    await asyncio.gather(*asked)
