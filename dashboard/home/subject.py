"""What the first page is about: everything of its visitor, of which the sessions that run are read once."""

from dataclasses import dataclass
from functools import cached_property

from paper_trading.selectors.live import live_session_rows
from paper_trading.selectors.rows import Holder, Row, holder_of
from paper_trading.services.hosts import served_chains

MOST_CHAINS = 6


@dataclass(frozen=True, kw_only=True)
class Subject:
    """``live`` are rows of ``rows.SESSION``, the newest first."""

    user_id: int

    @cached_property
    def live(self) -> list[Row]:
        return live_session_rows(self.user_id)

    @cached_property
    def chains(self) -> list[str]:
        """Where they trade, and where hosts wait for the next one; of very many those of the newest."""
        return list(dict.fromkeys([*(row.chain for row in self.live), *served_chains()]))[:MOST_CHAINS]

    @cached_property
    def accounts(self) -> dict[int, Holder]:
        """Of the sessions that run, by their ids."""
        return {holder.pk: holder for holder in map(holder_of, self.live)}
