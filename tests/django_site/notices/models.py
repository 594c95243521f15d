from django.conf import settings
from django.db import models


class Prompt(models.Model):
    """A question that an editor puts to a panel."""

    talk = models.CharField(max_length=64)
    text = models.TextField()
    # Without a constraint: apps without migrations get their tables before the others.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, db_constraint=False
    )
    remark = models.TextField(blank=True)  # for the editors alone

    class Meta:
        app_label = "notices"

    def __str__(self) -> str:
        return self.text
