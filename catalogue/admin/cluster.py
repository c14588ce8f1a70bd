"""The clusters, the main list of the workplace."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import BaseInlineFormSet
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalogue.admin.actions import DecisionActions
from catalogue.admin.decisions import decide, decisions_for
from catalogue.admin.declared import with_declared_fields
from catalogue.admin.filters import (
    ConfirmedFilter,
    LoyalFilter,
    PriorityFilter,
    RulesFilter,
    StatusFilter,
    VerticalFilter,
)
from catalogue.admin.forms import ClusterForm
from catalogue.admin.lists import ClusterColumns, disagreement, rules_table
from catalogue.admin.map import cluster_by_slug, staff_map
from catalogue.admin.priority import PriorityList
from catalogue.models import Cluster, ClusterFigure, ShowcaseItem, SocialLink
from catalogue.priority import active_rules, explain
from catalogue.services.sources import changed_vocabularies, from_staff, note_sources
from workplace.staff_admin import StaffAdmin


class LabelledFormSet(BaseInlineFormSet):
    """Rows whose box for deletion says what it is."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name the box."""
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = "Delete"


class LabelledInline(admin.TabularInline):
    """Rows in a table whose inputs have the names of their columns, for those who do not see these."""

    formset = LabelledFormSet

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Return the field with its name."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs.setdefault("aria-label", str(db_field.verbose_name))
        return field


class FigureInline(LabelledInline):
    """Figures that no field of the profile holds."""

    model = ClusterFigure
    extra = 0


class ShowcaseInline(LabelledInline):
    """Events, projects, initiatives, labels and networks on the profile."""

    model = ShowcaseItem
    extra = 0
    verbose_name = "showcase item"
    verbose_name_plural = "showcase: events, projects, initiatives, labels, networks"


class SocialLinkInline(LabelledInline):
    """Links to social networks on the profile."""

    model = SocialLink
    extra = 0


#: The field of the profile that the rows of an inline are.
INLINES: dict[type[Model], str] = {
    ClusterFigure: "figures", ShowcaseItem: "showcase_items", SocialLink: "social_links",
}  # fmt: skip


@admin.register(Cluster)
class ClusterAdmin(ClusterColumns, DecisionActions, StaffAdmin):
    """Every known cluster, published or not."""

    form = ClusterForm
    list_display = [
        "name", "country", "status_badge", "decision", "rules_in_short", "members_known", "confirmed_on",
    ]  # fmt: skip
    list_filter = [
        StatusFilter, PriorityFilter, RulesFilter, ConfirmedFilter, LoyalFilter,
        "core_cybersecurity", "quality_label", VerticalFilter, ("country", admin.RelatedOnlyFieldListFilter),
    ]  # fmt: skip
    actions = ["publish", "archive", "make_priority", "remove_priority"]
    autocomplete_fields = ["country", "region", "terms", "target_markets", "successor", "partner"]
    readonly_fields = [
        "status_now", "decision", "decision_reason", "rules_explained", "logo_now", "founded_in",
        "public_id", "published_at", "created_at", "updated_at",
    ]  # fmt: skip
    service_fields = ("status", "published_at", "is_priority", "priority_reason")
    inlines = [FigureInline, ShowcaseInline, SocialLinkInline]
    fieldsets = with_declared_fields([
        (
            "Who it is",
            {"fields": [
                "name", "acronym", "former_names", "slug", "status_now", "founded", "successor",
                "logo", "logo_now",
            ]},
        ),
        (
            "Priority",
            {
                "fields": ["decision", "decision_reason", "rules_explained"],
                "description": "Staff decides, the rules explain. The buttons above change the decision.",
            },
        ),
        (
            "Where it is",
            {
                "fields": [
                    "country", "region", "place", "place_local_name", ("latitude", "longitude", "precision"),
                ],
                "description": "Latitude, longitude and precision go together: all three or none.",
            },
        ),
        (
            "What it does",
            {"fields": [
                "summary", "description", "benefits", "terms", "core_cybersecurity", "target_markets",
            ]},
        ),
        ("How to reach it", {"fields": ["website", "email", "phone", "contact_email"]}),
        (
            "Members and staff",
            {
                "fields": [
                    ("members", "members_qualifier", "members_as_of"),
                    ("members_sme", "members_large", "members_research", "members_public"),
                    "staff",
                ],
                "description": "“at least 500” is not more than 500: the rules take the word seriously.",
            },
        ),
        ("Quality", {"fields": ["quality_label", "quality_evidence", "quality_expires_on", "confirmed_on"]}),
        (
            "For the consortium only",
            {"fields": ["is_collaborator", "loyal_position", "partner", "found_via", "found_on", "note"]},
        ),
        (
            "Record",
            {"classes": ["collapse"], "fields": ["public_id", "published_at", "created_at", "updated_at"]},
        ),
    ])  # fmt: skip

    # --- addresses ---

    def get_urls(self) -> list[URLPattern]:
        """Add the priority view, the page that asks before a decision, and logos."""
        wrap = self.admin_site.admin_view
        priority_list = PriorityList(Cluster, self.admin_site)
        return [
            path("priority/", wrap(priority_list.changelist_view), name="catalogue_cluster_priority"),
            path("by-slug/<slug:slug>/", wrap(cluster_by_slug), name="catalogue_cluster_by_slug"),
            path("map/", wrap(partial(staff_map, admin_site=self.admin_site)), name="catalogue_cluster_map"),
            path(
                "decide/<slug:key>/",
                wrap(partial(decide, admin_site=self.admin_site)),
                name="catalogue_cluster_decide",
            ),
            path("<int:pk>/logo/", wrap(self.logo_view), name="catalogue_cluster_logo"),
            *super().get_urls(),
        ]

    def logo_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """Give out the logo of any cluster to staff who may see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        cluster = get_object_or_404(Cluster.objects.exclude(logo=""), pk=pk)
        try:
            response = FileResponse(cluster.logo.open("rb"))
        except FileNotFoundError as error:
            raise Http404("The file of this logo is missing.") from error
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Add the buttons for what may be decided on this cluster."""
        cluster = kwargs.get("obj")
        if cluster and cluster.pk:
            context["decisions"] = decisions_for(request, cluster)
            context["show_delete"] = cluster.status != Cluster.Status.PUBLISHED
        return super().render_change_form(request, context, *args, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Cluster | None = None) -> list[Any]:
        """Leave out what does not apply: a logo where there is none, and for readers the file behind it.

        Readers also see the year of foundation as a year, not as a number with a comma.
        """
        (title, options), *others = super().get_fieldsets(request, obj)
        names = list(options["fields"])
        if obj is not None and not self.has_change_permission(request, obj):
            names = ["founded_in" if name == "founded" else name for name in names if name != "logo"]
        if obj is None or not obj.logo:
            names = [name for name in names if name != "logo_now"]
        if obj is None:  # nothing is decided on a cluster that is not there yet
            names.remove("status_now")
            others = [section for section in others if section[0] not in ("Priority", "Record")]
        return [(title, {**options, "fields": names}), *others]

    def view_on_site(self, cluster: Cluster) -> str | None:
        """Lead to the profile, if there is a public one."""
        # A refused form may have left the slug empty.
        is_public = cluster.status == Cluster.Status.PUBLISHED and cluster.slug
        return cluster.get_absolute_url() if is_public else None

    # --- saving ---

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Note staff as the source of what this save changed."""
        super().save_related(request, form, formsets, change)
        names = {name for name in form.changed_data if name != "terms"}
        if "terms" in form.changed_data:
            names |= changed_vocabularies(form.initial.get("terms", ()), form.cleaned_data["terms"])
        names |= {INLINES[formset.model] for formset in formsets if formset.has_changed()}
        note_sources(cluster=form.instance, names=names, source=from_staff())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Protect published clusters: a public profile does not just vanish, it is archived."""
        to_delete, counts, lacking, protected = super().get_deleted_objects(objs, request)
        published = [cluster for cluster in objs if cluster.status == Cluster.Status.PUBLISHED]
        return (
            to_delete,
            counts,
            lacking,
            [*protected, *(f"{cluster.name} is published: archive it instead." for cluster in published)],
        )

    # --- what is shown ---

    @admin.display(description="rules")
    def rules_in_short(self, cluster: Any) -> SafeString:
        """Name the rules that are met, and mark a decision that differs."""
        met = ", ".join(result.label for result in cluster.rule_results if result.is_met) or "none met"
        words = disagreement(cluster)
        note = format_html('<span class="disagree">{}</span>', words) if words else ""
        return format_html("{}{}", met, note)

    @admin.display(description="status")
    def status_now(self, cluster: Cluster) -> SafeString:
        """Show the status; services change it."""
        return self.status_badge(cluster)

    @admin.display(description="founded in")
    def founded_in(self, cluster: Cluster) -> str:
        """Show the year."""
        return str(cluster.founded or "")

    @admin.display(description="logo now")
    def logo_now(self, cluster: Cluster) -> SafeString | str:
        """Show the logo, published or not."""
        if not cluster.logo:
            return ""
        address = reverse("admin:catalogue_cluster_logo", args=[cluster.pk])
        return format_html('<img class="logo" src="{}" alt="Logo of {}">', address, cluster.name)

    @admin.display(description="reason for the decision")
    def decision_reason(self, cluster: Cluster) -> str:
        """Show why staff decided so."""
        return cluster.priority_reason

    @admin.display(description="rules")
    def rules_explained(self, cluster: Cluster) -> SafeString | str:
        """Show every rule with its reason, once the cluster is stored."""
        return rules_table(explain(cluster, active_rules())) if cluster.pk else ""
