"""The account and the session of a run: opened, or taken up again."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from paper_trading.bot.launch import LaunchError, Prepared, RunRequest, check, prepare
from paper_trading.bot.venue import Venue, VenueRequest, open_venue
from paper_trading.errors import SessionStillOpenError
from paper_trading.intelligence.intel_slider import IntelError, level
from paper_trading.models import BotSession, PaperAccount, SessionStatus
from paper_trading.selectors import balances, check_ledger
from paper_trading.services.leases import claim
from tests.support.small_recording import TOKEN0, three_blocks
from wallet.errors import UnknownUserError

DEPOSITS = ("WETH=3", "OP=0")


@pytest.fixture
def venue(db: None, tmp_path: Path) -> Venue:
    async def enter() -> Venue:
        request = VenueRequest(
            networks_dir=Path(settings.NETWORKS_DIR),
            rpc_urls=(),
            devnet_dir=Path("unused"),
            recording=three_blocks().write(tmp_path),
            deposits=DEPOSITS,
        )
        async with open_venue(request, lambda _: None) as venue:
            return venue

    return asyncio.run(enter())


def end(prepared: Prepared) -> None:
    BotSession.objects.filter(pk=prepared.session.pk).update(status=SessionStatus.ENDED)


def test_a_first_run_opens_an_account_with_the_deposits(venue: Venue) -> None:
    prepared = prepare(RunRequest(), venue)
    account = PaperAccount.objects.get()
    assert balances(account) == {TOKEN0: 3 * 10**18}
    assert (account.name, account.user.username, account.chain_key) == ("main", "owner", venue.scope.chain_key)
    assert prepared.session.account == account
    assert check_ledger(account) == []


def test_a_new_session_says_what_it_trades_on_and_how(venue: Venue) -> None:
    request = RunRequest(intel=3, overrides=("cooldown_blocks=7",), session_name="night")
    prepared = prepare(request, venue)
    session = BotSession.objects.get()
    assert (session.name, session.chain, session.recording) == ("night", "optimism", venue.recording)
    assert session.recording.endswith(venue.name.removeprefix("recording "))
    assert (session.intel_level, session.overrides) == (3, {"cooldown_blocks": 7})
    assert (prepared.settings.level, prepared.settings.cooldown_blocks, prepared.resumed) == (3, 7, False)


def test_the_level_is_eight_unless_the_user_says_otherwise(venue: Venue) -> None:
    assert prepare(RunRequest(), venue).settings == level(8)


def test_an_open_session_is_taken_up_again(venue: Venue) -> None:
    first = prepare(RunRequest(intel=3, overrides=("cooldown_blocks=7",)), venue)
    again = prepare(RunRequest(), venue)
    assert (again.session.pk, again.resumed, again.settings) == (first.session.pk, True, first.settings)
    assert BotSession.objects.count() == 1


def test_naming_the_same_settings_again_is_no_contradiction(venue: Venue) -> None:
    request = RunRequest(intel=3, overrides=("signals=trend,gas",))
    prepare(request, venue)
    assert prepare(request, venue).resumed is True


@pytest.mark.parametrize("request_", [RunRequest(intel=4), RunRequest(intel=3, overrides=("cooldown_blocks=7",))])
def test_an_open_session_keeps_its_settings(venue: Venue, request_: RunRequest) -> None:
    first = prepare(RunRequest(intel=3), venue)
    with pytest.raises(LaunchError, match=f"session {first.session.pk} is still open with other settings"):
        prepare(request_, venue)


def test_after_its_end_a_new_session_goes_on_with_the_same_money(venue: Venue) -> None:
    first = prepare(RunRequest(), venue)
    end(first)
    again = prepare(RunRequest(intel=2), venue)
    assert (again.resumed, again.session.account_id) == (False, first.session.account_id)
    assert again.session.pk != first.session.pk


def test_a_reset_starts_the_account_over(venue: Venue) -> None:
    end(prepare(RunRequest(), venue))
    prepare(RunRequest(reset=True), venue)
    account = PaperAccount.objects.get()
    assert (account.generation, balances(account)) == (2, {TOKEN0: 3 * 10**18})


def test_a_deposit_for_an_account_that_exists_is_refused(venue: Venue) -> None:
    end(prepare(RunRequest(deposits_given=True), venue))
    with pytest.raises(LaunchError, match="account 'main' has its money already: --deposit needs --reset"):
        prepare(RunRequest(deposits_given=True), venue)
    assert BotSession.objects.count() == 1
    prepare(RunRequest(deposits_given=True, reset=True), venue)
    assert PaperAccount.objects.get().generation == 2


def test_a_run_knows_what_its_account_was_opened_with_whatever_the_defaults_are(venue: Venue) -> None:
    later = replace(venue, scope=replace(venue.scope, deposits={TOKEN0: 10 * 10**18}))
    first, again = prepare(RunRequest(), venue), prepare(RunRequest(), later)
    assert (first.quote_deposit, again.quote_deposit) == (3 * 10**18, 3 * 10**18)
    end(again)
    assert prepare(RunRequest(reset=True), later).quote_deposit == 10 * 10**18


def test_an_account_is_not_reset_under_an_open_session(venue: Venue) -> None:
    prepare(RunRequest(), venue)
    with pytest.raises(SessionStillOpenError):
        prepare(RunRequest(reset=True), venue)


def test_accounts_of_other_names_and_users_are_their_own(venue: Venue) -> None:
    User.objects.create(username="bob")
    sessions = [
        prepare(request, venue).session
        for request in (RunRequest(), RunRequest(account_name="second"), RunRequest(username="bob"))
    ]
    assert len({session.account_id for session in sessions}) == 3


def test_an_unknown_user_is_refused(venue: Venue) -> None:
    with pytest.raises(UnknownUserError, match="there is no user 'nobody'"):
        prepare(RunRequest(username="nobody"), venue)


def test_a_run_ends_after_its_minutes(venue: Venue) -> None:
    before = timezone.now()
    ends_at = prepare(RunRequest(runtime_minutes=90), venue).ends_at
    assert ends_at is not None
    assert 5_400 <= (ends_at - before).total_seconds() < 5_500


def test_a_run_without_a_limit_takes_a_session_up_without_one(venue: Venue) -> None:
    prepare(RunRequest(runtime_minutes=90), venue)
    assert prepare(RunRequest(), venue).ends_at is None


@pytest.mark.parametrize("minutes", [0.0, -1.0, float("nan"), float("inf"), 60 * 24 * 366 + 1.0])
def test_a_runtime_that_cannot_be_is_refused(minutes: float) -> None:
    with pytest.raises(LaunchError, match="--runtime-minutes"):
        check(RunRequest(runtime_minutes=minutes))


@pytest.mark.parametrize("minutes", [None, 0.01, 60 * 24 * 366.0])
def test_a_runtime_that_can_be_is_accepted(minutes: float | None) -> None:
    check(RunRequest(runtime_minutes=minutes))


def test_a_session_name_fits_its_column() -> None:
    check(RunRequest(session_name="n" * 80))
    with pytest.raises(LaunchError, match="--session-name has at most 80 characters, not 81"):
        check(RunRequest(session_name="n" * 81))


@pytest.mark.parametrize(
    "text", ["cooldown_blocks", "cooldown_blocks=", "cooldown_blocks=1.5", "max_open_positions=-1"]
)
def test_an_override_is_a_field_and_a_whole_number(text: str) -> None:
    with pytest.raises(LaunchError, match="--set"):
        check(RunRequest(overrides=(text,)))


@pytest.mark.parametrize("texts", [("greed=9",), ("max_open_positions=0",), ("signals=trend,astrology",)])
def test_an_override_that_does_not_exist_is_refused(texts: tuple[str, ...]) -> None:
    with pytest.raises(IntelError):
        check(RunRequest(overrides=texts))


def test_signals_are_listed_with_commas(venue: Venue) -> None:
    prepared = prepare(RunRequest(overrides=("signals=trend, gas",)), venue)
    assert prepared.settings.signals == ("trend", "gas")


def instance(venue: Venue, key: str, network: str = "devnet") -> Venue:
    """``venue`` as if it were one instance of a live chain."""
    chain = replace(venue.scope.network, name=network, chain_id=31337)
    scope = replace(venue.scope, network=chain, chain_key=key, live=True)
    return replace(venue, scope=scope, recording="")


def test_a_new_local_chain_ends_what_was_open_on_the_one_before(venue: Venue) -> None:
    old = prepare(RunRequest(), instance(venue, "0x1")).session
    new = prepare(RunRequest(), instance(venue, "0x2"))
    old.refresh_from_db()
    assert (old.status, old.end_reason) == (SessionStatus.ENDED, "its local chain was put aside")
    [note] = new.notes
    assert note.startswith(f"session {old.pk} has ended: its local chain was put aside")
    assert prepare(RunRequest(), instance(venue, "0x2")).notes == []


@pytest.mark.parametrize(
    "other", [RunRequest(account_name="second"), RunRequest(username="bob")], ids=["other account", "other user"]
)
def test_a_new_local_chain_ends_only_sessions_of_its_own_account(venue: Venue, other: RunRequest) -> None:
    User.objects.create(username="bob")
    old = prepare(other, instance(venue, "0x1")).session
    assert prepare(RunRequest(), instance(venue, "0x2")).notes == []
    assert BotSession.objects.get(pk=old.pk).is_live


def test_a_session_that_a_process_runs_is_left_to_it(venue: Venue) -> None:
    old = prepare(RunRequest(), instance(venue, "0x1")).session
    claim(session_id=old.pk, owner="another machine/1")
    assert prepare(RunRequest(), instance(venue, "0x2")).notes == []
    assert BotSession.objects.get(pk=old.pk).is_live


def test_instances_of_any_other_chain_end_nothing(venue: Venue) -> None:
    old = prepare(RunRequest(), instance(venue, "0x1", "mainnet")).session
    assert prepare(RunRequest(), instance(venue, "0x2", "mainnet")).notes == []
    assert BotSession.objects.get(pk=old.pk).is_live


def test_a_recording_of_the_local_chain_is_left_open(venue: Venue) -> None:
    recorded = instance(venue, "recording:1")
    old = prepare(RunRequest(), replace(recorded, recording="folder")).session
    assert prepare(RunRequest(), instance(venue, "0x2")).notes == []
    assert BotSession.objects.get(pk=old.pk).is_live
