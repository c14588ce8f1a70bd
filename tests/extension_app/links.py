"""The link by which somebody confirms that we were there, and the mail that brings it."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from outbox.kinds import MailKind, Placeholder
from publicforms.link_pages import Button, LinkPage
from publicforms.models import LinkToken
from publicforms.purposes import Purpose
from tests.extension_app.models import Visit


def page(request: HttpRequest, link: LinkToken) -> LinkPage:
    """Ask."""
    return LinkPage(f"Were we at {link.subject.cluster}?", "One button is all we need.", (Button("Yes, you were"),))


def act(request: HttpRequest, link: LinkToken) -> HttpResponse:
    """Confirm the visit."""
    Visit.objects.filter(pk=link.object_id).update(is_confirmed=True)
    return HttpResponse("Thank you.")


def lock(key: int) -> Visit | None:
    """Lock the visit with that key."""
    return Visit.objects.select_for_update().filter(pk=key).first()


CONFIRM = Purpose(
    "confirm_visit", "confirm a visit", timedelta(days=30), subjects=Visit.objects.all, lock=lock,
    is_single_use=True, page=page, act=act,
)  # fmt: skip

MAIL = MailKind(
    name="visit",
    purpose="To whom we met at a cluster: were we there?",
    placeholders=(
        Placeholder("cluster", "Name of the cluster", "Alpine Photonics Cluster"),
        Placeholder("link", "Leads to the page with the button", "https://portal.example/submit/link/sample/", True),
    ),
    folder="extension_app/email/visit",
    called="Visit",
)
