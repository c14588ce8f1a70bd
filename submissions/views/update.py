"""Ask for a link to correct a profile. Every address gets the same answer and the same kind of mail."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from catalogue.succession import cluster_behind
from publicforms import rate_limits
from submissions import emails
from submissions.forms import AddressForm
from submissions.views.address_page import address_page
from submissions.views.pages import closed, public_page

_HELP = "An address of the cluster is best: we then know that you speak for it. Any other works too. Never published."


@public_page
def cluster_update(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Explain how a profile is corrected; POST sends the link to do it."""
    cluster = cluster_behind(slug)
    if cluster is None:
        raise Http404("No published cluster has this address.")
    if cluster.slug != slug:
        return HttpResponseRedirect(reverse("submissions:cluster_update", args=[cluster.slug]))
    if page := closed(request, typed=[AddressForm(request.POST)] if request.method == "POST" else []):
        return page

    def send(form: AddressForm, _reference: UUID) -> None:
        email = form.cleaned_data["submitter_email"]
        if not emails.has_edit_link(cluster, email) and rate_limits.may_mail(request, email):
            emails.send_edit_link(cluster, email)

    return address_page(request, "submissions/update.html", help_text=_HELP, send=send, cluster=cluster)
