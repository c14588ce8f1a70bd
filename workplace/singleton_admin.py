"""Admin of settings of which there is one row: no list, nothing to add, one page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from workplace.singletons import KEY, ensure_row
from workplace.staff_admin import StaffAdmin


class SingletonAdmin(StaffAdmin):
    """The page of the only row. It is made, with its defaults, when somebody first opens the page."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the page."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        ensure_row(self.model)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[KEY]))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Leave out what makes sense among several rows only: saving leads back to this page."""
        context |= {"is_single": True, "show_save_and_continue": False, "show_close": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: there is one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: it is always there."""
        return False
