"""Facts about clusters that were found outside the portal: read, take over, mark as done or dismissed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from catalogue.models import Cluster, FactProposal
from catalogue.services.proposals import ProposalNotOpen, confirm_website, decide_proposal
from workplace.extensions import PageExtension, Panel

Status = FactProposal.Status


class StatusFilter(admin.SimpleListFilter):
    """Open ones, unless others are chosen."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the others and all."""
        return [(Status.DONE, "Done"), (Status.DISMISSED, "Dismissed"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Call the status without a choice what it is."""
        first, *others = super().choices(changelist)
        return [{**first, "display": "Open"}, *others]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep those of that status."""
        if self.value() == "all":
            return queryset
        return queryset.filter(status=self.value() if self.value() in Status.values else Status.OPEN)


class ProposalForm(forms.ModelForm):
    """What was done about a fact."""

    class Meta:
        model = FactProposal
        fields = ("status", "note")

    def clean(self) -> dict[str, Any]:
        """Ask for the reason of a dismissal, as the service does."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("status") == Status.DISMISSED and not str(cleaned.get("note", "")).strip():
            self.add_error("note", "Say why it is dismissed: colleagues will read it.")
        return cleaned


@admin.register(FactProposal)
class FactProposalAdmin(admin.ModelAdmin):
    """Facts to check: nothing of them is public before staff writes it into the profile."""

    change_list_template = "admin/catalogue/factproposal/change_list.html"
    form = ProposalForm
    list_display = ["fact", "cluster_page", "evidence_seen", "confidence", "decision"]
    as_cards = True  # on a phone
    list_filter = [StatusFilter, "kind", "confidence"]
    list_select_related = ["cluster", "decided_by"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["cluster__name", "cluster__acronym", "text", "evidence"]
    actions = None
    readonly_fields = ["cluster_page", "kind", "fact_text", "evidence_seen", "confidence", "decided_by", "decided_at"]
    fieldsets = [
        (None, {"fields": ["cluster_page", "kind", "fact_text", "evidence_seen", "confidence"]}),
        (
            "What was done about it",
            {
                "fields": ["status", "note", "decided_by", "decided_at"],
                "description": "This changes nothing on the profile: correct that first, then mark the fact as done.",
            },
        ),
    ]

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the button that takes a website over."""
        confirm = self.admin_site.admin_view(require_POST(self.confirm_view))
        return [path("<int:pk>/confirm/", confirm, name="catalogue_factproposal_confirm"), *super().get_urls()]

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a website over into the profile, and go back to the list."""
        proposal = get_object_or_404(FactProposal.objects.select_related("cluster"), pk=pk)
        if not request.user.has_perms(("catalogue.change_factproposal", "catalogue.change_cluster")):
            raise PermissionDenied
        try:
            confirm_website(proposal=proposal, by=request.user)  # type: ignore[arg-type]  # signed in
        except ProposalNotOpen as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{proposal.url} is the website of {proposal.cluster} now.")
        return HttpResponseRedirect(reverse("admin:catalogue_factproposal_changelist"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: they come from data files."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what was dismissed is not proposed again."""
        return False

    def save_model(self, request: HttpRequest, obj: FactProposal, form: Any, change: bool) -> None:
        """Let the service write what was decided."""
        if form.has_changed():
            by: Any = request.user
            decide_proposal(proposal=obj, status=obj.status, note=obj.note, by=by)

    # --- what is shown ---

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Let those who may take a website over do so with one click."""
        may = request.user.has_perms(("catalogue.change_factproposal", "catalogue.change_cluster"))
        return [*self.list_display, "confirm_button"] if may else list(self.list_display)

    @admin.display(description="fact", ordering="text")
    def fact(self, proposal: FactProposal) -> SafeString:
        """Show the fact under its kind."""
        return format_html('{}<span class="under">{}</span>', proposal.get_kind_display(), proposal.text)

    @admin.display(description="fact")
    def fact_text(self, proposal: FactProposal) -> SafeString | str:
        """Show the fact; an address can be opened."""
        if not proposal.url:
            return proposal.text
        return format_html('<a href="{0}" rel="noopener noreferrer nofollow" target="_blank">{0}</a>', proposal.url)

    @admin.display(description="cluster", ordering="cluster__sort_name")
    def cluster_page(self, proposal: FactProposal) -> SafeString:
        """Lead to the cluster, where the data can be corrected."""
        address = reverse("admin:catalogue_cluster_change", args=[proposal.cluster_id])
        return format_html('<a href="{}">{}</a>', address, proposal.cluster.name)

    @admin.display(description="evidence")
    def evidence_seen(self, proposal: FactProposal) -> SafeString:
        """Show the evidence with its year."""
        return format_html('{}<span class="under">{}</span>', proposal.evidence, proposal.year or "undated")

    @admin.display(description="decision", ordering="status")
    def decision(self, proposal: FactProposal) -> SafeString | str:
        """Show the status with the note."""
        return format_html('{}<span class="under">{}</span>', proposal.get_status_display(), proposal.note)

    @admin.display(description="one click")
    def confirm_button(self, proposal: FactProposal) -> SafeString | str:
        """Offer to take an open website over."""
        if proposal.kind != FactProposal.Kind.WEBSITE or proposal.status != Status.OPEN:
            return ""
        return format_html(
            '<button type="submit" formaction="{}">Confirm website</button>',
            reverse("admin:catalogue_factproposal_confirm", args=[proposal.pk]),
        )


def facts_panel(request: HttpRequest, cluster: Cluster) -> SafeString | str:
    """Return how many facts about ``cluster`` wait, for those who may see them; empty if none does."""
    if not request.user.has_perm("catalogue.view_factproposal"):
        return ""
    rows = cluster.fact_proposals.filter(status=Status.OPEN)
    items = [
        format_html('<li><a href="{}">{}</a></li>', reverse("admin:catalogue_factproposal_change", args=[row.pk]), row)
        for row in rows
    ]
    return format_html("<ul>{}</ul>", SafeString("".join(items))) if items else ""


ON_CLUSTERS = PageExtension(
    "facts to check", "catalogue.Cluster", order=17,
    panels=(Panel("Facts to check", facts_panel, "Found outside the portal; not public."),),
)  # fmt: skip
