"""The chains that a wallet may be on when it logs in: those that this installation knows."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from chain.networks import Network, load_networks


def login_networks() -> Mapping[int, Network]:
    """Every network of ``settings.NETWORKS_DIR`` by chain id, in their order; raises ``ConfigurationError``."""
    return _load(settings.NETWORKS_DIR)


@lru_cache(maxsize=8)
def _load(directory: Path) -> Mapping[int, Network]:
    known = sorted(load_networks(directory).values(), key=lambda network: network.chain_id)
    return {network.chain_id: network for network in known}
