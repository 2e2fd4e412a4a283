"""Checked reading of one TOML table; every complaint names the file and the key."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from eth_utils.address import is_address, is_checksum_address, is_checksum_formatted_address

from chain.errors import ConfigurationError
from chain.hexes import checksum
from dex.types import Address


class Fields:
    """Takes keys out of ``table`` one by one; ``finish`` complains about those that nobody asked for."""

    def __init__(self, table: Mapping[str, Any], place: str) -> None:
        self.place = place
        self._table = dict(table)

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str) or value == "":
            raise self._wrong(key, "a text")
        return value

    def choice(self, key: str, choices: Sequence[str]) -> str:
        value = self._take(key)
        if value not in choices:
            raise self._wrong(key, "one of " + ", ".join(choices))
        return str(value)

    def integer(self, key: str, *, least: int, most: int | None = None) -> int:
        return self._in_range(key, self._take(key), least, most)

    def integers(self, key: str, *, least: int, most: int) -> tuple[int, ...]:
        values = self._take(key)
        if not isinstance(values, list) or not values:
            raise self._wrong(key, "a list of integers")
        return tuple(self._in_range(key, value, least, most) for value in values)

    def positive(self, key: str) -> float:
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value <= 0:
            raise self._wrong(key, "a number above 0")
        return float(value)

    def address(self, key: str) -> Address:
        value = self._take(key)
        if not isinstance(value, str) or not is_address(value):
            raise self._wrong(key, "an address of 20 bytes in hex")
        if is_checksum_formatted_address(value) and not is_checksum_address(value):
            raise self._wrong(key, "an address with a valid EIP-55 checksum")
        return checksum(value)

    def tables(self, key: str, *, single: bool = False) -> list["Fields"]:
        """The tables under ``key``; none where it is absent."""
        value = self._table.pop(key, {} if single else [])
        if single:
            value = [value] if value else []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self._wrong(key, "a table" if single else "a list of tables")
        return [Fields(one, f"{self.place}: {key}[{i}]") for i, one in enumerate(value)]

    def finish(self) -> None:
        if self._table:
            raise ConfigurationError(f"{self.place}: unknown key {min(self._table)}")

    def _take(self, key: str) -> Any:
        if key not in self._table:
            raise ConfigurationError(f"{self.place}: {key} is missing")
        return self._table.pop(key)

    def _in_range(self, key: str, value: Any, least: int, most: int | None) -> int:
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or value < least
            or (most is not None and value > most)
        ):
            raise self._wrong(key, f"an integer of at least {least}" + ("" if most is None else f" and at most {most}"))
        return value

    def _wrong(self, key: str, wanted: str) -> ConfigurationError:
        return ConfigurationError(f"{self.place}: {key} must be {wanted}")
