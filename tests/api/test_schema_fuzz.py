"""Every operation of the schema, asked with what the schema allows and with what it does not.

Deterministic: the same schema gives the same requests. No answer may be a 5xx, or other than the schema says. That what
the schema allows is also accepted is no rule here: a schema does not know which tokens there are.
"""

import zlib
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from chain.devnet.devnet import Devnet
from dexproject.docs import document
from tests.api.walk import BOT, OWNED, Kind
from tests.api.world import furnish
from tests.support.api_client import user_named
from tests.support.browser import as_headers, logged_in
from wallet.services.api_tokens import create_token

EXAMPLES = 5
EXAMPLES_OF_A_LOGIN = 3
"""It goes the same ways as a token, but for what no token may do."""
MOST_ID = 2**63 - 1
KNOWN_TOKENS = ("WETH", "USDC", "FLUX")

pytestmark = [pytest.mark.django_db, pytest.mark.anvil, pytest.mark.slow]

schema = schemathesis.openapi.from_dict(document())
schema.app = get_wsgi_application()


@pytest.fixture
def alice(stepped_devnet: Devnet, settings: Any) -> User:
    settings.RPC_URLS = [stepped_devnet.url]
    settings.API_REQUESTS_PER_CLIENT = settings.API_REQUESTS_PER_TOKEN = None
    settings.LOGIN_REQUESTS_PER_CLIENT = settings.LOGIN_REQUESTS_PER_ADDRESS = None
    furnish(user_named("alice"))
    return user_named("alice")


@pytest.fixture
def secret(alice: User) -> str:
    return create_token(user=alice, name="fuzz", scopes=["read", "trade"]).secret


@pytest.fixture
def cookies(alice: User) -> dict[str, str]:
    """The headers of a browser that alice logged in with; some operations end that login, and the rest meets 401."""
    return as_headers(logged_in(alice))


def examples(most: int) -> Any:
    return settings(
        max_examples=most,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@schema.parametrize()
@examples(EXAMPLES)
def test_every_answer_is_as_the_schema_says(case: Any, secret: str) -> None:
    anchor(case)
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, excluded_checks=[positive_data_acceptance])


@schema.parametrize()
@examples(EXAMPLES_OF_A_LOGIN)
def test_every_answer_to_a_login_is_too(case: Any, cookies: dict[str, str]) -> None:
    anchor(case)
    case.call_and_validate(headers=cookies, excluded_checks=[positive_data_acceptance])


def anchor(case: Any) -> None:
    """Most made-up ids and tokens become ones that are there, or hardly a request would get past the look-up."""
    own = next((kind for prefix, kind in OWNED.items() if case.path.startswith(f"/{prefix}")), None)
    named = {"session": OWNED[f"{BOT}sessions/"], "account": OWNED[f"{BOT}accounts/"]}
    for values, kinds in ((case.path_parameters, {"id": own}), (case.query, named)):
        for name, kind in kinds.items():
            if values and kind is not None and _may_be_id(values.get(name)):
                values[name] = _id_of(kind, values[name])
    for values in (case.query, case.body):
        for name in ("token", "token_in", "token_out"):
            if isinstance(values, dict) and isinstance(values.get(name), str):
                values[name] = _token_of(values[name])


def _may_be_id(value: object) -> bool:
    """What breaks the schema must stay as it is."""
    return type(value) is int and 0 <= value <= MOST_ID


def _id_of(kind: Kind, made_up: int) -> int:
    ids = [*kind.ids(user_named("alice"))[:4], made_up]
    return int(ids[made_up % len(ids)])


def _token_of(made_up: str) -> str:
    choices = (*KNOWN_TOKENS, made_up)
    return choices[zlib.crc32(made_up.encode(errors="replace")) % len(choices)]
