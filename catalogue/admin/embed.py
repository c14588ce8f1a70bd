"""The sites that may show filtered lists in a frame."""

from django.contrib import admin

from catalogue.models import EmbedOrigin
from workplace.staff_admin import StaffAdmin


@admin.register(EmbedOrigin)
class EmbedOriginAdmin(StaffAdmin):
    """Sites allowed to embed."""

    list_display = ["origin", "note"]
    search_fields = ["origin", "note"]
