"""Whose bot it is."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from wallet.errors import UnknownUserError, WrongUserName

LOCAL_OWNER = "owner"
MOST_NAME = 150


def local_owner() -> User:
    """The user of the machine that the bot runs on, created at first use; nobody can log in as it with a password."""
    owner, created = User.objects.get_or_create(username=LOCAL_OWNER)
    if created:
        owner.set_unusable_password()
        owner.save(update_fields=["password"])
    return owner


def make_user(username: str) -> User:
    """A new user, who logs in with a wallet only. Raises ``WrongUserName``, also where somebody has the name."""
    try:
        User.username_validator(username)
        if len(username) > MOST_NAME or User.objects.filter(username=username).exists():
            raise WrongUserName(f"{username!r} is taken, or longer than {MOST_NAME} characters")
    except ValidationError as error:
        raise WrongUserName(f"{username!r} is no user name: {error.message}") from error
    return User.objects.create_user(username)


def get_user(username: str) -> User:
    """Raises UnknownUserError."""
    try:
        return User.objects.get(username=username)
    except User.DoesNotExist as error:
        raise UnknownUserError(f"there is no user {username!r}") from error
