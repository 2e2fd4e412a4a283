"""Sessions: what is listed, what one tells, and what may be done to it."""

from paper_trading.models import BotSession, SessionStatus
from tests.api.world import Owned
from tests.paper_trading.api.asking import Asker
from tests.paper_trading.world import USDC, new_account, new_session


def test_one_session_tells_its_settings_and_what_was_overridden(api: Asker, furnished: Owned) -> None:
    BotSession.objects.filter(pk=furnished.running.pk).update(overrides={"min_trade_usd": 7}, tokens=[USDC])
    session = api.get(f"sessions/{furnished.running.pk}/")
    assert session["settings"]["min_trade_usd"] == 7
    assert session["settings"]["max_position_pct"] == 10
    assert session["overridden"] == ["min_trade_usd"]
    assert session["tokens"] == [{"address": USDC, "symbol": "DOLLAR", "decimals": 6}]


def test_a_result_is_equity_less_what_it_began_with(api: Asker, furnished: Owned) -> None:
    BotSession.objects.filter(pk=furnished.running.pk).update(start_equity=10**10, equity=9_999_000_000)
    session = api.get(f"sessions/{furnished.running.pk}/")
    assert session["equity"] == {
        "raw": "9999000000",
        "decimals": 6,
        "symbol": "DOLLAR",
        "token": USDC,
        "text": "9999",
    }
    assert (session["result"]["text"], session["result_bps"]) == ("-1", -1)


def test_before_its_first_block_nothing_is_known_of_its_worth(api: Asker, furnished: Owned) -> None:
    session = api.get(f"sessions/{furnished.ended.pk}/")
    assert (session["start_equity"], session["equity"], session["result"], session["result_bps"]) == (None,) * 4


def test_lists_hold_what_is_asked_for(api: Asker, furnished: Owned) -> None:
    for query, found in [
        ("", ["ended", "running"]),
        ("?live=true", ["running"]),
        ("?live=false", ["ended"]),
        ("?status=ended", ["ended"]),
        ("?archived=true", []),
        ("?archived=false", ["ended", "running"]),
        ("?chain=devnet", ["ended", "running"]),
        ("?chain=1", []),
        ("?ordering=id", ["running", "ended"]),
        ("?ordering=-intel_level", ["running", "ended"]),
    ]:
        assert api.ids(f"sessions/{query}") == [getattr(furnished, name).pk for name in found]


def test_sessions_of_one_account(api: Asker, furnished: Owned) -> None:
    assert api.ids(f"sessions/?account={furnished.account.pk}") == [furnished.running.pk]


def test_what_is_no_filter_is_refused(api: Asker) -> None:
    for query in ["status=alive", "live=1", "chain=nowhere", "ordering=state", "luck=1", "account=x"]:
        api.get(f"sessions/?{query}", status=400)


def test_a_session_is_renamed(api: Asker, furnished: Owned) -> None:
    assert api.patch(f"sessions/{furnished.ended.pk}/", {"name": "second try"})["name"] == "second try"
    assert BotSession.objects.get(pk=furnished.ended.pk).name == "second try"


def test_a_name_is_one_short_line(api: Asker, furnished: Owned) -> None:
    for body in [{}, {"name": 5}, {"name": "x" * 81}, {"name": "a\nb"}, {"name": "a", "status": "x"}]:
        api.patch(f"sessions/{furnished.ended.pk}/", body, status=400)


def test_an_ended_session_is_archived_and_comes_back(api: Asker, furnished: Owned) -> None:
    path = f"sessions/{furnished.ended.pk}/"
    first = api.post(f"{path}archive/")
    assert first["archived"]
    assert api.post(f"{path}archive/")["archived_at"] == first["archived_at"]
    assert api.ids("sessions/?archived=true") == [furnished.ended.pk]
    assert not api.post(f"{path}unarchive/")["archived"]


def test_a_live_session_is_not_archived(api: Asker, furnished: Owned) -> None:
    api.post(f"sessions/{furnished.running.pk}/archive/", status=400)


def test_a_session_is_paused_and_resumed(api: Asker, furnished: Owned) -> None:
    path = f"sessions/{furnished.running.pk}/"
    assert api.post(f"{path}pause/")["entries_paused"] is True
    assert api.post(f"{path}resume/")["entries_paused"] is False


def test_an_ended_session_is_not_paused(api: Asker, furnished: Owned) -> None:
    error = api.post(f"sessions/{furnished.ended.pk}/pause/", status=409)["error"]
    assert error["code"] == "session_not_running"


def test_stopping_twice_is_stopping_once(api: Asker, furnished: Owned) -> None:
    path = f"sessions/{furnished.running.pk}/stop/"
    first = api.post(path, {"reason": "lunch"}, status=202)
    again = api.post(path, {"reason": "dinner"}, status=202)
    assert (first["stop_reason"], again["stop_reason"], again["status"]) == ("lunch", "lunch", "ended")


def test_a_number_that_no_session_has_is_not_there(api: Asker, furnished: Owned) -> None:
    for pk in ["0", str(2**63 - 1), str(2**64), "9" * 60]:
        api.get(f"sessions/{pk}/", status=404)


def test_actions_take_no_body(api: Asker, furnished: Owned) -> None:
    api.post(f"sessions/{furnished.running.pk}/pause/", {"paused": True}, status=400)


def test_a_queued_session_is_live(api: Asker, furnished: Owned) -> None:
    queued = new_session(new_account(user=furnished.user, name="q"))
    BotSession.objects.filter(pk=queued.pk).update(status=SessionStatus.QUEUED)
    assert api.ids("sessions/?live=true") == [queued.pk, furnished.running.pk]
