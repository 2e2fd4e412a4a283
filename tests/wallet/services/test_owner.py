import pytest

from chain.errors import ConfigurationError
from wallet.services.owner import get_user, local_owner


def test_the_local_owner_is_created_once_and_without_a_password(db: None) -> None:
    owner = local_owner()
    assert owner == local_owner()
    assert not owner.has_usable_password()


def test_a_password_given_to_the_owner_later_stays(db: None) -> None:
    owner = local_owner()
    owner.set_password("correct horse")
    owner.save()
    assert local_owner().has_usable_password()


def test_an_unknown_user_is_one_clear_line(db: None) -> None:
    with pytest.raises(ConfigurationError, match="there is no user 'mallory'"):
        get_user("mallory")
