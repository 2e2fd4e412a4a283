"""What lists and single answers read of each kind: plain columns, since a model object costs more than the query.

A row is a named tuple with a column's lookup for each name; its last four values are the account it belongs to.
"""

from typing import Any, NamedTuple

Row = Any
"""A named tuple of one of the column lists below."""


class Holder(NamedTuple):
    """The account of a row."""

    pk: int
    name: str
    chain_id: int
    quote_token: str


def holder_of(row: Row) -> Holder:
    return Holder._make(row[-len(Holder._fields) :])


def _columns(names: str, account: str = "account") -> tuple[str, ...]:
    return (*names.split(), f"{account}_id", *(f"{account}__{name}" for name in Holder._fields[1:]))


TRADE = _columns(
    "id sequence session_id decision_id position_id side token_in token_out status disputed exit_reason revert_reason"
    " decided_block deadline block_number block_hash block_time amount_in amount_out quoted_out minimum_out"
    " pool_fee_quote impact_quote drift_quote gas_quote fee_paid gas_used created_at"
)
ACCOUNT = ("id", "chain_key", "address", "deposits", "generation", "created_at", "closed_at", *Holder._fields)
WHOLE_TRADE = ("plan", *TRADE)
RECEIPT = _columns(
    "id sequence trade_id trade__sequence account__address kind reverses status witness revert_reason chain_id"
    " block_number block_hash decision_block decision_hash sender router calldata token_in token_out amount_in"
    " amount_out minimum_out model_amount_out node_amount_out balance_in balance_out native_balance gas_used gas_source"
    " base_fee tip l1_fee fee_paid previous_hash hash created_at"
)
DECISION = _columns(
    "id session_id token block_number block_hash last_block repeats action code edge_bps confidence_pct reasons"
    " created_at",
    "session__account",
)
WHOLE_DECISION = ("readings", *DECISION)
POSITION = _columns(
    "id session_id token status quantity bought cost proceeds fees_quote peak_worth result exit_reason opened_block"
    " opened_at closed_block closed_at"
)
ENTRY = _columns(
    "id posting_id posting__kind posting__generation posting__block_number posting__block_hash posting__trade_id"
    " posting__reverses_id posting__created_at book token amount balance_after"
)
COMMAND = _columns("id session_id kind token amount key status reason trades created_at done_at", "session__account")
SESSION = _columns(
    "id name chain status desired_status foreground recording intel_level overrides tokens entries_paused runtime"
    " task_id owner heartbeat_at started_block cursor_block cursor_hash start_equity equity gas_quote failures retry_at"
    " last_error stop_reason end_reason created_at ends_at ended_at archived_at account__chain_key"
)
