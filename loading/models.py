"""What was loaded from files, so that loading again can distinguish staff's changes from those of the files."""

from django.db import models


class SourceRecord(models.Model):
    """The values that the loading command last wrote for one record of ``fixtures/``."""

    model = models.CharField(max_length=60, help_text="Lower-case label such as catalogue.cluster.")
    key = models.CharField(max_length=200, help_text="The record's key in its file.")
    object_id = models.CharField(max_length=60)
    values = models.JSONField()
    loaded_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["model", "key"]
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="%(app_label)s_%(class)s_unique_key")]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"
