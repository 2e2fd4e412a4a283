"""A session whose ticks are committed one after the other: in a process of its own, or inside a web process.

As a process it says which session that is, waits for a line ``{"count": 40, "pause": 1.0}``, and says when it committed
what. Inside a web process, where that is ``application``, a POST of the same line to ``/commits/`` begins, a GET says
which session it is and what was committed so far.
"""

import json
import sys
import threading
import time
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.utils import timezone

CHAIN = "devnet"
PRICES = {"0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2": 2_000.5}


class Committer:
    """``stamps`` are ``[what, number, unix seconds]``: a ``trade`` that was filled by its id, the ``decision`` by that
    of its order, and the ``block``."""

    def __init__(self) -> None:
        from benchmarks.support.booking_history import History

        self._history = History(one_position=False)
        self.session = self._history.session.pk
        self.stamps: list[tuple[str, int, float]] = []

    def run(self, plan: dict[str, Any]) -> None:
        from paper_trading.feed.publisher import publisher

        for _ in range(plan["count"]):
            time.sleep(plan["pause"])
            self._commit()
        if not publisher().flush(10.0):
            raise SystemExit("the frames were not told")
        connection.close()

    def _commit(self) -> None:
        """The tick, then the market, in the order of a host."""
        from paper_trading.feed.envelope import market_topic
        from paper_trading.feed.publisher import publish_state
        from paper_trading.services.live_cache import market_values
        from tests.paper_trading.world import GENESIS, USDC, block_at
        from trading.networks import networks
        from trading.services import observe_market

        trade, number = self._history.waiting, self._history.number
        with transaction.atomic():
            transaction.on_commit(lambda: self._note("trade", trade))
            transaction.on_commit(lambda: self._note("decision", self._history.waiting))
            self._history.commit()
        network = networks()[CHAIN].with_tokens([], quote_token=USDC)
        with transaction.atomic():
            transaction.on_commit(lambda: self._note("block", number))
            market = observe_market(
                network=network,
                chain_key=GENESIS,
                head=block_at(number),
                since=0,
                tip=1,
                prices=PRICES,
                tracks={},
                flows={},
            )
        market.observed_at = timezone.now()
        publish_state(market_topic(CHAIN), "market", market_values(market))

    def _note(self, what: str, number: int) -> None:
        self.stamps.append((what, number, time.time()))


_committer: Committer | None = None


async def application(scope: Any, receive: Any, send: Any) -> None:
    """The program's own, and ``/commits/``."""
    from dexproject.asgi import application as served

    if scope["type"] != "http" or scope["path"] != "/commits/":
        await served(scope, receive, send)
        return
    committer = await sync_to_async(_made)()
    if scope["method"] == "POST":
        plan = json.loads((await receive())["body"])
        threading.Thread(target=committer.run, args=(plan,), daemon=True).start()
    body = json.dumps({"session": committer.session, "stamps": committer.stamps}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def _made() -> Committer:
    global _committer  # noqa: PLW0603 - one a process
    if _committer is None:
        _committer = Committer()
        connection.close()
    return _committer


def main() -> None:
    import django

    django.setup()
    committer = Committer()
    print(json.dumps({"session": committer.session}), flush=True)
    committer.run(json.loads(sys.stdin.readline()))
    print(json.dumps({"session": committer.session, "stamps": committer.stamps}), flush=True)


if __name__ == "__main__":
    main()
