"""Every operation of the schema, asked with what the schema allows and with what it does not.

Deterministic: the same schema gives the same requests. No answer may be a 5xx, or other than the schema says. That what
the schema allows is also accepted is no rule here: a schema does not know which tokens there are.
"""

import zlib
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from chain.devnet.devnet import Devnet
from dexproject.docs import document
from paper_trading.models import (
    BotSession,
    Decision,
    PaperAccount,
    PaperTrade,
    Position,
    SessionCommand,
)
from tests.api.world import furnish
from tests.support.api_client import user_named
from wallet.services.api_tokens import create_token

EXAMPLES = 5
MOST_ID = 2**63 - 1
OWNED = {
    "sessions": BotSession,
    "accounts": PaperAccount,
    "trades": PaperTrade,
    "positions": Position,
    "decisions": Decision,
    "commands": SessionCommand,
}
KNOWN_TOKENS = ("WETH", "USDC", "FLUX")

pytestmark = [pytest.mark.django_db, pytest.mark.anvil, pytest.mark.slow]

schema = schemathesis.openapi.from_dict(document())
schema.app = get_wsgi_application()


@pytest.fixture
def secret(stepped_devnet: Devnet, settings: Any) -> str:
    settings.RPC_URLS = [stepped_devnet.url]
    settings.API_REQUESTS_PER_CLIENT = settings.API_REQUESTS_PER_TOKEN = None
    user = user_named("alice")
    furnish(user)
    return create_token(user=user, name="fuzz", scopes=["read", "trade"]).secret


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_the_schema_says(case: Any, secret: str) -> None:
    anchor(case)
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, excluded_checks=[positive_data_acceptance])


def anchor(case: Any) -> None:
    """Most made-up ids and tokens become ones that are there, or hardly a request would get past the look-up."""
    kind = case.path.removeprefix("/paper-trading/api/").partition("/")[0]
    parts = [(case.path_parameters, {"id": kind}), (case.query, {"session": "sessions", "account": "accounts"})]
    for values, kinds in parts:
        for name, owned in kinds.items():
            if values and owned in OWNED and _may_be_id(values.get(name)):
                values[name] = _id_of(owned, values[name])
    for values in (case.query, case.body):
        for name in ("token", "token_in", "token_out"):
            if isinstance(values, dict) and isinstance(values.get(name), str):
                values[name] = _token_of(values[name])


def _may_be_id(value: object) -> bool:
    """What breaks the schema must stay as it is."""
    return type(value) is int and 0 <= value <= MOST_ID


def _id_of(kind: str, made_up: int) -> int:
    ids = [*OWNED[kind].objects.order_by("pk").values_list("pk", flat=True)[:4], made_up]
    return int(ids[made_up % len(ids)])


def _token_of(made_up: str) -> str:
    choices = (*KNOWN_TOKENS, made_up)
    return choices[zlib.crc32(made_up.encode(errors="replace")) % len(choices)]
