"""Forms of the staff's pages of a cluster."""

from typing import Any

from django.contrib.admin.widgets import AdminFileWidget
from django.core.files.uploadedfile import UploadedFile

from catalogue.logos import clean_logo
from catalogue.models import Cluster
from workplace.staff_form import StaffForm


class LogoWidget(AdminFileWidget):
    """A file field without a link: logos have no address of their own."""

    template_name = "admin/widgets/logo.html"


class ClusterForm(StaffForm):
    """A cluster's fields, without those that only services change."""

    class Meta:
        model = Cluster
        exclude = ["is_priority", "priority_reason"]
        widgets = {"logo": LogoWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Let the slug stay empty: the model makes one from the name."""
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text += " Left empty, it is made from the name."

    def clean_logo(self) -> Any:
        """Store the picture alone, as the public form does."""
        file = self.cleaned_data.get("logo")
        return clean_logo(file) if isinstance(file, UploadedFile) else file

    def clean(self) -> dict[str, Any]:
        """Refuse to take away what a published profile must have."""
        cleaned = super().clean() or self.cleaned_data
        if self.instance.status == Cluster.Status.PUBLISHED and not cleaned.get("summary", "-").strip():
            self.add_error(
                "summary", "The cluster is published, so it needs a summary. Archive it first, or write one."
            )
        return cleaned
