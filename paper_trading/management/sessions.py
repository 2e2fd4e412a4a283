"""What the commands about background sessions share: finding one, and showing it."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone
from rich.console import Console

from paper_trading.errors import WrongRequest
from paper_trading.models import BotSession, PaperTrade, TradeSide
from paper_trading.selectors.summary import summarise
from paper_trading.selectors.token_book import TokenBook
from paper_trading.terminal import json_lines
from paper_trading.terminal.summary import RunEnd
from paper_trading.terminal.words import amount, percent, plain
from trading.networks import network_of
from wallet.services.owner import get_user


def add_session_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("session", type=int, metavar="ID")
    parser.add_argument("--user", metavar="NAME", help="only if the session is this user's")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def find_session(session_id: int, username: str | None) -> BotSession:
    """Raises ``WrongRequest``."""
    found = BotSession.objects.select_related("account", "user").filter(pk=session_id)
    if username is not None:
        found = found.filter(user=get_user(username))
    session = found.first()
    if session is None:
        raise WrongRequest(f"there is no session {session_id}", "session")
    return session


class SessionLines:
    """A session's state and trades as lines of text, or of JSON."""

    def __init__(self, session: BotSession, *, as_json: bool) -> None:
        self._as_json = as_json
        self._chain_id = session.account.chain_id
        self._tokens = TokenBook()
        self._quote = self._token(session.account.quote_token)

    def state(self, session: BotSession) -> str:
        if self._as_json:
            return json_lines.line("status", **state_values(session, self._quote_money(session.equity)))
        return plain(f"PAPER  {describe(session)}{self._worth(session)}")

    def trade(self, trade: PaperTrade) -> str:
        token_in, token_out = self._token(trade.token_in), self._token(trade.token_out)
        got = 0 if trade.amount_out is None else trade.amount_out
        if self._as_json:
            return json_lines.line(
                "trade",
                trade=trade.pk,
                side=trade.side,
                status=trade.status,
                block=trade.block_number,
                amount_in=json_lines.money(trade.amount_in, token_in),
                amount_out=json_lines.money(trade.amount_out, token_out),
                reason=trade.revert_reason,
            )
        reason = f": {trade.revert_reason}" if trade.revert_reason else ""
        moved = f"{amount(trade.amount_in, token_in)} for {amount(got, token_out)}"
        bought = token_out if trade.side == TradeSide.BUY else token_in
        return plain(
            f"PAPER  block {trade.block_number or trade.decided_block}  {trade.side} "
            f"{bought.symbol or bought.address}  {trade.status}  {moved}{reason}"
        )

    def outcome(self, session: BotSession) -> None:
        """Prints what the session made, as a foreground run does at its end."""
        network = network_of(self._chain_id)
        end = RunEnd(
            session=session,
            summary=summarise(session),
            quote=self._quote,
            native_symbol="" if network is None else network.native_symbol,
            equity=session.equity,
            holding=None,
        )
        if self._as_json:
            print(json_lines.line("summary", **end.values()), flush=True)
        elif session.started_block is None:
            print(plain(f"PAPER  session {session.pk} {session.status} before its first block: {session.end_reason}"))
        else:
            Console(soft_wrap=True).print(end.rich())

    def _worth(self, session: BotSession) -> str:
        if session.equity is None:
            return ""
        made = (
            ""
            if session.start_equity is None
            else (f" ({percent(session.equity - session.start_equity, session.start_equity)})")
        )
        return f"  equity {amount(session.equity, self._quote)}{made}"

    def _quote_money(self, units: int | None) -> Any:
        return json_lines.money(units, self._quote)

    def _token(self, address: str) -> Any:
        key = (self._chain_id, address)
        return self._tokens.load([key]).token(*key)


def describe(session: BotSession) -> str:
    """One line without its worth."""
    named = f" {session.name!r}" if session.name else ""
    at = "" if session.cursor_block is None else f"  block {session.cursor_block}"
    why = f"  ({session.end_reason or session.last_error})" if session.end_reason or session.last_error else ""
    return (
        f"session {session.pk}{named}  {session.status}  {session.chain}  level {session.intel_level}  "
        f"account {session.account.name} of {session.user.username}{at}{_age(session)}{why}"
    )


def state_values(session: BotSession, equity: Any) -> dict[str, Any]:
    return {
        "session": session.pk,
        "name": session.name,
        "task": session.task_id,
        "status": session.status,
        "reason": session.end_reason,
        "last_error": session.last_error,
        "chain": session.chain,
        "account": session.account_id,
        "intel": session.intel_level,
        "block": session.cursor_block,
        "equity": equity,
        "heartbeat_at": None if session.heartbeat_at is None else session.heartbeat_at.isoformat(),
        "host": session.owner,
    }


def _age(session: BotSession) -> str:
    """Says so where a session should run and no host was heard of for some seconds."""
    if not session.is_live or session.heartbeat_at is None:
        return "" if not session.is_live else "  no host yet"
    seconds = (timezone.now() - session.heartbeat_at).total_seconds()
    return f"  no host for {seconds:.0f} s" if seconds > 10 else ""
