"""Submissions by partner sites: taken once for every key, into the same queue as the form's."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiRequest, OpenApiResponse, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    ParseError,
    ValidationError,
)
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from catalogue.api import examples
from catalogue.api import serializers as shapes
from catalogue.api.base import ContentNegotiation
from catalogue.models import Cluster
from submissions import emails, links
from submissions.api import serializers
from submissions.api.examples import SUBMISSION, SUBMISSION_ANSWER
from submissions.api.schema import SUBMISSION_BODY
from submissions.api.serializers import ProposalWrong, read_proposal
from submissions.exceptions import IllegalMove
from submissions.fields.definitions import BY_NAME, FIELDS
from submissions.models import PartnerToken, Submission, SubmissionPolicy
from submissions.services import partners

MAX_BYTES = 200_000
_KEY = re.compile(r"[\x21-\x7e]{8,100}\Z")
Answer = dict[str, Any]


class PartnerTokenAuthentication(BaseAuthentication):
    """``Authorization: Token …`` of a partner's site."""

    def authenticate(self, request: Request) -> tuple[None, PartnerToken] | None:
        """Return the token as ``request.auth``; there is no user behind it."""
        kind, _, text = str(request.META.get("HTTP_AUTHORIZATION") or "").partition(" ")
        if not kind:
            return None
        token = partners.token_behind(text.strip()) if kind.lower() == "token" and text.strip() else None
        if token is None:
            raise AuthenticationFailed("This token is not known, or it was switched off. Ask us for a new one.")
        return None, token

    def authenticate_header(self, request: Request) -> str:
        """Return what the answer 401 asks for."""
        return 'Token realm="submissions"'


class PartnerTokenScheme(OpenApiAuthenticationExtension):
    """How the description names it."""

    target_class = PartnerTokenAuthentication
    name = "partnerToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token` and the token that we gave to your site.",
        }


class BodyTooLarge(APIException):
    """The body holds more than any submission needs."""

    status_code = 413
    default_code = "too_large"


class BoundedJSONParser(BaseParser):
    """Reads JSON of a bounded size and depth."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the body as Python values."""
        content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise BodyTooLarge(
                f"The body is larger than {MAX_BYTES:,} bytes. Shorten the texts, and send one submission."
            )
        try:
            return json.loads(
                content.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_with_names_of_text
            )
        except (ValueError, RecursionError) as error:
            raise ParseError("The body is no JSON that can be read.") from error


def _with_names_of_text(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, _value in pairs:
        name.encode()  # half of a surrogate pair is no text: the answer could not name it
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON.")


class PartnerThrottle(SimpleRateThrottle):
    """So many requests a token may make; generous to a form, not to a loop."""

    scope = "partner"
    rate = "120/min"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Count by token."""
        return self.cache_format % {"scope": self.scope, "ident": request.auth.pk} if request.auth else None


class Closed(APIException):
    """Nothing is taken at the moment."""

    status_code = 503
    default_code = "closed"


class IsPartner(BasePermission):
    """Lets requests with a token through."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Refuse a request without token, with 401 and a message."""
        _token_of(request)
        return True


class PartnerView(APIView):
    """A view for partner sites: with a token, never cached, not for scripts in browsers."""

    content_negotiation_class = ContentNegotiation
    authentication_classes = [PartnerTokenAuthentication]
    permission_classes = [IsPartner]
    parser_classes = [BoundedJSONParser]
    throttle_classes = [PartnerThrottle]
    http_method_names = ["get", "head", "post"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse methods that there are not, and requests without a token."""
        if str(request.method).lower() not in self.http_method_names or not hasattr(self, str(request.method).lower()):
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep answers out of caches and referrers: they hold links for one person."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        return response


def _token_of(request: Request) -> PartnerToken:
    token: Any = request.auth
    if not isinstance(token, PartnerToken):
        raise NotAuthenticated("Send the header Authorization: Token … with the token of your site.")
    return token


_MESSAGES = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
_DETAIL = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
_REFUSED: dict[int, OpenApiResponse] = {
    401: OpenApiResponse(shapes.ErrorSerializer, "The token is missing, unknown or switched off."),
    429: OpenApiResponse(shapes.ErrorSerializer, "Too many requests; `Retry-After` says for how many seconds to wait."),
}
_KEY_PARAMETER = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True,
    description="8 to 100 visible ASCII characters, new for every submission, such as a UUID.",
)  # fmt: skip


class SubmissionList(PartnerView):
    """Submit."""

    @extend_schema(
        operation_id="submissions_create",
        tags=["submissions"],
        summary="Submit a cluster or a correction",
        parameters=[_KEY_PARAMETER],
        request=OpenApiRequest(SUBMISSION_BODY, examples=[examples.request("a new cluster", SUBMISSION)]),
        responses={
            201: OpenApiResponse(
                serializers.SubmissionSerializer, "It is in the queue.",
                examples=[examples.answer("in the queue", SUBMISSION_ANSWER, "201")],
            ),
            200: OpenApiResponse(serializers.SubmissionSerializer, "This key and body came before: its present state."),
            400: OpenApiResponse(
                {"oneOf": [_MESSAGES, _DETAIL]},
                "Something is wrong: messages by the name of the field (`values.members`).",
            ),
            413: OpenApiResponse(shapes.ErrorSerializer, "The body is too large."),
            415: OpenApiResponse(shapes.ErrorSerializer, "The body is not JSON."),
            422: OpenApiResponse(shapes.ErrorSerializer, "This key came before with another body."),
            503: OpenApiResponse(shapes.ErrorSerializer, "No submissions are taken at the moment."),
            **_REFUSED,
        },
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Put a new cluster, or a correction of one, into the queue of the reviewers.

        The same key with the same body is the same submission, however often it is sent: 201 the first time,
        200 later. Nothing is public before a reviewer accepted it.
        """
        key = str(request.META.get("HTTP_IDEMPOTENCY_KEY") or "")
        if not _KEY.match(key):
            raise ValidationError({"Idempotency-Key": ["Send this header: 8 to 100 visible ASCII characters."]})
        body, token = request.data, _token_of(request)
        try:
            if known := partners.known_under(token, key, body):
                return Response(submission_answer(known, request))
            policy = SubmissionPolicy.current()
            if not policy.is_open:
                raise Closed(policy.closed_text or "No submissions are taken at the moment.")
            proposal = read_proposal(body)
            row, is_new = partners.receive(token=token, key=key, body=body, proposal=proposal)
        except ProposalWrong as error:
            raise ValidationError(error.errors) from error
        except IllegalMove as error:
            # Taken out of the catalogue while we read the body.
            raise ValidationError({"cluster": [str(error)]}) from error
        except partners.KeyUsedOtherwise as error:
            return Response({"detail": str(error)}, status=422)
        return Response(submission_answer(row, request), status=201 if is_new else 200)


class SubmissionDetail(PartnerView):
    """The state of a submission."""

    @extend_schema(
        operation_id="submissions_retrieve",
        tags=["submissions"],
        summary="Ask for the state of a submission",
        responses={
            200: OpenApiResponse(serializers.SubmissionSerializer, "Its state."),
            404: OpenApiResponse(shapes.ErrorSerializer, "No submission of this partner has this id."),
            **_REFUSED,
        },
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """Return the status of a submission that came with the same partner's tokens, with the decision by field."""
        rows = Submission.objects.select_related("target")
        row = rows.filter(public_id=public_id, partner=_token_of(request).partner_id).first()
        if row is None:
            raise NotFound("No submission of your site has this id.")
        return Response(submission_answer(row, request))


def submission_answer(row: Submission, request: Request) -> Answer:
    """Return what a partner's site may know of its submission."""
    target = row.target if row.target and row.target.status == Cluster.Status.PUBLISHED else None
    origin = request.build_absolute_uri("/")[:-1]
    is_waiting = row.status == Submission.Status.PENDING
    return {
        "id": str(row.public_id),
        # A reviewer may have found that it is a cluster which is not public: that stays inside.
        "kind": Submission.Kind.NEW if row.kind == Submission.Kind.UPDATE and target is None else row.kind,
        "status": row.status,
        "name": row.name,
        "cluster": target
        and {
            "id": str(target.public_id),
            "slug": target.slug,
            "name": target.name,
            "url": origin + target.get_absolute_url(),
            "api_url": origin + reverse("api:cluster_detail", args=[target.slug]),
        },
        "received_at": row.submitted_at,
        "decided_at": row.decided_at,
        "position": emails.position(row) if is_waiting else None,
        "usual_days": emails.usual_days() if is_waiting else None,
        "asked": row.asked_text,
        "asked_fields": [name for name in row.asked_fields if name in BY_NAME],
        "reason": row.reason,
        "decisions": [_decision(spec.name, row) for spec in FIELDS if spec.name in row.decisions],
        "url": origin + reverse("api:submission_detail", args=[row.public_id]),
        "page_url": links.status_address(row),
    }


def _decision(name: str, row: Submission) -> Answer:
    decision = row.decisions[name]
    outcome = "refused" if not decision["accepted"] else "edited" if "value" in decision else "accepted"
    return {"field": name, "decision": outcome, "reason": decision.get("reason", "")}
