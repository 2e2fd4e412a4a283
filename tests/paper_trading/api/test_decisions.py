"""Thoughts: all of them, and the one that stands for each token."""

from paper_trading.models import Decision
from tests.api.world import Owned
from tests.paper_trading.api.asking import Asker
from tests.paper_trading.world import WBTC, WETH


def think(session_id: int, token: str, block: int, code: str, *, last: int | None = None) -> Decision:
    return Decision.objects.create(
        session_id=session_id,
        block_number=block,
        block_hash=f"0x{block:064x}",
        last_block=block if last is None else last,
        token=token,
        action="hold",
        code=code,
        edge_bps=-3,
        confidence_pct=40,
    )


def test_a_thought_tells_why_nothing_was_traded(api: Asker, furnished: Owned) -> None:
    thought = api.results("decisions/?token=" + WETH)[0]
    assert (thought["action"], thought["code"], thought["edge_bps"]) == ("hold", "no_edge", -12)
    assert thought["reasons"] == ["costs are higher than the move"]
    [reading] = thought["readings"]
    assert (reading["signal"], reading["score"], reading["expected_move_bps"]) == ("momentum", 0.5, 12.5)
    detail = api.get(f"decisions/{thought['id']}/")
    assert detail == {**thought, "trades": []}


def test_lists_hold_what_is_asked_for(api: Asker, furnished: Owned) -> None:
    think(furnished.running.pk, WETH, 20, "late", last=30)
    for query, codes in [
        ("", ["late", "cooldown", "no_edge"]),
        ("?code=late", ["late"]),
        ("?action=buy", []),
        (f"?token={WBTC}", ["cooldown"]),
        ("?from_block=25", ["late"]),
        ("?from_block=31", []),
        ("?to_block=19", ["cooldown", "no_edge"]),
        ("?to_block=20", ["late", "cooldown", "no_edge"]),
    ]:
        assert [thought["code"] for thought in api.results(f"decisions/{query}")] == codes


def test_the_standing_thought_is_the_newest_of_each_token(api: Asker, furnished: Owned) -> None:
    think(furnished.running.pk, WETH, 20, "forked_away")
    think(furnished.running.pk, WETH, 19, "newest")
    think(furnished.ended.pk, WETH, 40, "of_another")
    answer = api.get(f"thoughts/?session={furnished.running.pk}")
    assert answer["session"] == furnished.running.pk
    assert {thought["token"]["symbol"]: thought["code"] for thought in answer["thoughts"]} == {
        "COIN": "cooldown",
        "ETHER": "newest",
    }


def test_thoughts_are_of_one_session(api: Asker, furnished: Owned) -> None:
    for query, status in [("", 400), ("?session=x", 400), ("?session=999999", 404)]:
        api.get(f"thoughts/{query}", status=status)


def test_a_stranger_reads_no_thoughts(stranger: Asker, furnished: Owned) -> None:
    stranger.get(f"thoughts/?session={furnished.running.pk}", status=404)


def test_the_export_has_every_thought(api: Asker, furnished: Owned) -> None:
    assert [row["code"] for row in api.csv("decisions/?format=csv")] == ["cooldown", "no_edge"]
