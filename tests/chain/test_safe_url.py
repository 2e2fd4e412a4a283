"""What a user may have us ask: every notation of an address that is not public is refused before anything is sent."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.safe_url import UnsafeUrl, is_public, read_url

NOT_OURS = [
    # other schemes, and what is no URL
    *("", "example.org", "//example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/"),
    *("HTTP://example.org/", "http:example.org", "http:///example.org", "http://", "https://?x", "http://:80/"),
    *("javascript://example.org/", "ws://example.org/", "data:text/plain,x", " http://example.org/"),
    # user and password, fragments, tricks with delimiters
    *("http://user@example.org/", "http://user:pw@example.org/", "http://example.org@127.0.0.1/"),
    *("http://127.0.0.1#@example.org/", "http://example.org/#x", "http://example.org\\@127.0.0.1/"),
    *("http://127.0.0.1\\.example.org/", "http://example.org:80:22/", "http://example.org:/x:y@z:@a"),
    *("http://example.org\t/", "http://exam\nple.org/", "http://example.org/\r\nHost: x", "http://example.org/ x"),
    # other ports
    *("http://example.org:22/", "http://example.org:0/", "https://example.org:6379/", "http://example.org:65616/"),
    *("http://example.org:99999/", "http://example.org:٨٠/", "http://example.org:+80/", "http://example.org:-80/"),
    # one number, octal, hexadecimal, and short forms of 127.0.0.1
    *("http://2130706433/", "http://017700000001/", "http://0x7f000001/", "http://0x7F.1/", "http://0x7f.0.0.0x1/"),
    *("http://127.1/", "http://127.0.1/", "http://0177.0.0.1/", "http://0127.0.0.1/", "http://127.0.0.01/"),
    *("http://127.0.0.0x1/", "http://127.0.0.1./", "http://0/", "http://00/", "http://0x/", "http://1.2.3.4.5/"),
    *("http://256.0.0.1/", "http://1.2.3.999/", "http://1..2.3/", "http://127.0.0.256/"),
    # other alphabets, encoded hosts
    *("http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://１27.0.0.1/", "http://exämple.org/", "http://%31%32%37.1/"),  # noqa: RUF001
    *("http://example%2eorg/", "http://example.org%00.evil/", "http://exa\u00admple.org/"),
    # names that are none on the internet
    *("http://localhost/", "http://LOCALHOST/", "http://redis/", "http://example.org./", "http://.example.org/"),
    *("http://example..org/", "http://-example.org/", "http://example-.org/", "http://exam_ple.org/"),
    "http://" + "a" * 64 + ".org/",
    "http://" + "a." * 126 + "toolong.example/",
    "http://example.org/" + "a" * 2048,
    # IPv6 that is none
    *("http://[::1", "http://::1/", "http://[]/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/"),
    *("http://[::ffff:127.0.0.1.]/", "http://[1:2]/", "http://[v1.fe80::a]/"),
]

NOT_PUBLIC = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255"),  # noqa: S104
    *("127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192"),
    *("192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:9.9.9.9", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::909:909", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:4136:e378::1"),
    *("2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:909:909::1", "2620:4f:8000::1", "3fff::1", "5f00::1"),
    *("fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1", "4000::1"),
]

PUBLIC = ["9.9.9.9", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "223.255.255.255"]
PUBLIC += ["2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888", "2620:fe::fe"]


@pytest.mark.parametrize("url", NOT_OURS)
def test_what_is_not_plainly_a_web_address_is_refused(url: str) -> None:
    with pytest.raises(UnsafeUrl) as refused:
        read_url(url)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_what_is_not_on_the_internet_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_on_the_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://hooks.example.org/T0/B0/xyz?wait=1&a=%20b", "hooks.example.org", 443),
        ("http://Example.ORG", "example.org", 80),
        ("http://example.org:443/", "example.org", 443),
        ("https://xn--exmple-cua.org?x", "xn--exmple-cua.org", 443),
        ("http://9.9.9.9/", "9.9.9.9", 80),
        ("http://[2620:00FE::fe]/", "2620:fe::fe", 80),
    ],
)
def test_a_web_address_says_where_it_leads(url: str, host: str, port: int) -> None:
    target = read_url(url)
    assert (target.host, target.port) == (host, port)


def test_what_is_shown_of_a_target_has_no_path() -> None:
    assert "canary" not in repr(read_url("https://example.org/canary?key=canary"))


@given(
    st.text(max_size=60) | st.text(alphabet="http:/@[].0127xfe%#?\\-", max_size=40).map(lambda text: "http://" + text)
)
def test_any_text_is_a_target_or_refused(text: str) -> None:
    try:
        target = read_url(text)
    except UnsafeUrl:
        return
    assert target.port in (80, 443)
    assert set(target.host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-:")


@given(st.ip_addresses(v=4))
def test_wrapped_in_ipv6_no_address_is_public(address: IPv4Address) -> None:
    """Compatible, mapped, NAT64, 6to4."""
    inner = int(address)
    for wrapped in (inner, 0xFFFF << 32 | inner, 0x64FF9B << 96 | inner, 0x2002 << 112 | inner << 80):
        assert not is_public(IPv6Address(wrapped))
