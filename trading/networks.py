"""The network files, read once in the life of a process: they are part of how it was started."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from chain.networks import Network, load_networks


def networks() -> Mapping[str, Network]:
    """Every network of ``settings.NETWORKS_DIR`` by name; raises ``ConfigurationError``."""
    return _load(settings.NETWORKS_DIR)


def network_of(chain_id: int) -> Network | None:
    """The network with that chain id, None where no file names it any more."""
    return next((network for network in networks().values() if network.chain_id == chain_id), None)


def chain_name(chain_id: int) -> str:
    """What the chain is called in answers: the number itself where no file names it any more."""
    network = network_of(chain_id)
    return str(chain_id) if network is None else network.name


@lru_cache(maxsize=8)
def _load(directory: Path) -> Mapping[str, Network]:
    return load_networks(directory)
