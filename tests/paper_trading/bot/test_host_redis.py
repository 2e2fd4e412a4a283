"""No block waits for Redis: what talks to it does so in threads that neither step sessions nor write their ticks."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async
from django.test import override_settings
from redis.connection import AbstractConnection

from dexproject.celery_app import app as usual_celery
from dexproject.settings.caches import caches
from paper_trading.bot import admission, background, upkeep
from paper_trading.bot.host import SessionHost
from paper_trading.bot.venue import Venue, VenueRequest
from paper_trading.feed import publisher
from paper_trading.models import BotSession
from paper_trading.services import leases, results
from paper_trading.services.results import SessionProgress
from paper_trading.services.verify import ChainReader
from tests.support.celery_app import celery_on
from tests.support.mute_node import mute_node
from tests.support.small_desk import FIRST, NETWORK, block
from tests.support.stepped_host import LIVE, PATIENCE, SteppedSource, new_session

pytestmark = pytest.mark.django_db(transaction=True)

BLOCKS = 5


@pytest.fixture
def talking(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[int, str]]:
    """The threads that talk to a Redis that never answers, by number, with their names."""
    found: dict[int, str] = {}

    def noting(usual: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            found[threading.get_ident()] = threading.current_thread().name
            return usual(*arguments, **named)

        return call

    for name in ("connect", "send_packed_command", "read_response"):
        monkeypatch.setattr(AbstractConnection, name, noting(getattr(AbstractConnection, name)))
    with mute_node() as silent:
        url = silent.url.replace("http://", "redis://") + "/0"
        with celery_on(url) as celery, override_settings(CACHES=caches(url)):
            celery.set_default()
            publisher.forget()
            yield found
            publisher.forget()
            usual_celery.set_default()


@asynccontextmanager
async def background_host(source: SteppedSource, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SessionHost]:
    """All of a worker's host, but that its market is the small one."""

    @asynccontextmanager
    async def small_venue(*_: Any) -> AsyncIterator[Venue]:
        yield Venue(
            source=source,
            scope=LIVE,
            reader=cast(ChainReader, None),  # a background host checks no receipts
            opened_at=block(FIRST),
            total_blocks=None,
            name=NETWORK.name,
        )

    monkeypatch.setattr(background, "open_venue", small_venue)
    ready: asyncio.Future[SessionHost] = asyncio.get_running_loop().create_future()
    request = VenueRequest(networks_dir=Path(), rpc_urls=(), devnet_dir=Path())
    task = asyncio.create_task(background.run_background(request, on_ready=ready.set_result))
    host = await asyncio.wait_for(ready, PATIENCE)
    try:
        yield host
    finally:
        host.leave()
        await asyncio.wait_for(task, PATIENCE)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await sync_to_async(condition)():  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.05)


async def test_blocks_and_commits_have_threads_that_never_talk_to_redis(
    talking: dict[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SHARE_SECONDS", 0.0)
    monkeypatch.setattr(admission, "spare", lambda **_: 1)  # as if others had too few, so that they are nudged
    monkeypatch.setattr(background, "MIRROR_SECONDS", 0.05)
    mirrored: list[SessionProgress] = []

    def mirror(rows: Sequence[SessionProgress]) -> bool:
        answer = results.mirror(rows)
        mirrored.extend(rows)
        return answer

    monkeypatch.setattr(background, "mirror", mirror)
    session = await sync_to_async(new_session)("steady", task_id="task-1")
    source = SteppedSource()
    async with background_host(source, monkeypatch) as host:
        await until(lambda: host.market.head() is not None)
        for _ in range(BLOCKS):
            source.mine()
            await until(lambda: BotSession.objects.get(pk=session.pk).cursor_block == source.number)
        await until(lambda: {"feed", "nudges"} < set(talking.values()) and mirrored != [])
        busy = {threading.get_ident(), await sync_to_async(threading.get_ident)()}
        assert busy.isdisjoint(talking), talking
    assert await sync_to_async(leases.claimable)(chain=NETWORK.name, most=1) == [session.pk]
