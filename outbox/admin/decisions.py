"""Send again, settle, stop: one page that says what will happen to each mail, then one service call for each."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from outbox.models import Message
from outbox.services.posting import cancel
from outbox.services.resolving import MessageNotOpen, mark_delivered, resend, resend_problem
from workplace.confirmation import Back, Confirmation, Line, records_of

PERMISSION = "outbox.resend_message"
MAX_MAILS = 1000


@dataclass(frozen=True)
class Decision:
    """Something that staff decides on mails; ``refusal`` returns why not for one mail, empty if it is possible."""

    key: str
    verb: str
    done: str
    consequence: str
    refusal: Callable[[Message], str]
    run: Callable[[Message, str], object]


def _not_uncertain(message: Message) -> str:
    if message.status == Message.Status.UNCERTAIN:
        return ""
    return f"It is {message.status_label}: only a mail whose outcome is unknown can be settled."


def _not_waiting(message: Message) -> str:
    if message.status in Message.CANCELLABLE:
        return ""
    return f"It is {message.status_label}: only a mail that waits can be stopped."


DECISIONS = {
    decision.key: decision
    for decision in (
        Decision(
            key="resend",
            verb="Send again",
            done="will be sent again",
            consequence="A mail whose outcome is unknown may arrive twice. If its server has it already, the same "
            "Message-ID lets some mail programs show it once.",
            refusal=resend_problem,
            run=lambda message, actor: resend(message=message, actor=actor),
        ),
        Decision(
            key="delivered",
            verb="Mark as delivered",
            done="counts as delivered",
            consequence="Do this when you know that the mail arrived: its reader answered, or the log of the mail "
            "server has its Message-ID. It will not be sent again.",
            refusal=_not_uncertain,
            run=lambda message, actor: mark_delivered(message=message, actor=actor),
        ),
        Decision(
            key="cancel",
            verb="Stop",
            done="will not be sent",
            consequence="A mail that is stopped is not sent. Its links are erased.",
            refusal=_not_waiting,
            run=lambda message, actor: cancel(key=message.key, actor=actor),
        ),
    )
}


def decisions_for(request: HttpRequest, message: Message) -> list[tuple[str, str]]:
    """Return address and name of what the user may decide on ``message`` now."""
    if not request.user.has_perm(PERMISSION):
        return []
    return [
        (f"{reverse('admin:outbox_message_decide', args=[key])}?ids={message.pk}", f"{decision.verb} …")
        for key, decision in DECISIONS.items()
        if not decision.refusal(message)
    ]


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, key: str, *, admin_site: AdminSite) -> HttpResponse:
    """Show the page that asks (GET), or do it (POST), for the mails whose keys are in ``ids``."""
    decision = DECISIONS.get(key)
    if decision is None:
        raise Http404
    rows = records_of(
        (request.POST if request.method == "POST" else request.GET).get("ids", ""),
        Message.objects.order_by("id"),
        most=MAX_MAILS,
    )
    if request.method == "GET":
        return confirmation(admin_site, request, decision, rows)
    _check_permission(request)
    done, refused = 0, []
    for row in rows:
        try:
            done += bool(decision.run(row, request.user.get_username()))
        except MessageNotOpen as error:
            refused.append(str(error))
    if done:
        messages.success(request, f"{done} mail{'' if done == 1 else 's'} {decision.done}.")
    if done < len(rows):
        reason = refused[0] if refused else "Something happened to them meanwhile."
        messages.warning(request, f"Nothing was done for {len(rows) - done}: {reason}")
    back = reverse("admin:outbox_message_changelist")
    return HttpResponseRedirect(reverse("admin:outbox_message_change", args=[rows[0].pk]) if len(rows) == 1 else back)


def confirmation(admin_site: AdminSite, request: HttpRequest, decision: Decision, rows: list[Message]) -> HttpResponse:
    """Return the page that lists ``rows``, says what will happen to each, and asks."""
    _check_permission(request)
    possible, refused = [], []
    for row in rows:
        if refusal := decision.refusal(row):
            refused.append(_line(row, f"to {row.recipient}. {refusal}"))
        else:
            possible.append(_line(row, f"to {row.recipient} · {row.status_label}"))
    return Confirmation(
        title=f"{decision.verb}: {_count(len(rows))}",
        button=f"{decision.verb} ({_count(len(possible))})",
        consequence=decision.consequence,
        action_url=reverse("admin:outbox_message_decide", args=[decision.key]),
        back=Back(reverse("admin:outbox_message_changelist")),
        possible=possible,
        refused=refused,
    ).response(admin_site, request, Message)


def _line(row: Message, remark: str) -> Line:
    return Line(row.pk, reverse("admin:outbox_message_change", args=[row.pk]), row.subject, remark)


def _check_permission(request: HttpRequest) -> None:
    if not request.user.has_perms([PERMISSION, "outbox.view_message"]):
        raise PermissionDenied


def _count(number: int) -> str:
    return "1 mail" if number == 1 else f"{number} mails"
