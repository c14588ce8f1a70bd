"""The mails: what waits, what went, what nobody knows. Nothing here shows a secret value."""

from functools import partial
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from outbox.admin.decisions import DECISIONS, MAX_MAILS, PERMISSION, confirmation, decide, decisions_for
from outbox.kinds import Lane, mail_kinds
from outbox.models import Message, ServerState
from outbox.rendering import html_of_text, html_page, without_secrets
from outbox.services import server
from outbox.services.figures import needs_a_person, waiting
from outbox.views import html_part


class KindFilter(admin.SimpleListFilter):
    """Filters by the kinds that are known: without a query over the whole table."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all kinds by name."""
        return [(kind.name, kind.title) for kind in mail_kinds]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """Return the mails of the kind chosen."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


class StatusFilter(admin.SimpleListFilter):
    """Filters by status; "waits" and "needs a person" are several."""

    title = "status"
    parameter_name = "status"
    groups = {
        "waits": ("waits for its turn", [*Message.OPEN]),
        "unsettled": ("needs a person", [Message.Status.UNCERTAIN, Message.Status.FAILED]),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the groups, then every status."""
        choices = dict(Message.Status.choices)
        if settings.MAIL_TO_FILES:
            choices[Message.Status.ACCEPTED.value] = "written to a file"
        return [*((key, label) for key, (label, _values) in self.groups.items()), *choices.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """Return the mails of the status chosen."""
        if self.value() in self.groups:
            return queryset.filter(status__in=self.groups[str(self.value())][1])
        return queryset.filter(status=self.value()) if self.value() in Message.Status.values else queryset


class LaneFilter(admin.SimpleListFilter):
    """Filters by whether a mail was for one reader or goes to many."""

    title = "written for"
    parameter_name = "lane"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return both."""
        return [(Lane.TRANSACTIONAL.value, "One reader"), (Lane.BULK.value, "Many readers")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """Return the mails of the lane chosen."""
        return queryset.filter(lane=self.value()) if self.value() in Lane.values else queryset


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """Every mail; read only, decisions have pages of their own."""

    list_display = ["subject_and_kind", "recipient", "status_column", "created_at"]
    list_filter = [StatusFilter, LaneFilter, KindFilter]
    search_fields = ["recipient", "subject", "key", "about", "message_id"]
    search_help_text = "Recipient, subject, key, what it is about, Message-ID."
    list_per_page = 50
    as_cards = True  # on a phone
    show_full_result_count = False
    ordering = ["-id"]
    when_empty = "No mail was written yet. As soon as the portal has something to say to somebody, it appears here."
    actions = ["ask_resend", "ask_delivered", "ask_cancel"]
    change_form_template = "admin/outbox/message/change_form.html"
    change_list_template = "admin/outbox/message/change_list.html"
    fieldsets = [
        (
            "Status",
            {"fields": ["status_badge", "outcome_text", "due_at", "attempts", "taken", "about", "key"]},
        ),
        (
            "Header",
            {"fields": ["recipient_shown", "sender_shown", "reply_to", "subject", "message_id", "headers_shown"]},
        ),
        ("Text", {"fields": ["text_shown", "html_shown"], "description": "Links with a token are not shown here."}),
    ]
    readonly_fields = [
        "status_badge", "outcome_text", "due_at", "attempts", "taken", "about", "key", "recipient_shown", "sender_shown",
        "reply_to", "subject", "message_id", "headers_shown", "text_shown", "html_shown",
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Mails are written by the portal."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        """A mail is not edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        """A mail is not deleted by hand."""
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may send again, settle and stop."""
        return request.user.has_perm(PERMISSION)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let nobody ask for secret values letter by letter: ?secrets__icontains=a."""
        return lookup.partition("__")[0] != "secrets" and super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Never read secret values."""
        return super().get_queryset(request).defer("secrets")

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks, the HTML part, and the end of a pause."""
        wrap = self.admin_site.admin_view
        return [
            path("decide/<slug:key>/", wrap(partial(decide, admin_site=self.admin_site)), name="outbox_message_decide"),
            path("resume/", wrap(require_POST(self.resume_view)), name="outbox_message_resume"),
            path("<int:pk>/html/", wrap(self.html_view), name="outbox_message_html"),
            *super().get_urls(),
        ]

    def html_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the HTML part without its secret values."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        html = without_secrets(row.body_html) if row.body_html else html_of_text(without_secrets(row.body_text))
        return html_part(html_page(row.subject, html))

    def resume_view(self, request: HttpRequest) -> HttpResponse:
        """End a pause of the mail server."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        server.resume()
        self.message_user(request, "The mail server is asked again with the next mail.")
        return HttpResponseRedirect(reverse("admin:outbox_message_changelist"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show what waits and what needs a person above the list."""
        state = ServerState.objects.filter(name=server.NAME).first()
        unsettled = needs_a_person()
        context = {
            "counts": [
                (waiting(), "wait for their turn", "?status=waits"),
                (unsettled["uncertain"], "with unknown outcome", "?status=uncertain"),
                (unsettled["failed"], "given up", "?status=failed"),
            ],
            "pause": state if state and state.paused_until and state.paused_until > timezone.now() else None,
            "may_decide": self.has_decide_permission(request),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @method_decorator(csp_update({"frame-src": [SELF]}))
    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a mail; its HTML part is in a frame."""
        return super().change_view(request, object_id, *args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Add the log of the mail and what may be decided."""
        message = kwargs.get("obj")
        if message is not None:
            context["decisions"] = decisions_for(request, message)
            context["events"] = list(message.events.all())
        return super().render_change_form(request, context, *args, **kwargs)

    # --- actions ---

    @admin.action(description="Send again …", permissions=["decide"])
    def ask_resend(self, request: HttpRequest, queryset: QuerySet[Message]) -> HttpResponse:
        """Ask, then send again."""
        return confirmation(self.admin_site, request, DECISIONS["resend"], list(queryset[:MAX_MAILS]))

    @admin.action(description="Mark as delivered …", permissions=["decide"])
    def ask_delivered(self, request: HttpRequest, queryset: QuerySet[Message]) -> HttpResponse:
        """Ask, then settle."""
        return confirmation(self.admin_site, request, DECISIONS["delivered"], list(queryset[:MAX_MAILS]))

    @admin.action(description="Stop …", permissions=["decide"])
    def ask_cancel(self, request: HttpRequest, queryset: QuerySet[Message]) -> HttpResponse:
        """Ask, then stop."""
        return confirmation(self.admin_site, request, DECISIONS["cancel"], list(queryset[:MAX_MAILS]))

    # --- what is shown ---

    @admin.display(description="status", ordering="status")
    def status_badge(self, message: Message) -> SafeString:
        """Show the status."""
        return format_html('<span class="badge mail-{}">{}</span>', message.status, message.status_label)

    @admin.display(description="what happened")
    def outcome_text(self, message: Message) -> str:
        """Say why, in the words of the portal or of the server."""
        if message.reason:
            return message.get_reason_display()
        if message.is_in_file:
            return "It lies in a file of this portal and went to nobody."
        if message.status == Message.Status.ACCEPTED and message.smtp_code == 250 and not message.smtp_text:
            return "The mail server took it."
        answer = f"{message.smtp_code or ''} {message.smtp_text}".strip()
        if message.status == Message.Status.UNCERTAIN and not answer:
            return "The worker ended between the final dot and the answer."
        return f"The server answered: {answer}" if answer else ""

    @admin.display(description="subject", ordering="subject")
    def subject_and_kind(self, message: Message) -> SafeString:
        """Show the subject, and under it the kind."""
        return format_html('{}<span class="under">{}</span>', message.subject, message.kind_label)

    @admin.display(description="status", ordering="status")
    def status_column(self, message: Message) -> SafeString:
        """Show the status, and the reason where it says more."""
        badge = self.status_badge(message)
        if message.status == Message.Status.ACCEPTED:
            return badge
        return format_html('{}<span class="under">{}</span>', badge, self.outcome_text(message))

    @admin.display(description="attempts")
    def attempts(self, message: Message) -> str:
        """Count the attempts."""
        return str(message.attempt)

    @admin.display(description="taken by")
    def taken(self, message: Message) -> str:
        """Name the worker that holds it."""
        return message.claimed_by

    @admin.display(description="to")
    def recipient_shown(self, message: Message) -> str:
        """Show name and address."""
        return f"{message.recipient_name} <{message.recipient}>" if message.recipient_name else message.recipient

    @admin.display(description="from")
    def sender_shown(self, message: Message) -> str:
        """Show name and address."""
        return f"{message.sender_name} <{message.sender_email}>" if message.sender_name else message.sender_email

    @admin.display(description="further headers")
    def headers_shown(self, message: Message) -> str:
        """Show what the caller added."""
        return "; ".join(f"{name}: {value}" for name, value in message.headers.items())

    @admin.display(description="text")
    def text_shown(self, message: Message) -> SafeString:
        """Show the text."""
        return format_html('<div class="mail-text">{}</div>', without_secrets(message.body_text))

    @admin.display(description="HTML")
    def html_shown(self, message: Message) -> SafeString:
        """Show the HTML part in a frame that can do nothing."""
        return format_html(
            '<iframe class="mail-frame" src="{}" title="HTML part" sandbox="allow-popups"></iframe>',
            reverse("admin:outbox_message_html", args=[message.pk]),
        )
