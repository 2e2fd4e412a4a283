"""Compute one trade again from a node that is at hand now."""

import asyncio
from collections.abc import Sequence

from asgiref.sync import async_to_sync
from django.conf import settings

from chain.client import ChainClient
from chain.devnet.endpoint import running_url
from chain.errors import ConfigurationError, NodeUnavailable, WrongChain
from chain.node_source import NodeSource
from paper_trading.models import FillReceipt, PaperTrade
from paper_trading.services.accounts import RECORDING_KEY
from paper_trading.services.chain_readers import NodeReader
from paper_trading.services.verify import Verdict, verify_receipt
from paper_trading.services.verify_all import receipts_on
from trading.networks import network_of

NODE_SECONDS, LONGEST_SECONDS = 5.0, 20.0


class NothingToVerify(ConfigurationError):
    """The trade has no standing receipt that a node could be asked about."""


def verify_trade(trade: PaperTrade) -> list[Verdict]:
    """A verdict for each standing receipt of ``trade`` (loaded with its account).

    Raises ``NothingToVerify``, ``WrongChain`` where the node serves another chain or another instance of it, and
    ``Retryable`` errors while no node answers.
    """
    account = trade.account
    if account.chain_key.startswith(RECORDING_KEY):
        raise NothingToVerify(f"trade {trade.pk} was made on a recording: verify_trade --recording computes it again")
    if not trade.is_booked:
        raise NothingToVerify(f"trade {trade.pk} is {trade.status}: there is no fill to compute again")
    receipts = receipts_on(account.chain_key, trade_id=trade.pk)
    return async_to_sync(_verify)(receipts, account.chain_key, _urls())


def _urls() -> Sequence[str]:
    if settings.RPC_URLS:
        return list(settings.RPC_URLS)
    url = running_url(settings.VAR_DIR / "devnet")
    if url is None:
        raise NodeUnavailable("no node is set and the local chain does not run")
    return [url]


async def _verify(receipts: Sequence[FillReceipt], chain_key: str, urls: Sequence[str]) -> list[Verdict]:
    network = network_of(receipts[0].chain_id)
    if network is None:
        raise NothingToVerify(f"no network file names chain {receipts[0].chain_id}")
    client = ChainClient(urls, timeout=NODE_SECONDS)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await client.check_chain_id(network.chain_id)
            genesis = await client.block(0)
            if genesis is None or genesis.hash != chain_key:
                raise WrongChain(f"node {client.node} serves another instance of {network.name} than the trade's")
            reader = NodeReader(NodeSource(client, network))
            return [await verify_receipt(receipt, reader) for receipt in receipts]
    except TimeoutError:
        raise NodeUnavailable(f"node {client.node} took longer than {LONGEST_SECONDS:g} seconds") from None
    finally:
        await client.close()
