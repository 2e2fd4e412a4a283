"""The chains that a session can trade on: one TOML file a chain.

A file holds ``name``, ``chain_id``, ``block_time`` (seconds), ``finality_blocks``, ``l1_fee`` ("none" or "op"),
``native_symbol``, ``wrapped_native``, ``quote_token``, optionally ``[clock]`` with ``first_block`` and
``first_timestamp``, the exchanges ``v2 = [{factory, router, fee_pips}]`` and ``v3 = [{factory, router, fee_tiers}]``,
at most one of each, and ``[[tokens]]`` with ``address``, ``symbol`` and ``decimals``: the only tokens that a bot may
buy.
"""

from chain.networks.loader import find_network, load_networks, read_network
from chain.networks.model import BlockClock, L1Fee, Network, V2Deployment, V3Deployment

__all__ = [
    "BlockClock",
    "L1Fee",
    "Network",
    "V2Deployment",
    "V3Deployment",
    "find_network",
    "load_networks",
    "read_network",
]
