"""The fields of a cluster's profile: profile, comparison, API, exports, schema.org, form and spreadsheets read them."""

from catalogue.profile.declaration import ProfileField
from catalogue.profile.fields import activity, contact, identity, membership, sources

FIELDS: tuple[ProfileField, ...] = (
    *identity.FIELDS, *activity.FIELDS, *membership.FIELDS, *contact.FIELDS, *sources.FIELDS,
)  # fmt: skip
