import pytest

from dashboard.addresses import safe_next


@pytest.mark.parametrize("asked", ["/", "/account/", "/account/?a=1&b=%2F", "/paper-trading/api/trades/"])
def test_a_path_of_this_site_is_kept(asked: str) -> None:
    assert safe_next(asked, otherwise="/home/") == asked


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "account/",
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example/",
        " //evil.example/",
        "javascript:alert(1)",
        "/\u2028/evil.example",
        "/" + "a" * 2_000,
    ],
)
def test_everything_else_is_not(asked: str) -> None:
    assert safe_next(asked, otherwise="/home/") == "/home/"
