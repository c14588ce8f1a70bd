"""What the admin pages of all records with a history have in common."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from django.contrib.admin.options import IS_POPUP_VAR, ModelAdmin
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from simple_history.admin import SimpleHistoryAdmin
from simple_history.utils import get_history_model_for_model

from workplace.extensions import Column, extensions_of, version_sources
from workplace.history import Versions
from workplace.staff_form import VERSION_FIELD, StaffForm
from workplace.timeline import BrokenCursor, chips_of, sources_of, timeline_of
from workplace.versions import describe_version, without_version


class ExtensibleAdmin(ModelAdmin):
    """Admin of a model to whose pages other apps add (:class:`workplace.extensions.PageExtension`)."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the extensions, and the timeline."""
        extra = [pattern for entry in extensions_of(self.model) for pattern in entry.urls(self.admin_site)]
        timeline = self.admin_site.admin_view(self.timeline_view)
        extra.append(path("<path:object_id>/timeline/", timeline, name=self._timeline_name()))
        return [*extra, *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Add the actions of the extensions that the user may do."""
        actions = super().get_actions(request)
        if self.actions is None or IS_POPUP_VAR in request.GET:
            return actions
        added = [action for entry in extensions_of(self.model) for action in entry.actions]
        return actions | {
            action.name: (action.run, action.name, action.label) for action in added if action.is_allowed(request)
        }

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Add the filters of the extensions, each where it says."""
        found = list(super().get_list_filter(request))
        for entry in extensions_of(self.model):
            names = [getattr(item, "parameter_name", item) for item in found]
            at = names.index(entry.filters_after) + 1 if entry.filters_after in names else len(found)
            found[at:at] = entry.filters
        return found

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Add the columns of the extensions."""
        return [*super().get_list_display(request), *(_display(column) for column in self._columns())]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Read what the columns of the extensions show."""
        rows = super().get_queryset(request)
        for column in self._columns():
            rows = column.queryset(rows)
        return rows

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Add the buttons and panels of the extensions to the page of a stored record."""
        record = kwargs.get("obj")
        if record is not None and record.pk is not None:
            entries = extensions_of(self.model)
            context["extension_buttons"] = [button for entry in entries for button in entry.buttons(request, record)]
            panels = [(panel, panel.render(request, record)) for entry in entries for panel in entry.panels]
            context["panels"] = [(panel, content) for panel, content in panels if content]
            context["timeline_url"] = self.timeline_url(record.pk)
        return super().render_change_form(request, context, *args, **kwargs)

    # --- timeline ---

    def timeline_url(self, pk: Any) -> str:
        """Return the address of the timeline of a record; empty if nothing is known to happen to such records."""
        return reverse(f"admin:{self._timeline_name()}", args=[quote(pk)]) if sources_of(self.model) else ""

    def timeline_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what happened to a record: all of it, or the kinds asked for."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        record = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        if record is None or not sources_of(self.model):
            raise Http404("There is no such record, or nothing happens to it.")
        kinds = request.GET.getlist("kind")
        try:
            timeline = timeline_of(request, record, kinds=kinds, before=request.GET.get("before", ""))
        except BrokenCursor as error:
            raise Http404("This place in the timeline does not exist.") from error
        request.current_app = self.admin_site.name
        chips = chips_of(timeline.sources, kinds)
        context = {
            **self.admin_site.each_context(request), "title": f"Timeline of {record}", "opts": self.opts,
            "object": record, "timeline": timeline, "chips": chips,
            "filtered": any(chip.is_chosen for chip in chips),
        }  # fmt: skip
        return TemplateResponse(request, "workplace/timeline.html", context)

    def _timeline_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_timeline"

    def _columns(self) -> list[Column]:
        return [column for entry in extensions_of(self.model) for column in entry.columns]


def _display(column: Column) -> Callable[[Any], object]:
    def show(record: Any) -> object:
        return column.value(record)

    show.__name__ = column.name
    show.short_description = column.label  # type: ignore[attr-defined]
    show.admin_order_field = column.ordering or None  # type: ignore[attr-defined]
    return show


class StaffAdmin(ExtensibleAdmin, SimpleHistoryAdmin):
    """Admin of a record with history: one version per save, differences as text, no way back by form.

    ``service_fields`` are those that only services change: a save never writes what the form had loaded,
    which may be older than a decision taken meanwhile.
    """

    list_per_page = 50
    show_full_result_count = False
    history_list_per_page = 25
    form = StaffForm
    formfield_overrides = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 4})}}
    service_fields: tuple[str, ...] = ()

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **kwargs: Any) -> Any:
        """Offer no deletion of a related row from inside a form; write e-mail as everywhere else."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and field.label == "Email":
            field.label = "E-mail"
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False
        return field

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Let the form know the fields that only services change."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.service_fields = self.service_fields
        return form

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Note on the page which version it shows."""
        record = kwargs.get("obj")
        if record is not None and record.pk is not None:
            context["seen_name"] = VERSION_FIELD
            context["seen_version"] = record.history.order_by("-pk").values_list("pk", flat=True).first()
        return super().render_change_form(request, context, *args, **kwargs)

    # --- saving ---

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save ``obj``; the version of a change is written once, after its relations."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        self._restore_service_fields(obj)
        with without_version(obj):
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save relations and inlines, then write one version with all of it."""
        obj = form.instance
        with without_version(obj):
            super().save_related(request, form, formsets, change)
        inlines = self._inline_changes(request, form, formsets)
        m2m_names = {field.name for field in obj._meta.many_to_many}
        if inlines or (form.has_changed() if change else m2m_names & set(form.changed_data)):
            describe_version(obj, reason=inlines or None).save(update_fields=[self._any_field(obj)])

    def _inline_changes(self, request: HttpRequest, form: Any, formsets: Any) -> str:
        """Describe what changed in inlines, which have no history of their own."""
        lines = []
        for formset in formsets:
            name = formset.model._meta.verbose_name
            lines += [f"{name} “{row}” added" for row in formset.new_objects]
            lines += [f"{name} “{row}” changed" for row, _fields in formset.changed_objects]
            lines += [f"{name} “{row}” removed" for row in formset.deleted_objects]
        return "; ".join(lines)[:1].upper() + "; ".join(lines)[1:]

    def _restore_service_fields(self, obj: models.Model) -> None:
        if self.service_fields:
            stored = type(obj)._base_manager.select_for_update().values(*self.service_fields).get(pk=obj.pk)
            for name, value in stored.items():
                setattr(obj, name, value)

    @staticmethod
    def _any_field(obj: models.Model) -> str:
        return next(field.name for field in obj._meta.concrete_fields if not field.primary_key)

    # --- history ---

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Any, foreign_keys_are_objs: bool = True
    ) -> None:
        """Give every version on the page its ``changes`` against the one before it, and its ``origin`` if known."""
        page = list(historical_records)
        if not page:
            return
        last, key = page[-1], self.model._meta.pk.attname
        before = (
            type(last)
            ._base_manager.filter(**{key: getattr(last, key)})
            .filter(
                models.Q(history_date__lt=last.history_date) | models.Q(history_date=last.history_date, pk__lt=last.pk)
            )
        )
        rows = [*page, *before.order_by("-history_date", "-pk")[:1]]
        versions = Versions(self.model, rows)
        for record, older in pairwise(rows):
            record.changes = versions.changes(record, older)
        origins = [source.origins(request, page) for source in version_sources]
        for record in page:
            record.origin = next((found[record.pk] for found in origins if record.pk in found), None)
        historical_records.object_list = page

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show all versions; an address that cannot be a key is not found."""
        try:
            self.model._meta.pk.to_python(unquote(object_id))
        except ValidationError as error:
            raise Http404("There is no such record.") from error
        context = {"timeline_url": self.timeline_url(unquote(object_id)), **(extra_context or {})}
        return super().history_view(request, object_id, context)

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one version.

        It can be looked at, not brought back: that would undo decisions (status, priority) past the
        services that guard them.
        """
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        request.current_app = self.admin_site.name
        history = get_history_model_for_model(self.model)
        key = self.model._meta.pk.attname
        try:
            record = get_object_or_404(history, **{key: unquote(object_id), "pk": version_id})
        except ValueError as error:
            raise Http404("There is no such version.") from error
        if not self.has_view_history_or_change_history_permission(request, record.instance):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"Version of {record.history_object}",
            "opts": self.opts,
            "object": record.instance,
            "record": record,
            "values": Versions(self.model, [record]).values(record),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "simple_history/object_history_form.html", context)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return that no version can be brought back by a form."""
        return True
