from collections.abc import Iterable, Sequence

from django.conf import settings

from api.errors import ApiError
from chain.devnet.endpoint import running_url
from chain.networks import Network

LOCAL_CHAIN = "devnet"


def node_urls(networks: Iterable[Network]) -> Sequence[str]:
    """The nodes that are set, else the local chain where one runs and is among ``networks``; raises ``ApiError`` (503)
    where there is none."""
    if settings.RPC_URLS:
        return list(settings.RPC_URLS)
    names = [network.name for network in networks]
    url = running_url(settings.VAR_DIR / LOCAL_CHAIN) if LOCAL_CHAIN in names else None
    if url is None:
        message = f"no node of {' or '.join(names)}: RPC_URL names none, and no local chain runs"
        raise ApiError(503, "node_unavailable", message)
    return [url]
