"""The money that a new session would begin with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chain.networks import Network
from dex.types import Token
from paper_trading.selectors.token_book import TokenBook
from paper_trading.selectors.wallets import balances
from paper_trading.services.accounts import newest_account
from paper_trading.services.control import StartRequest
from paper_trading.services.deposits import deposits_of
from paper_trading.services.sessions import live_session
from paper_trading.tokens import NATIVE


class Kind(StrEnum):
    """How the account stands: it is made by the start, waits to be opened by its first session, is there with its
    money, or was on an instance of the chain that is gone and is opened anew."""

    NEW = "new"
    UNOPENED = "unopened"
    OPEN = "open"
    ANEW = "anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """``cash`` is base units of the quote token and ``gas`` wei; ``held`` are the other tokens, which are taken over as
    positions. ``session`` is the live one of the account, whatever else is asked for."""

    name: str
    kind: Kind
    cash: int
    gas: int
    held: Sequence[tuple[Token, int]]
    session: int | None = None
    problem: str = ""


def stake_of(request: StartRequest, chain_key: str) -> Stake:
    """``chain_key`` is the instance of the chain that is followed, "" where none is known."""
    network = request.network
    account = newest_account(user_id=request.user.pk, chain_id=network.chain_id, name=request.account_name)
    if account is None:
        return _stake(request, Kind.NEW, _deposits(network, request.deposits))
    if not account.is_opened:
        kind, amounts = Kind.UNOPENED, _deposits(network, account.deposits)
    elif chain_key in ("", account.chain_key):
        kind, amounts = Kind.OPEN, balances(account)
    else:
        kind, amounts = Kind.ANEW, _deposits(network, account.deposits)
    session, problem = live_session(account), ""
    if account.closed_at is not None:
        problem = f"Account {account.name} is closed."
    elif request.deposits:
        problem = f"There is an account {account.name} already: choose it above, or take another name."
    return _stake(request, kind, amounts, session=None if session is None else session.pk, problem=problem)


def _deposits(network: Network, texts: Sequence[str]) -> dict[str, int]:
    return {str(token): amount for token, amount in deposits_of(network, texts).items()}


def _stake(
    request: StartRequest, kind: Kind, amounts: Mapping[str, int], *, session: int | None = None, problem: str = ""
) -> Stake:
    network = request.network
    others = {
        token: amount for token, amount in amounts.items() if token not in (NATIVE, network.quote_token) and amount > 0
    }
    book = TokenBook().load((network.chain_id, token) for token in others)
    return Stake(
        name=request.account_name,
        kind=kind,
        cash=amounts.get(network.quote_token, 0),
        gas=amounts.get(NATIVE, 0),
        held=[(book.token(network.chain_id, token), amount) for token, amount in others.items()],
        session=session,
        problem=problem,
    )
