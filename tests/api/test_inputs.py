from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from api.inputs import Flag, Input, Line, WholeNumber


class Order(Input):
    name = Line(max_length=10)
    size = WholeNumber(min_value=1, max_value=10, required=False)
    paused = Flag(required=False)


def errors(data: Any) -> dict[str, Any]:
    serializer = Order(data=data)
    assert not serializer.is_valid()
    return dict(serializer.errors)


def test_what_fits_is_taken() -> None:
    serializer = Order(data={"name": "a", "size": 10, "paused": False})
    serializer.is_valid(raise_exception=True)
    assert serializer.validated_data == {"name": "a", "size": 10, "paused": False}


def test_a_field_that_is_not_named_is_refused() -> None:
    assert set(errors({"name": "a", "nmae": "b"})) == {"nmae"}


@pytest.mark.parametrize("size", ["5", 5.0, True, 0, 11, None, [5], "\u0665", 10**30])
def test_a_whole_number_is_a_json_number_within_bounds(size: object) -> None:
    assert set(errors({"name": "a", "size": size})) == {"size"}


@pytest.mark.parametrize("name", [1, True, None, ["a"], "a\nb", "a\x7f", "", "x" * 11])
def test_a_line_is_one_line_of_text(name: object) -> None:
    assert set(errors({"name": name})) == {"name"}


@pytest.mark.parametrize("paused", ["true", 1, 0, "yes", None])
def test_a_flag_is_true_or_false(paused: object) -> None:
    assert set(errors({"name": "a", "paused": paused})) == {"paused"}


@pytest.mark.parametrize("data", [[], "text", 5, None])
def test_a_body_that_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(ValidationError):
        Order(data=data).is_valid(raise_exception=True)
