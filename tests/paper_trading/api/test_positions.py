"""Positions: what they cost, what they would bring, what became of them."""

import pytest

from paper_trading.models import BotSession, Position
from paper_trading.services.accounts import reset_account
from tests.api.world import Owned
from tests.paper_trading.api.asking import Asker
from tests.paper_trading.world import DEPOSITS, WBTC, WETH, block_at, new_session


@pytest.fixture
def held(furnished: Owned) -> Position:
    return Position.objects.get(token=WBTC)


@pytest.fixture
def closed(furnished: Owned) -> Position:
    return Position.objects.get(token=WETH)


def valued(session: BotSession, worths: dict[str, str | None], block: int = 9) -> None:
    BotSession.objects.filter(pk=session.pk).update(worths=worths, cursor_block=block)


def test_an_open_position_is_worth_what_a_sale_would_bring(api: Asker, furnished: Owned, held: Position) -> None:
    valued(furnished.running, {str(held.pk): "203000000"})
    position = api.get(f"positions/{held.pk}/")
    assert (position["quantity"]["text"], position["cost"]["text"]) == ("0.003", "200")
    assert (position["exit_worth"]["text"], position["worth_block"]) == ("203", 9)
    assert (position["unrealised"]["text"], position["unrealised_bps"]) == ("3", 150)
    assert (position["realised"]["text"], position["result"], position["result_bps"]) == ("0", None, None)
    assert len(position["trades"]) == 1


def test_what_cannot_be_sold_whole_has_no_worth(api: Asker, furnished: Owned, held: Position) -> None:
    valued(furnished.running, {str(held.pk): None})
    position = api.get(f"positions/{held.pk}/")
    assert (position["exit_worth"], position["unrealised"], position["unrealised_bps"]) == (None, None, None)
    assert position["worth_block"] == 9


def test_the_newest_session_that_looked_is_the_one_that_knows(api: Asker, furnished: Owned, held: Position) -> None:
    valued(furnished.running, {str(held.pk): "1"})
    BotSession.objects.filter(pk=furnished.running.pk).update(status="ended")
    valued(new_session(furnished.account), {str(held.pk): "2"}, block=20)
    position = api.get(f"positions/{held.pk}/")
    assert (position["exit_worth"]["raw"], position["worth_block"]) == ("2", 20)


def test_a_closed_position_has_its_result(api: Asker, closed: Position) -> None:
    position = api.get(f"positions/{closed.pk}/")
    assert (position["status"], position["exit_reason"]) == ("closed", "stop_loss")
    assert (position["proceeds"]["text"], position["cost"]["text"], position["gas"]["text"]) == ("102", "100", "0.03")
    assert position["result"] == position["realised"]
    assert (position["result"]["text"], position["result_bps"]) == ("1.97", 197)
    assert (position["exit_worth"], position["unrealised"]) == (None, None)


def test_what_was_sold_so_far_is_realised(api: Asker, furnished: Owned, held: Position) -> None:
    Position.objects.filter(pk=held.pk).update(quantity=100_000, proceeds=150_000_000, fees_quote=1_000_000)
    valued(furnished.running, {str(held.pk): "70000000"})
    position = api.get(f"positions/{held.pk}/")
    assert position["remaining_cost"]["raw"] == "66666666"
    assert position["realised"]["raw"] == str(150_000_000 - (200_000_000 - 66_666_666) - 1_000_000)
    assert position["unrealised"]["raw"] == str(70_000_000 - 66_666_666)


def test_a_reset_closes_without_a_result(api: Asker, furnished: Owned, held: Position) -> None:
    BotSession.objects.update(status="ended")
    reset_account(account=furnished.account, deposits=DEPOSITS, block=block_at(60))
    position = api.get(f"positions/{held.pk}/")
    assert (position["status"], position["exit_reason"], position["result"]) == ("closed", "reset", None)


def test_lists_hold_what_is_asked_for(api: Asker, furnished: Owned) -> None:
    for query, tokens in [
        ("", ["COIN", "ETHER"]),
        ("?status=open", ["COIN"]),
        ("?status=closed", ["ETHER"]),
        ("?exit_reason=stop_loss", ["ETHER"]),
        (f"?token={WETH}", ["ETHER"]),
        ("?chain=devnet", ["COIN", "ETHER"]),
        ("?chain=ethereum", []),
        ("?ordering=cost", ["ETHER", "COIN"]),
        ("?from_block=4", ["COIN"]),
    ]:
        assert [position["token"]["symbol"] for position in api.results(f"positions/{query}")] == tokens


def test_pages_go_on_by_amount(api: Asker, furnished: Owned) -> None:
    first = api.get("positions/?ordering=-cost&limit=1")
    second = api.client.get(first["next"]).json()
    assert [page["results"][0]["token"]["symbol"] for page in (first, second)] == ["COIN", "ETHER"]
    assert second["next"] is None
