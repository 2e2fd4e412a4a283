"""How what goes wrong in the services is answered, beyond what the API knows by itself."""

from api.errors import register_error
from chain.errors import HistoryUnavailable, WrongChain
from paper_trading.errors import (
    AccountExistsError,
    BackgroundUnavailable,
    SessionNotRunning,
    SessionStillOpenError,
)
from paper_trading.services.accounts import AccountClosed, ChainNotFollowed
from paper_trading.services.verify_trade import NothingToVerify


def register_errors() -> None:
    """Called once, where the addresses are made."""
    register_error(AccountExistsError, status=409, code="account_exists")
    register_error(AccountClosed, status=409, code="account_closed")
    register_error(SessionStillOpenError, status=409, code="session_still_open")
    register_error(SessionNotRunning, status=409, code="session_not_running")
    register_error(ChainNotFollowed, status=409, code="chain_not_followed")
    register_error(NothingToVerify, status=409, code="nothing_to_verify")
    register_error(WrongChain, status=409, code="wrong_chain")
    register_error(HistoryUnavailable, status=503, code="history_unavailable")
    register_error(BackgroundUnavailable, status=503, code="background_unavailable")
