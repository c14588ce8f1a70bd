from django.contrib.auth.models import User
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.utils import timezone

from catalogue.models import Cluster
from publicforms.models import LinkToken
from submissions.models import Submission


class Visit(models.Model):
    """Somebody of the consortium was at a cluster and met the person behind an address."""

    code = models.SlugField(unique=True)
    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="visits")
    submission = models.ForeignKey(Submission, models.SET_NULL, null=True, blank=True, related_name="+")
    visitor = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    visited_at = models.DateTimeField(default=timezone.now)
    email = models.EmailField(blank=True)
    note = models.TextField(blank=True)
    is_confirmed = models.BooleanField(default=False)
    links = GenericRelation(LinkToken)

    def __str__(self) -> str:
        return f"visit {self.code}"
