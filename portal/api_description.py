"""What the OpenAPI description says about the API as a whole: settings of drf-spectacular."""

from typing import Any

API_DESCRIPTION: dict[str, Any] = {
    "TITLE": "Cluster Portal API",
    "DESCRIPTION": (
        "Read the public catalogue of European clusters. Free to use, no key needed, from any site. Partner sites "
        "with a token can submit clusters too.\n\n"
        "Unknown values are null; texts that nobody wrote are empty. A wrong or unknown parameter is answered "
        "with 400 and messages by its name. Answers carry an `ETag`: send it back as `If-None-Match` and get "
        "304 while nothing has changed.\n\n"
        "**Credit:** place coordinates © GeoNames (geonames.org), CC BY 4.0. Show this line with any use of "
        "the coordinates; answers that hold some repeat it as `attribution`."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "COMPONENT_SPLIT_REQUEST": False,
    "TAGS": [
        {"name": "clusters", "description": "The clusters of the catalogue: list, counts, profiles"},
        {"name": "filters", "description": "The values to filter by"},
        {"name": "networks", "description": "Networks of clusters"},
        {"name": "submissions", "description": "For partner sites with a token: submit, and read the status"},
        {"name": "start", "description": "Where to begin"},
    ],
    "ENUM_NAME_OVERRIDES": {
        "QualityLabelEnum": "catalogue.api.parts.LABELS",
        "SocialKindEnum": "catalogue.models.SocialLink.Kind",
        "QualifierEnum": "catalogue.models.Cluster.MembersQualifier",
        "ShowcaseKindEnum": "catalogue.models.ShowcaseItem.Kind",
        "SubmissionStatusEnum": "submissions.models.Submission.Status",
        "SubmissionKindEnum": ["new", "update"],
    },
}
