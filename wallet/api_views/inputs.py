"""What the endpoints of this app take."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.inputs import Input, Line, Pattern, WholeNumber
from api.permissions import SCOPES
from wallet.addresses import PATTERN
from wallet.services.api_tokens import MOST_DAYS, MOST_NAME
from wallet.services.challenges import MOST_MESSAGE
from wallet.services.signatures import MOST_SIGNATURE
from wallet.services.step_up import ACTIONS, MOST_PARAMETERS
from wallet.services.wallets import MOST_LABEL

MOST_BOOTSTRAP = 100
MOST_CHAIN_ID = 2**53 - 1


class AddressField(Pattern):
    """An address of any case; ``wallet.addresses`` gives it its checksum."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(rf"^{PATTERN}$", max_length=42, **kwargs)


class MessageField(serializers.CharField):
    """A message as it was given out, with its line breaks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_MESSAGE, trim_whitespace=False, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)


class SignatureField(Line):
    """0x hex. The service says what is wrong with one; a contract wallet's is long."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_SIGNATURE, trim_whitespace=False, **kwargs)


class ChallengeInput(Input):
    address = AddressField()
    chain_id = WholeNumber(min_value=1, max_value=MOST_CHAIN_ID)


class VerifyInput(Input):
    """``bootstrap`` is the token of the link that the first ``make run`` printed."""

    message = MessageField()
    signature = SignatureField()
    bootstrap = Pattern(r"^[A-Za-z0-9_-]{1,100}$", max_length=MOST_BOOTSTRAP, required=False)


class SignedInput(Input):
    message = MessageField()
    signature = SignatureField()


class TokenInput(Input):
    """``days`` until it expires; null or left out: never."""

    name = Line(max_length=MOST_NAME)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES), min_length=1, max_length=len(SCOPES))
    days = WholeNumber(min_value=1, max_value=MOST_DAYS, required=False, allow_null=True, default=None)


class WatchInput(Input):
    address = AddressField()
    label = Line(max_length=MOST_LABEL, required=False, default="", allow_blank=True)  # type: ignore[assignment]


class LabelInput(Input):
    label = Line(max_length=MOST_LABEL, allow_blank=True)  # type: ignore[assignment]


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]})
class ParameterField(serializers.Field[Any, Any, Any, Any]):
    """A text, a whole number or a truth value."""

    def to_internal_value(self, data: Any) -> Any:
        if type(data) not in (str, int, bool):
            raise serializers.ValidationError("a text, a whole number, or true or false")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class StepUpInput(Input):
    """``parameters`` are what the action shall be done with, exactly."""

    action = serializers.ChoiceField(choices=list(ACTIONS))
    parameters = serializers.DictField(child=ParameterField(), required=False, default=dict)

    def validate_parameters(self, value: dict[str, Any]) -> dict[str, Any]:
        if len(value) > MOST_PARAMETERS:
            raise serializers.ValidationError(f"at most {MOST_PARAMETERS}")
        return value
