"""Signatures for single actions: what a stolen session alone must not be able to do.

The wallet shows the action and its parameters in plain words, and signs them together with a digest of their exact
values. What it allows can be done once, within two minutes, from the login that asked.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from wallet.digests import digest_of
from wallet.errors import LoginRefused, StepUpNeeded, WrongStepUp
from wallet.models import LoginChallenge, LoginSession, Purpose, StepUp
from wallet.services.challenges import Step, issue_step_up_challenge
from wallet.services.events import note
from wallet.services.login import Proof, prove

ACTIONS = {
    "start_live_trading": "start live trading",
    "raise_limit": "raise a limit",
    "withdraw": "withdraw",
}
"""Names for programs with the words that the wallet shows."""

VALID = timedelta(minutes=2)
RESOURCE = "urn:dexproject:step-up:sha256:{digest}"
MOST_PARAMETERS = 12
MOST_INTEGER = 2**256
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
# No character that separates parameters, so that no value can pass for another parameter.
_TEXT = re.compile(r"[A-Za-z0-9 ._~@/+-]{1,100}", re.ASCII)

Parameters = Mapping[str, str | int | bool]


def ask_step_up(
    *, login: LoginSession, action: str, parameters: Parameters, origin: str, now: datetime
) -> LoginChallenge:
    """The message to sign for ``action`` with exactly these ``parameters``. Raises ``WrongStepUp``.

    Parameters are whole numbers, truth values, and text of letters, digits, spaces and ``._~@/+-``.
    """
    _check(action, parameters)
    step = Step(
        login=login,
        action={"name": action, "parameters": dict(parameters)},
        statement=statement_of(action, parameters),
        resources=[RESOURCE.format(digest=parameters_digest(action, parameters))],
    )
    return issue_step_up_challenge(step=step, origin=origin, now=now)


def grant_step_up(*, login: LoginSession, proof: Proof) -> StepUp:
    """What the signature in ``proof`` allows. Raises ``ChallengeOver`` and ``WrongSignature``."""
    try:
        challenge = prove(proof, purpose=Purpose.STEP_UP, binding=login.key_digest)
    except LoginRefused as error:
        note("step_up_refused", refused=True, reason=error.code, user=login.user.username, login=login.pk)
        raise
    action, parameters = _asked(challenge)
    now = timezone.now()
    granted = StepUp.objects.create(
        user=login.user,
        login_session=login,
        action=action,
        parameters_digest=parameters_digest(action, parameters),
        granted_at=now,
        expires_at=now + VALID,
    )
    note("step_up_granted", user=login.user.username, login=login.pk, action=action, step_up=granted.pk)
    return granted


def use_step_up(*, login: LoginSession, action: str, parameters: Parameters) -> None:
    """Takes the one permission that was signed for exactly this; raises ``StepUpNeeded`` where there is none.

    Call it in the transaction that does the action: what is undone gives the permission back.
    """
    wanted = Q(
        user=login.user_id,
        login_session=login,
        login_session__revoked_at=None,
        action=action,
        parameters_digest=parameters_digest(action, parameters),
        used_at=None,
        expires_at__gt=Now(),
    )
    for pk in StepUp.objects.filter(wanted).order_by("pk").values_list("pk", flat=True):
        # Without a join: Postgres looks again at the row that it waited for, but not at a subquery.
        if StepUp.objects.filter(pk=pk, used_at=None, expires_at__gt=Now()).update(used_at=Now()) == 1:
            note("step_up_used", user=login.user.username, login=login.pk, action=action, step_up=pk)
            return
    note("step_up_missing", refused=True, user=login.user.username, login=login.pk, action=action)
    raise StepUpNeeded(f"sign with your wallet to {ACTIONS.get(action, action)}")


def statement_of(action: str, parameters: Parameters) -> str:
    """
    >>> statement_of("withdraw", {"to": "0x5aAe", "amount": "1.5 WETH"})
    'Allow your trading bot to withdraw, once. amount: 1.5 WETH; to: 0x5aAe'
    """
    listed = "; ".join(f"{name}: {_shown(parameters[name])}" for name in sorted(parameters))
    return f"Allow your trading bot to {ACTIONS[action]}, once. {listed}".strip()


def parameters_digest(action: str, parameters: Parameters) -> str:
    """SHA-256 of the action and its parameters as JSON with sorted keys: 1, "1" and true are three things."""
    return digest_of(json.dumps([action, dict(parameters)], sort_keys=True, separators=(",", ":")))


def _asked(challenge: LoginChallenge) -> tuple[str, Parameters]:
    if challenge.action is None:
        raise WrongStepUp("this message names no action")
    return challenge.action["name"], challenge.action["parameters"]


def _check(action: str, parameters: Parameters) -> None:
    if action not in ACTIONS:
        raise WrongStepUp(f"there is no such action; there are: {', '.join(ACTIONS)}")
    if len(parameters) > MOST_PARAMETERS:
        raise WrongStepUp(f"an action has at most {MOST_PARAMETERS} parameters")
    for name, value in parameters.items():
        if _NAME.fullmatch(name) is None:
            raise WrongStepUp("a parameter's name has up to 40 small letters, digits and underscores")
        if not _is_value(value):
            raise WrongStepUp(f"{name}: a whole number, true, false, or up to 100 letters, digits, spaces or ._~@/+-")


def _is_value(value: object) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return -MOST_INTEGER < value < MOST_INTEGER
    return isinstance(value, str) and _TEXT.fullmatch(value) is not None


def _shown(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
