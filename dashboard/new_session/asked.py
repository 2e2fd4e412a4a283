"""What the form asks for, judged by the API's own inputs: the page sends the same JSON here that it starts with."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from rest_framework.exceptions import APIException

from api.errors import handle
from api.inputs import checked
from api.parsers import parse_json
from dex.errors import DexError
from paper_trading.api_views.bot_inputs import StartInput, requested_start
from paper_trading.services.control import StartRequest
from paper_trading.services.start_request import DEFAULT_LEVEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``request`` is None where it cannot be; ``problems`` are the API's lines by field, "" for those of none."""

    request: StartRequest | None
    problems: Mapping[str, Sequence[str]]


def asked_of(user: User, text: str) -> Asked:
    """``text`` is the body of ``bot/start/``."""
    try:
        wanted = checked(parse_json(text.encode()), StartInput)
        return Asked(request=requested_start(user, wanted), problems={})
    except (APIException, DexError) as error:
        answer = handle(error, {})
        if answer is None or answer.data is None:
            raise
        told = answer.data["error"]
        return Asked(request=None, problems=told["fields"] or {"": [told["message"]]})


def untouched(*, chain: str, account: str) -> str:
    """What the form asks for before anything is changed in it."""
    return json.dumps({"chain": chain, "account": account, "intel": DEFAULT_LEVEL})
