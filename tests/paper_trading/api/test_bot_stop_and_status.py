"""Stopping a bot and asking what it does."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from paper_trading.models import BotHost, BotSession, SessionStatus
from tests.api.world import Owned
from tests.paper_trading.api.asking import Asker
from tests.paper_trading.world import new_account, new_session


def test_the_only_live_session_is_the_one_to_stop(api: Asker, furnished: Owned) -> None:
    answer = api.post("bot/stop/", {"reason": "enough"}, status=202)
    assert (answer["session_id"], answer["desired_status"]) == (furnished.running.pk, "ended")
    furnished.running.refresh_from_db()
    assert furnished.running.stop_reason == "enough"


def test_stopping_again_changes_nothing(api: Asker, furnished: Owned) -> None:
    named = {"session_id": furnished.running.pk}
    first = api.post("bot/stop/", {**named, "reason": "enough"}, status=202)
    assert api.post("bot/stop/", {**named, "reason": "once more"}, status=202) == first


def test_a_session_that_a_host_runs_is_only_asked(api: Asker, furnished: Owned) -> None:
    BotSession.objects.filter(pk=furnished.running.pk).update(
        owner="host", lease_until=timezone.now() + timedelta(minutes=1)
    )
    assert api.post("bot/stop/", status=202)["status"] == "running"


def test_with_several_the_one_must_be_named(api: Asker, furnished: Owned) -> None:
    new_session(new_account(user=furnished.user, name="second"))
    assert "session_id" in api.refused("bot/stop/", {})


def test_with_none_there_is_nothing_to_stop(api: Asker) -> None:
    assert "session_id" in api.refused("bot/stop/", {})


def test_a_session_is_named_by_a_number(api: Asker) -> None:
    for session_id in [0, -1, "1", 1.0, True, None, 2**63, 10**40]:
        assert "session_id" in api.refused("bot/stop/", {"session_id": session_id})


def test_a_stranger_stops_nothing(stranger: Asker, furnished: Owned) -> None:
    stranger.post("bot/stop/", {"session_id": furnished.running.pk}, status=404)
    assert stranger.refused("bot/stop/", {})
    furnished.running.refresh_from_db()
    assert furnished.running.desired_status == SessionStatus.RUNNING


def test_the_status_adds_the_live_sessions_up(api: Asker, furnished: Owned) -> None:
    other = new_session(new_account(user=furnished.user, name="second"))
    BotSession.objects.filter(pk=other.pk).update(start_equity=5_000_000, equity=6_500_000)
    unvalued = new_session(new_account(user=furnished.user, name="third"))
    BotSession.objects.filter(pk=unvalued.pk).update(start_equity=7)
    status = api.get("bot/status/")
    assert (status["running"], status["live_sessions"]) == (True, 3)
    assert [session["id"] for session in status["sessions"]] == [unvalued.pk, other.pk, furnished.running.pk]
    [totals] = status["totals"]
    assert (totals["sessions"], totals["valued"], totals["quote_token"]["symbol"]) == (3, 2, "DOLLAR")
    assert (totals["equity"]["raw"], totals["start_equity"]["raw"]) == ("10006499995", "10005000000")
    assert (totals["result"]["raw"], totals["result"]["text"]) == ("1499995", "1.499995")


def test_without_a_session_nothing_runs(api: Asker) -> None:
    assert api.get("bot/status/") == {"running": False, "live_sessions": 0, "totals": [], "sessions": []}


def test_one_session_is_shown_also_when_it_has_ended(api: Asker, furnished: Owned) -> None:
    [session] = api.get(f"bot/status/?session_id={furnished.ended.pk}")["sessions"]
    assert (session["id"], session["status"], session["end_reason"]) == (furnished.ended.pk, "ended", "done")


def test_the_status_tells_how_far_behind_and_how_long_silent(api: Asker, furnished: Owned, alice: User) -> None:
    host = BotHost.objects.get(name="host")
    BotSession.objects.filter(pk=furnished.running.pk).update(
        owner="host", cursor_block=4, heartbeat_at=timezone.now() - timedelta(seconds=3)
    )
    [session] = api.get("bot/status/")["sessions"]
    assert (session["head_block"], session["blocks_behind"]) == (9, 5)
    assert session["host"] == {"id": host.pk, "alive": True}
    assert 3 <= session["heartbeat_age_seconds"] < 30
    assert "host/" not in str(session)


def test_bad_parameters_are_refused(api: Asker) -> None:
    for query in ["session_id=0", "session_id=x", "session_id=\u0661", "session_id=1&session_id=2", "a=1"]:
        api.get(f"bot/status/?{query}", status=400)


def test_a_stranger_sees_none_of_it(stranger: Asker, furnished: Owned) -> None:
    assert stranger.get("bot/status/")["sessions"] == []
    stranger.get(f"bot/status/?session_id={furnished.running.pk}", status=404)
