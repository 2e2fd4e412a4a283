"""Requests that many ask for at the same moment, sent as one batch."""

import asyncio
from collections.abc import Sequence
from typing import Any

from chain.client import BATCH_LIMIT, ChainClient
from chain.errors import HistoryUnavailable
from chain.transport import Request
from dex.errors import DexError, Retryable


class Together:
    """``call`` as ``ChainClient.call`` has it; what is asked within one turn of the event loop shares a request.

    A batch is no verdict on its calls: a node may refuse it for its size, and one call's missing history fails it
    whole. What came back without a result is asked by itself, and that answer counts.
    """

    def __init__(self, client: ChainClient) -> None:
        self._client = client
        self._waiting: list[tuple[Request, asyncio.Future[Any]]] = []
        self._sending: set[asyncio.Task[None]] = set()

    async def call(self, method: str, params: Sequence[object] = ()) -> Any:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(((method, params), answer))
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._send)
        return await answer

    def _send(self) -> None:
        asked, self._waiting = self._waiting, []
        for start in range(0, len(asked), BATCH_LIMIT):
            task = asyncio.create_task(self._ask(asked[start : start + BATCH_LIMIT]))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _ask(self, asked: Sequence[tuple[Request, asyncio.Future[Any]]]) -> None:
        try:
            answers = await self._answers([request for request, _ in asked])
        except Exception as error:  # noqa: BLE001 - raised again to each of those who asked
            answers = [error] * len(asked)
        for (_, waiting), answer in zip(asked, answers, strict=True):
            if waiting.done():
                continue
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)

    async def _answers(self, requests: Sequence[Request]) -> list[Any]:
        if len(requests) == 1:
            return [await self._alone(requests[0])]
        answers: list[Any] = [None] * len(requests)
        try:
            answers = await self._client.batch_outcomes(requests)
            refused = [number for number, answer in enumerate(answers) if isinstance(answer, DexError)]
        except (Retryable, HistoryUnavailable):
            refused = list(range(len(requests)))
        for number, answer in zip(
            refused, await asyncio.gather(*(self._alone(requests[i]) for i in refused)), strict=True
        ):
            answers[number] = answer
        return answers

    async def _alone(self, request: Request) -> Any:
        try:
            return await self._client.call(*request)
        except DexError as error:
            return error
