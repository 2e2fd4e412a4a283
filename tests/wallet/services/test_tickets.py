from datetime import timedelta

import pytest
from django.utils import timezone

from tests.support.api_client import user_named
from tests.wallet.browser import logged_in
from wallet.errors import TicketRefused
from wallet.models import ApiToken, LoginSession, SocketTicket
from wallet.services.api_tokens import create_token, revoke_token
from wallet.services.login_sessions import end_logins
from wallet.services.tickets import issue_ticket, redeem_ticket, still_admitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def login() -> LoginSession:
    logged_in(user_named("alice"))
    return LoginSession.objects.get()


@pytest.fixture
def token() -> ApiToken:
    return create_token(user=user_named("bob"), name="feed", scopes=["read"]).token


def ticket(auth: LoginSession | ApiToken) -> str:
    return issue_ticket(auth=auth, now=timezone.now()).secret


def refused(secret: str) -> bool:
    try:
        redeem_ticket(secret=secret, now=timezone.now())
    except TicketRefused:
        return True
    return False


def test_a_ticket_says_whose_it_is_and_what_he_may(login: LoginSession, token: ApiToken) -> None:
    by_login = redeem_ticket(secret=ticket(login), now=timezone.now())
    by_token = redeem_ticket(secret=ticket(token), now=timezone.now())
    assert (by_login.user, by_login.login, by_login.scopes) == (login.user, login, {"read", "trade"})
    assert (by_token.user, by_token.token, by_token.scopes) == (token.user, token, {"read"})


def test_a_ticket_is_used_once(login: LoginSession) -> None:
    secret = ticket(login)
    assert [refused(secret), refused(secret)] == [False, True]


def test_a_ticket_is_good_for_thirty_seconds(login: LoginSession) -> None:
    now = timezone.now()
    assert issue_ticket(auth=login, now=now).expires_at == now + timedelta(seconds=30)
    late = issue_ticket(auth=login, now=now - timedelta(seconds=31))
    assert refused(late.secret)


@pytest.mark.parametrize("secret", ["", "x", "x" * 100_000])
def test_a_guess_opens_nothing(login: LoginSession, secret: str) -> None:
    ticket(login)
    assert refused(secret)


def test_a_ticket_of_a_login_that_ended_opens_nothing(login: LoginSession) -> None:
    secret = ticket(login)
    end_logins([login], now=timezone.now())
    assert refused(secret)


def test_a_ticket_of_a_token_that_was_revoked_opens_nothing(token: ApiToken) -> None:
    secret = ticket(token)
    revoke_token(user=token.user, token_id=token.pk)
    assert refused(secret)


def test_an_open_socket_learns_that_its_login_has_ended(login: LoginSession, token: ApiToken) -> None:
    here = [redeem_ticket(secret=ticket(auth), now=timezone.now()) for auth in (login, token)]
    assert all(still_admitted(one, now=timezone.now()) for one in here)
    end_logins([login], now=timezone.now())
    revoke_token(user=token.user, token_id=token.pk)
    assert not any(still_admitted(one, now=timezone.now()) for one in here)


def test_the_secret_is_kept_nowhere(login: LoginSession) -> None:
    secret = ticket(login)
    assert secret not in " ".join(str(value) for value in SocketTicket.objects.values_list().get())


def test_old_ones_are_swept_out(login: LoginSession) -> None:
    issue_ticket(auth=login, now=timezone.now() - timedelta(hours=2))
    ticket(login)
    assert SocketTicket.objects.count() == 1
