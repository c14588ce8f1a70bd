"""Admin of the project, its partners and pages, and of the people who work here."""

from typing import Any

from axes.admin import AccessAttemptAdmin
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_countries import countries

from consortium import mailboxes
from consortium.groups import GROUPS
from consortium.models import Page, Partner, PartnerCountry, Project
from workplace.singleton_admin import SingletonAdmin
from workplace.staff_admin import StaffAdmin

STAFF_GROUPS = {group.name: group.purpose for group in GROUPS}


def country_choices() -> list[tuple[str, str]]:
    """Return what a partner may look after: pan-European organisations and every country."""
    return [("", "---------"), ("EU", "Pan-European"), *((code, name) for code, name in countries)]


class PartnerCountryForm(forms.ModelForm):
    """A country chosen by its name."""

    code = forms.ChoiceField(label="Country", choices=country_choices)

    class Meta:
        model = PartnerCountry
        fields = ["code"]


class PartnerCountryInline(admin.TabularInline):
    """The countries that a partner looks after."""

    model = PartnerCountry
    form = PartnerCountryForm
    extra = 1


@admin.register(Project)
class ProjectAdmin(SingletonAdmin):
    """The settings of the project."""

    fieldsets = [
        (None, {"fields": ["name", "acronym", "tagline"]}),
        ("Grant", {"fields": ["grant_number", "start_month"]}),
        ("Contact", {"fields": ["contact_email"]}),
    ]


@admin.register(Partner)
class PartnerAdmin(StaffAdmin):
    """The organisations of the consortium with their people and countries."""

    list_display = ["short_name", "name", "coordinator", "country_names", "people", "sender_email"]
    list_display_links = ["short_name"]
    search_fields = ["short_name", "name", "users__username", "users__last_name", "users__email"]
    autocomplete_fields = ["users"]
    inlines = [PartnerCountryInline]
    fieldsets = [
        (None, {"fields": ["short_name", "name", "is_coordinator"]}),
        ("Its part in the project", {"fields": ["role", "activities"]}),
        (
            "Mail",
            {
                "fields": ["sender_name", "sender_email"],
                "description": "Campaigns go out under this name and address.",
            },
        ),
        ("People", {"fields": ["users"], "description": "Who works for this partner in the portal."}),
    ]  # fmt: skip

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **kwargs: Any) -> Any:
        """Take a sender address only if mail can come from it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "sender_email":
            field.validators.append(mailboxes.validate)
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet[Partner]:
        """Read the countries and people of all rows at once."""
        return super().get_queryset(request).prefetch_related("countries", "users")

    @admin.display(description="coordinator", boolean=True, ordering="is_coordinator")
    def coordinator(self, partner: Partner) -> bool | None:
        """Mark the coordinator; the others stay blank."""
        return True if partner.is_coordinator else None

    @admin.display(description="countries looked after")
    def country_names(self, partner: Partner) -> str:
        """Name the countries."""
        return ", ".join(str(country) for country in partner.countries.all())

    @admin.display(description="people")
    def people(self, partner: Partner) -> str:
        """Name the users."""
        return ", ".join(user.get_full_name() or user.get_username() for user in partner.users.all())


@admin.register(Page)
class PageAdmin(StaffAdmin):
    """The plain pages: about, accessibility, privacy, terms."""

    list_display = ["title", "slug", "updated_at"]
    search_fields = ["title", "body"]
    prepopulated_fields = {"slug": ["title"]}
    fields = ["title", "slug", "body"]
    formfield_overrides = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 28})}}

    def view_on_site(self, page: Page) -> str:
        """Lead to the public page."""
        return reverse("consortium:page_detail", args=[page.slug])


# --- Access: people, groups, failed sign-ins ----------------------------------------------------

# The name that breadcrumbs show.
apps.get_app_config("auth").verbose_name = "Access"
admin.site.unregister([User, Group, AccessAttempt, AccessLog, AccessFailureLog])


@admin.register(User)
class PersonAdmin(UserAdmin):
    """The people who can sign in.

    Only a superuser gives single permissions or changes another superuser. A coordinator changes the
    users of partners, as long as these hold nothing beyond the groups of staff.
    """

    list_display = ["username", "full_name", "partner_names", "group_names", "is_active", "last_login"]
    list_filter = ["is_active", "groups", "partners"]
    list_per_page = 50
    show_full_result_count = False

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **kwargs: Any) -> Any:
        """Take an address only if mail can go to it: the digest does."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "email":
            field.validators.append(mailboxes.validate)
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Read groups and partners of all rows at once."""
        return super().get_queryset(request).prefetch_related("groups", "partners")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Allow superusers everybody, others the users of partners with no more than a group of staff."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or request.user.is_superuser:
            return True
        return not obj.is_superuser and bool(obj.partners.all()) and self._holds_only_groups_of_staff(obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Make those fields read-only that would give more than a group of staff."""
        fields = [*super().get_readonly_fields(request, obj), "last_login", "date_joined"]
        return fields if request.user.is_superuser else [*fields, "is_superuser", "user_permissions"]

    def formfield_for_manytomany(self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the groups of staff to everybody but superusers, who may give any group."""
        if db_field.name == "groups" and request is not None and not request.user.is_superuser:
            kwargs["queryset"] = Group.objects.filter(name__in=STAFF_GROUPS)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description="name", ordering="last_name")
    def full_name(self, user: User) -> str:
        """Give the full name."""
        return user.get_full_name()

    @admin.display(description="partner")
    def partner_names(self, user: User) -> str:
        """Name the partners that the user works for."""
        return ", ".join(partner.short_name for partner in user.partners.all())

    @admin.display(description="groups")
    def group_names(self, user: User) -> str:
        """Name the groups; superusers need none."""
        return "superuser" if user.is_superuser else ", ".join(group.name for group in user.groups.all())

    @staticmethod
    def _holds_only_groups_of_staff(user: User) -> bool:
        others = [group for group in user.groups.all() if group.name not in STAFF_GROUPS]
        return not others and not user.user_permissions.exists()


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin):
    """The groups; those of staff are defined by ``sync_groups`` and can only be looked at."""

    list_display = ["name", "purpose", "member_count"]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Count the members, and read permissions with what their names need."""
        rows = super().get_queryset(request).annotate(members=Count("user", distinct=True))
        return rows.prefetch_related("permissions__content_type")

    def get_fieldsets(self, request: HttpRequest, obj: Group | None = None) -> Any:
        """Show what a group of staff may do as text, not as some seventy permissions."""
        if obj is None or obj.name not in STAFF_GROUPS:
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ["name", "purpose", "may"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> list[str]:
        """Add the computed fields."""
        return ["purpose", "may"]

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Keep the groups of staff as they are defined."""
        return super().has_change_permission(request, obj) and (obj is None or obj.name not in STAFF_GROUPS)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Keep the groups of staff."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.name not in STAFF_GROUPS)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of several groups at once."""
        return {}

    @admin.display(description="what it is for")
    def purpose(self, group: Group) -> str:
        """Return the purpose of a group of staff."""
        return STAFF_GROUPS.get(group.name, "")

    @admin.display(description="may")
    def may(self, group: Group) -> SafeString:
        """List for each kind of record what the group may do with it."""
        actions: dict[str, list[str]] = {}
        for permission in group.permissions.all():
            model = permission.content_type.model_class()
            if model is not None and not hasattr(model, "history_type") and not hasattr(model, "history_id"):
                action = permission.codename.removesuffix(f"_{permission.content_type.model}")
                actions.setdefault(str(model._meta.verbose_name_plural), []).append(action)
        rows = sorted((name, ", ".join(sorted(found))) for name, found in actions.items())
        return format_html("<ul>{}</ul>", format_html_join("", "<li><strong>{}</strong>: {}</li>", rows))

    @admin.display(description="people", ordering="members")
    def member_count(self, group: Any) -> int:
        """Count the members."""
        return group.members


@admin.register(AccessAttempt)
class FailedSignInAdmin(AccessAttemptAdmin):
    """Failed sign-ins: to look at, nothing to change."""

    list_display = ["attempt_time", "ip_address", "username", "failures_since_start", "status"]
    list_filter = ["attempt_time"]
    actions = None
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessAttempt]:
        """Read the expiry with the attempts."""
        return super().get_queryset(request).select_related("expiration")

    def has_change_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        """Refuse: a record of what happened is not edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        """Refuse: a record of what happened is not removed by hand."""
        return False
