"""From words that an owner gave to an account made or reset; everything wrong is named with its field."""

from collections.abc import Mapping

from django.contrib.auth.models import User

from paper_trading.models import PaperAccount
from paper_trading.services.accounts import create_account, reset_at_head
from paper_trading.services.deposits import deposit_texts, deposits_of
from paper_trading.services.start_request import blaming, requested_network


def create_requested(*, user: User, name: str, chain: str, deposits: Mapping[str, str]) -> PaperAccount:
    """``deposits`` are whole tokens by symbol. Raises ``WrongRequest`` and ``AccountExistsError``."""
    network = requested_network(chain)
    texts = deposit_texts(deposits)
    with blaming("deposits"):
        deposits_of(network, texts)
    return create_account(user=user, name=name, network=network, deposits=texts)


def reset_requested(*, account: PaperAccount, deposits: Mapping[str, str]) -> PaperAccount:
    """The usual deposits, but what ``deposits`` name. Raises ``WrongRequest`` and what ``reset_at_head`` raises."""
    network = requested_network(str(account.chain_id))
    with blaming("deposits"):
        amounts = deposits_of(network, deposit_texts(deposits))
    return reset_at_head(account=account, deposits={str(token): amount for token, amount in amounts.items()})
