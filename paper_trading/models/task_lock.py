from django.db import models


class TaskLock(models.Model):
    """Held by one run of a periodic task until ``until``, judged by the database's clock."""

    name = models.CharField(max_length=80, primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
