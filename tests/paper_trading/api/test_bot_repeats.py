"""A request that is sent again with its key comes to what it came to the first time."""

import pytest

from paper_trading.models import BotHost, BotSession, SessionRequest
from tests.paper_trading.api.asking import Asker

pytestmark = pytest.mark.usefixtures("host")
KEY = {"Idempotency-Key": "once"}


def end(pk: int) -> None:
    BotSession.objects.filter(pk=pk).update(status="ended")


def test_a_start_that_is_sent_again_starts_nothing_even_once_its_session_has_ended(api: Asker) -> None:
    first = api.post("bot/start/", status=202, headers=KEY)
    end(first["session_id"])
    again = api.post("bot/start/", status=202, headers=KEY)
    assert (again["session_id"], again["created"], again["status"]) == (first["session_id"], False, "ended")
    assert BotSession.objects.count() == 1


def test_a_key_does_not_stand_for_two_different_starts(api: Asker) -> None:
    api.post("bot/start/", {"intel": 5}, status=202, headers=KEY)
    error = api.post("bot/start/", {"intel": 9}, status=400, headers=KEY)["error"]
    assert "Idempotency-Key" in error["fields"]
    assert BotSession.objects.get().intel_level == 5


def test_a_start_without_a_key_or_with_another_one_is_a_new_one(api: Asker) -> None:
    first = api.post("bot/start/", status=202, headers=KEY)
    end(first["session_id"])
    second = api.post("bot/start/", status=202, headers={"Idempotency-Key": "twice"})
    end(second["session_id"])
    third = api.post("bot/start/", status=202)
    assert len({one["session_id"] for one in (first, second, third)}) == 3


def test_a_start_that_found_a_session_running_is_that_session_for_good(api: Asker) -> None:
    running = api.post("bot/start/", status=202)
    api.post("bot/start/", status=202, headers=KEY)
    end(running["session_id"])
    assert api.post("bot/start/", status=202, headers=KEY)["session_id"] == running["session_id"]


def test_a_stop_that_is_sent_again_ends_no_other_session(api: Asker) -> None:
    first = api.post("bot/start/", {"account": "one"}, status=202)["session_id"]
    assert api.post("bot/stop/", status=202, headers=KEY)["session_id"] == first
    end(first)
    second = api.post("bot/start/", {"account": "two"}, status=202)["session_id"]
    assert api.post("bot/stop/", status=202, headers=KEY)["session_id"] == first
    assert BotSession.objects.get(pk=second).desired_status == "running"


def test_the_key_of_another_user_means_nothing(api: Asker, stranger: Asker) -> None:
    mine = api.post("bot/start/", status=202, headers=KEY)["session_id"]
    assert stranger.post("bot/start/", status=202, headers=KEY)["session_id"] != mine
    assert SessionRequest.objects.count() == 2


@pytest.mark.parametrize("path", ["bot/start/", "bot/stop/"])
@pytest.mark.parametrize("key", ["", "with space", "x" * 81, "caf\u00e9"])
def test_a_key_that_is_none_is_refused(api: Asker, path: str, key: str) -> None:
    api.post(path, status=400, headers={"Idempotency-Key": key})


def test_a_start_is_told_again_also_while_nothing_could_run(api: Asker) -> None:
    first = api.post("bot/start/", status=202, headers=KEY)["session_id"]
    BotHost.objects.all().delete()
    assert api.post("bot/start/", status=202, headers=KEY)["session_id"] == first


def test_a_key_does_not_stand_for_two_stops(api: Asker) -> None:
    first, second = (api.post("bot/start/", {"account": name}, status=202)["session_id"] for name in ("one", "two"))
    api.post("bot/stop/", {"session_id": first}, status=202, headers=KEY)
    api.post("bot/stop/", {"session_id": second}, status=400, headers=KEY)
    assert BotSession.objects.get(pk=second).desired_status == "running"
