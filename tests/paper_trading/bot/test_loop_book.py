"""The bot carries its book in memory from block to block; the database never says anything else."""

import pytest
from asgiref.sync import sync_to_async

from chain.devnet.devnet import Devnet
from paper_trading.bot.book import read_book
from tests.support.stepped_bot import SteppedBot, play

pytestmark = [pytest.mark.anvil, pytest.mark.django_db]
FILLS = 6


def test_the_book_in_memory_is_the_one_in_the_database_after_every_block(chain: Devnet) -> None:
    peaks = []

    async def scenario(bot: SteppedBot) -> None:
        while len(bot.booked) < FILLS:
            await bot.step()
            stored = await sync_to_async(read_book)(bot.session)
            assert bot.book == stored
            peaks.extend(position.view.peak_worth for position in stored.positions.values())

    play(chain, scenario)
    assert max(peaks) > 0
