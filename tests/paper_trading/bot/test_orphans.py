"""Bookings in blocks that the chain has replaced are found, for however many sessions at once."""

from dataclasses import dataclass, field
from typing import cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dex.market.state import MarketState
from dex.types import BlockRef
from paper_trading.bot.orphans import Orphans, orphans
from paper_trading.models import BotSession
from paper_trading.services import sessions
from paper_trading.services.accounts import reset_account
from tests.paper_trading.world import WBTC, WETH, World, block_at, new_account, new_session, new_world


@dataclass
class Chain:
    """Blocks ``floor`` to ``top``; those of ``forked`` are others than the world's."""

    top: int
    floor: int = 0
    forked: set[int] = field(default_factory=set)

    @property
    def head(self) -> BlockRef:
        return self._block(self.top)

    def block_at(self, number: int) -> BlockRef | None:
        return self._block(number) if self.floor <= number <= self.top else None

    def _block(self, number: int) -> BlockRef:
        return block_at(number, fork=int(number in self.forked))


def found(chain: Chain, *asked: BotSession) -> list[Orphans]:
    compared = orphans(asked, cast(MarketState, chain))
    return [compared[session.pk] for session in asked]


def numbers(orphaned: Orphans) -> list[int]:
    return [block.number for block in orphaned.gone]


@pytest.fixture
def world(books_db: str) -> World:
    """Trades are booked in blocks 2 and 3."""
    world = new_world()
    world.buy(WETH, 1_000, 10)
    world.buy(WBTC, 1_000, 10)
    return world


def test_nothing_is_gone_while_the_chain_has_every_block(world: World) -> None:
    assert found(Chain(top=9), world.session) == [Orphans(gone=(), complete=True)]


def test_replaced_blocks_are_gone_the_newest_first(world: World) -> None:
    [orphaned] = found(Chain(top=9, forked={2, 3}), world.session)
    assert (numbers(orphaned), orphaned.complete) == ([3, 2], True)
    assert orphaned.gone[0].hash == block_at(3).hash


def test_a_chain_that_is_shorter_than_the_books_cannot_say_all(world: World) -> None:
    assert found(Chain(top=2), world.session) == [Orphans(gone=(), complete=False)]


def test_blocks_older_than_the_market_are_not_judged(world: World) -> None:
    [orphaned] = found(Chain(top=9, floor=3, forked={2, 3}), world.session)
    assert numbers(orphaned) == [3]


def test_what_an_ended_session_of_the_account_booked_counts(world: World) -> None:
    sessions.end(session=world.session, lease_token=0, reason="enough")
    [orphaned] = found(Chain(top=9, forked={3}), new_session(world.account))
    assert numbers(orphaned) == [3]


def test_what_was_booked_before_a_reset_stays_as_it_is(world: World) -> None:
    sessions.end(session=world.session, lease_token=0, reason="enough")
    reset_account(account=world.account, deposits={}, block=block_at(9))
    [orphaned] = found(Chain(top=9, forked={2, 3}), new_session(world.account))
    assert numbers(orphaned) == []


def test_each_session_gets_its_own_accounts_blocks_in_one_query(world: World) -> None:
    others = [new_session(new_account(name=name)) for name in ("other", "third")]
    with CaptureQueriesContext(connection) as queries:
        answers = found(Chain(top=9, forked={2}), world.session, *others)
    assert [numbers(orphaned) for orphaned in answers] == [[2], [], []]
    assert len(queries) == 1
