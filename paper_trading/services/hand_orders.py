"""From words that an owner gave to a command that a running session can carry out."""

from django.contrib.auth.models import User

from chain.networks import find_network
from dex.amounts import parse_units
from paper_trading.errors import WrongRequest
from paper_trading.models import BotSession, CommandKind, SessionCommand
from paper_trading.services.control import order_by_hand
from paper_trading.services.start_request import blaming
from trading.networks import networks


def order_token(
    *,
    session: BotSession,
    user: User,
    kind: CommandKind,
    token: str,
    amount: str | None = None,
    amount_raw: int | None = None,
    key: str = "",
) -> SessionCommand:
    """``token`` is a symbol or an address; ``amount`` whole tokens of what is given, ``amount_raw`` the same in base
    units: the quote token for a buy, which needs one of the two, ``token`` for a sale, which sells all without.

    Raises ``WrongRequest`` with the field that does not fit, and what ``order_by_hand`` raises.
    """
    with blaming("token"):
        network = find_network(networks(), session.chain)
        wanted = network.token(token)
    if wanted.address == network.quote_token:
        raise WrongRequest(f"{wanted.symbol} is what tokens are bought with", "token")
    if amount is not None and amount_raw is not None:
        raise WrongRequest("give amount or amount_raw, not both", "amount_raw")
    given = network.token(network.quote_token) if kind == CommandKind.BUY else wanted
    units = amount_raw
    if amount is not None:
        with blaming("amount"):
            units = parse_units(amount, given.decimals)
    if units == 0 or (units is None and kind == CommandKind.BUY):
        raise WrongRequest(f"how much {given.symbol} to give is not said", "amount")
    return order_by_hand(session=session, user=user, kind=kind, token=wanted.address, amount=units, key=key)
