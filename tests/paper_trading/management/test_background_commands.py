"""What the commands about background sessions refuse and print; real workers are in tests/e2e."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from paper_trading.management.commands import follow_paper_bot
from paper_trading.models import BotHost, BotSession, SessionStatus
from wallet.services.owner import local_owner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def without_redis(settings: Settings) -> None:
    settings.REDIS_URL, settings.RPC_URLS = "", []


@pytest.fixture
def host() -> BotHost:
    return BotHost.objects.create(name="here/1", heartbeat_at=timezone.now() + timedelta(minutes=5))


def start(*options: object) -> BotSession:
    call_command("run_paper_bot", "--background", "--json", *map(str, options))
    return BotSession.objects.latest("pk")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--recording", "x"], "--recording does not go with --background: a recording is played in the foreground"),
        (["--blocks-per-second", "3"], "--blocks-per-second does not go with --background"),
        (["--reset"], "--reset does not go with --background"),
        (["--dashboard"], "--dashboard does not go with --background: `make web` serves it"),
        (["--seed", "8"], "--seed does not go with --background"),
        (["--block-time", "2"], "--block-time does not go with --background"),
        (["--intel", "11"], "11"),
        (["--tokens", "DOGE"], "unknown token 'DOGE'"),
        (["--set", "nonsense"], "FIELD=VALUE"),
        (["--runtime-minutes", "0"], "a runtime is above 0 minutes"),
        (["--runtime-minutes", "nan"], "a runtime is above 0 minutes"),
        (["--session-name", "n" * 81], "at most 80 characters"),
        (["--deposit", "USDC"], "SYMBOL=AMOUNT"),
        (["--deposit", "USDC=1", "--deposit", "USDC=2"], "each symbol once"),
        (["--chain", "nowhere"], "unknown chain 'nowhere'"),
        (["--user", "nobody"], "there is no user 'nobody'"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(host: BotHost, options: list[str], said: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("run_paper_bot", "--background", *options)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not BotSession.objects.exists()


def test_without_redis_and_host_it_says_what_is_missing() -> None:
    with pytest.raises(CommandError, match="background sessions need Redis and a worker: set REDIS_URL"):
        call_command("run_paper_bot", "--background")


@pytest.mark.django_db(transaction=True)
def test_a_session_is_handed_over_as_it_was_asked_for(host: BotHost, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--intel", 4, "--tokens", "WETH", "--set", "cooldown_blocks=7", "--runtime-minutes", 1.5]
    session = start(*asked, "--session-name", "evening", "--deposit", "USDC=500")
    line = json.loads(capsys.readouterr().out)
    assert (line["session"], line["task"], line["created"], line["warning"]) == (session.pk, session.task_id, True, "")
    assert (session.status, session.name, session.chain) == (SessionStatus.OPEN, "evening", "devnet")
    assert (session.intel_level, session.overrides, session.runtime) == (4, {"cooldown_blocks": 7}, 90)
    assert (len(session.tokens), session.account.deposits) == (1, ["USDC=500"])
    assert session.user == local_owner()


@pytest.mark.django_db(transaction=True)
def test_a_second_start_finds_the_first(host: BotHost, capsys: pytest.CaptureFixture[str]) -> None:
    first = start()
    capsys.readouterr()
    call_command("run_paper_bot", "--background")
    out = capsys.readouterr().out
    assert "was there already" in out
    assert f"manage.py stop_paper_bot {first.pk}" in out
    assert BotSession.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_session_that_no_host_has_is_stopped_at_once(host: BotHost, capsys: pytest.CaptureFixture[str]) -> None:
    session = start()
    capsys.readouterr()
    call_command("stop_paper_bot", str(session.pk), "--reason", "enough")
    assert capsys.readouterr().out == f"PAPER  session {session.pk} ended before its first block: enough\n"


@pytest.mark.django_db(transaction=True)
def test_a_session_that_does_not_end_in_time_is_said(host: BotHost) -> None:
    session = start()
    soon = timezone.now() + timedelta(minutes=1)
    BotSession.objects.update(owner="here/1", lease_until=soon, status=SessionStatus.RUNNING)
    with pytest.raises(CommandError, match="has not ended yet"):
        call_command("stop_paper_bot", str(session.pk), "--wait", "0.3")
    session.refresh_from_db()
    assert session.desired_status == SessionStatus.ENDED


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_while_following_leaves_the_session(
    host: BotHost, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = start()

    def pressed(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(follow_paper_bot.time, "sleep", pressed)
    call_command("follow_paper_bot", str(session.pk))
    told = capsys.readouterr()
    assert told.err == f"session {session.pk} goes on\n"
    assert f"session {session.pk}  open  devnet  level 8" in told.out
    session.refresh_from_db()
    assert session.is_live


def test_another_users_session_is_not_found(host: BotHost) -> None:
    local_owner()
    for command in ("stop_paper_bot", "follow_paper_bot"):
        with pytest.raises(CommandError, match="there is no session 7"):
            call_command(command, "7", "--user", "owner")


@pytest.mark.django_db(transaction=True)
def test_the_list_shows_living_sessions_and_hosts(host: BotHost, capsys: pytest.CaptureFixture[str]) -> None:
    session = start()
    capsys.readouterr()
    call_command("paper_bots", "--require-host")
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"PAPER  session {session.pk}  open  devnet  level 8  account main of owner  no host yet"
    assert second == "host here/1 with 0 sessions"
    call_command("stop_paper_bot", str(session.pk))
    capsys.readouterr()
    call_command("paper_bots")
    assert capsys.readouterr().out.splitlines()[0] == "no living session"
    call_command("paper_bots", "--all", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[0])["status"] == "ended"


def test_where_no_host_is_alive_the_list_can_fail() -> None:
    call_command("paper_bots")
    with pytest.raises(CommandError, match="no session host is alive"):
        call_command("paper_bots", "--require-host")
