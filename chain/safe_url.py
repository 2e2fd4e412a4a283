"""URLs that a user gave, read strictly, and the addresses that they may lead to (server-side request forgery)."""

import re
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

from chain.errors import ConfigurationError

IPAddress = IPv4Address | IPv6Address

USUAL_PORTS = frozenset({80, 443})
MOST_URL = 2_048
_PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-fA-F:.]{2,45}\]|[0-9A-Za-z.-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
    r"(?:[/?][A-Za-z0-9/?:@!$&'()*+,;=._~%-]*)?",
    re.ASCII,
)
_LABEL = re.compile(r"(?!-)[0-9a-z-]{1,63}(?<!-)", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)

# https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast; not Python's list, which grew by version.
_NOT_PUBLIC_4 = [
    IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # answers machines of Azure alone, about themselves
    )
]
# Of IPv6 only global unicast is public. Out of it: protocol assignments with Teredo, documentation, 6to4, AS112.
# NAT64, IPv4-mapped, local, link-local and multicast addresses are none of it.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = [
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]


class UnsafeUrl(ConfigurationError):
    """The URL is none that we ask: its form, its port, or an address that is not on the public internet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a URL leads; ``host`` is lower case, an IPv6 address without brackets."""

    url: str = field(repr=False)
    host: str
    port: int


def is_public(address: IPAddress) -> bool:
    """Whether ``address`` is on the public internet, however the addresses in it are wrapped.

    >>> from ipaddress import ip_address
    >>> is_public(ip_address("9.9.9.9")), is_public(ip_address("::ffff:9.9.9.9")), is_public(ip_address("10.0.0.1"))
    (True, False, False)
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _GLOBAL_UNICAST and not any(address in network for network in _NOT_PUBLIC_6)


def read_url(text: str, *, ports: frozenset[int] = USUAL_PORTS) -> Target:
    """Raises ``UnsafeUrl`` for all but ``http(s)://host[:port][/path][?query]`` in ASCII.

    The host is a name with a dot in it, an IPv6 address in brackets, or an IPv4 address of four decimal numbers.
    """
    found = _URL.fullmatch(text) if len(text) <= MOST_URL else None
    if found is None:
        raise UnsafeUrl("a URL looks like https://host/path: no user, no fragment, nothing but ASCII")
    port = int(found["port"] or _PORTS[found["scheme"]])
    if port not in ports:
        raise UnsafeUrl(f"port {port} is not one of {', '.join(map(str, sorted(ports)))}")
    return Target(url=text, host=_host(found["host"].lower()), port=port)


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except AddressValueError:
            raise UnsafeUrl("the URL's host is no IPv6 address") from None
    labels = text.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # A name that ends in a number is an address in one of its many notations (WHATWG URL): one of them is ours.
        try:
            return str(IPv4Address(text))
        except AddressValueError:
            raise UnsafeUrl("an IPv4 address is four decimal numbers") from None
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise UnsafeUrl("the URL's host is no name on the public internet")
    return text
