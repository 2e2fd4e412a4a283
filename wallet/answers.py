"""How this app's errors are answered."""

from api.errors import register_error
from wallet.errors import (
    ChallengeOver,
    LastWallet,
    NotAllowed,
    StepUpNeeded,
    TicketRefused,
    UnknownLogin,
    UnknownTokenError,
    UnknownWallet,
    WalletTaken,
    WrongSignature,
)


def register_errors() -> None:
    for refused in (ChallengeOver, WrongSignature, NotAllowed):
        register_error(refused, status=403, code=refused.code)
    for unknown in (UnknownLogin, UnknownTokenError, UnknownWallet):
        register_error(unknown, status=404, code="not_found")
    register_error(WalletTaken, status=409, code="wallet_exists")
    register_error(LastWallet, status=409, code="last_wallet")
    register_error(StepUpNeeded, status=403, code="step_up_needed")
    register_error(TicketRefused, status=403, code="ticket_refused")
