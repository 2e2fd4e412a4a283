"""Whose bot it is."""

from django.contrib.auth.models import User

from wallet.errors import UnknownUserError

LOCAL_OWNER = "owner"


def local_owner() -> User:
    """The user of the machine that the bot runs on, created at first use; nobody can log in as it with a password."""
    owner, created = User.objects.get_or_create(username=LOCAL_OWNER)
    if created:
        owner.set_unusable_password()
        owner.save(update_fields=["password"])
    return owner


def get_user(username: str) -> User:
    """Raises UnknownUserError."""
    try:
        return User.objects.get(username=username)
    except User.DoesNotExist as error:
        raise UnknownUserError(f"there is no user {username!r}") from error
