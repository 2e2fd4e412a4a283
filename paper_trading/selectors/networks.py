"""The networks by name and id, and what a chain is called in answers."""

from trading.networks import network_of, networks

__all__ = ["chain_name", "network_of", "networks"]


def chain_name(chain_id: int) -> str:
    """The network's name, the number itself where no file names it any more."""
    network = network_of(chain_id)
    return str(chain_id) if network is None else network.name
