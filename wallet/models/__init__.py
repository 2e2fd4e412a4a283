from wallet.models.api_token import ApiToken
from wallet.models.bootstrap_token import BootstrapToken
from wallet.models.login_challenge import LoginChallenge, Purpose
from wallet.models.login_session import LoginSession
from wallet.models.socket_ticket import SocketTicket
from wallet.models.step_up import StepUp
from wallet.models.wallet import Wallet

__all__ = [
    "ApiToken",
    "BootstrapToken",
    "LoginChallenge",
    "LoginSession",
    "Purpose",
    "SocketTicket",
    "StepUp",
    "Wallet",
]
