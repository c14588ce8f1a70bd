"""Spreadsheets in: upload, columns, report, decisions, proposals, approval. Thin over ``imports.services``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from imports.admin.forms import UploadForm, posted_decisions, posted_share
from imports.admin.report import Report, count_labels
from imports.admin.state import StateFilter, state_of, with_state
from imports.exceptions import ImportRefused
from imports.models import SpreadsheetImport
from imports.report_file import report_csv, report_xlsx
from imports.rows.headings import TARGETS
from imports.services import approve, decide, propose, unknown_terms, upload
from spreadsheets.encodings import ENCODINGS, SEPARATORS
from spreadsheets.exceptions import FileProblem
from spreadsheets.writer import file_parts

Status = SpreadsheetImport.Status
_SHOWN_VALUES = 3
#: Unknown names that are asked about at once, those of most rows first.
_MOST_TERMS = 100


@admin.register(SpreadsheetImport)
class SpreadsheetImportAdmin(admin.ModelAdmin):
    """Every spreadsheet that was uploaded, with what became of its rows."""

    list_display = ["file_name", "state", "row_counts", "uploaded_by", "created_at"]
    list_select_related = ["uploaded_by"]
    list_filter = [StateFilter]
    search_fields = ["file_name"]
    list_per_page = 50
    show_full_result_count = False
    actions = None

    # --- who may what ---

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return that nobody edits an import: services change it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return that nobody deletes an import: it says where submissions came from."""
        return False

    def _require(self, request: HttpRequest, *permissions: str) -> None:
        if not self.has_view_permission(request) or not request.user.has_perms(permissions):
            raise PermissionDenied

    # --- the list ---

    @admin.display(description="state", ordering="status")
    def state(self, row: SpreadsheetImport) -> SafeString:
        """Show its state as a badge."""
        return format_html('<span class="badge badge-import-{}">{}</span>', *state_of(row))

    @admin.display(description="rows")
    def row_counts(self, row: SpreadsheetImport) -> SafeString:
        """Count the rows by outcome, each number a link to its rows."""
        address = self._address("change", row)
        counts = ((f"{address}?show={key}", label) for key, label in count_labels(row.counts))
        return format_html_join(", ", '<a href="{}">{}</a>', counts) or mark_safe("–")

    # --- pages ---

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of one import."""

        def page(address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(
                f"<int:pk>/{address}", self.admin_site.admin_view(view), name=f"imports_spreadsheetimport_{name}"
            )

        return [
            page("columns/", self.columns_view, "columns"),
            page("progress/", self.progress_view, "progress"),
            page("decide/", self.decide_view, "decide"),
            page("terms/", self.terms_view, "terms"),
            page("act/", self.act_view, "act"),
            page("approve/", self.approve_view, "approve"),
            page("report.<str:kind>", self.download_view, "download"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Take a file in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                row = upload.create_import(file=file, name=file.name, user=request.user)  # type: ignore[arg-type]
            except FileProblem as problem:
                form.add_error("file", str(problem))
            else:
                self.log_addition(request, row, "Uploaded.")
                return HttpResponseRedirect(self._address("change", row))
        return self._page(request, "admin/imports/spreadsheetimport/upload.html", "Import a spreadsheet", form=form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the report, or how far the work is."""
        row = self._row(request, object_id)
        if row.status == Status.UPLOADED and self._may(request)["change"]:
            return HttpResponseRedirect(self._address("columns", row))
        if row.status == Status.READING:
            return self._page(request, "admin/imports/spreadsheetimport/reading.html", row.file_name, spreadsheet=row)
        may = self._may(request)
        can_decide = may["change"] and not row.is_working and row.status != Status.CANCELLED
        report = Report(row, request.GET, may_decide=can_decide)
        return self._page(
            request, "admin/imports/spreadsheetimport/report.html", row.file_name, spreadsheet=row, report=report, may=may, state=state_of(row),
            decisions=decide.DECISIONS, queue=self._queue(row), targets=TARGETS, may_resolve=can_decide, most_terms=_MOST_TERMS,
        )  # fmt: skip

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer htmx with how far the work is; once it is done, with the wish to load the page again."""
        row = self._row(request, pk)
        if not row.is_working:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return TemplateResponse(request, "admin/imports/spreadsheetimport/_progress.html", {"spreadsheet": row})

    def columns_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask how the file is read and what its columns mean."""
        row = self._row(request, pk)
        self._require(request, "imports.add_spreadsheetimport")
        if row.status == Status.READING:
            return HttpResponseRedirect(self._address("change", row))
        if row.status not in upload.OPEN:
            messages.warning(request, "The columns of this import are chosen already.")
            return HttpResponseRedirect(self._address("change", row))
        error, chosen = row.problem, None
        if request.method == "POST":
            try:
                if request.POST.get("action") == "read":
                    self._read_again(request, row)
                    return HttpResponseRedirect(self._address("change", row))
                chosen = [request.POST.get(f"column-{place}", "") for place in range(len(row.headers))]
                upload.set_columns(
                    spreadsheet=row, targets=chosen, encoding=request.POST.get("encoding", ""),
                    fills_only=request.POST.get("mode") == "fill", empty_deletes="empty_deletes" in request.POST,
                )  # fmt: skip
                self.log_change(request, row, "Columns chosen, check begun.")
                return HttpResponseRedirect(self._address("change", row))
            except ImportRefused as refusal:
                error = str(refusal)
        columns = upload.columns_of(row)
        if columns is None:
            lines, ignored = [], []
        else:
            body = [cells for number, cells in columns.rows if number > row.header_line]
            lines = [
                {
                    "place": place,
                    "name": name,
                    "target": (chosen or columns.targets)[place],
                    "values": [cells[place] for cells in body if cells[place]][:_SHOWN_VALUES],
                }
                for place, name in enumerate(columns.names)
            ]
            ignored = [line["name"] for line in lines if not line["target"]]
        return self._page(
            request, "admin/imports/spreadsheetimport/columns.html", row.file_name, spreadsheet=row, error=error, columns=columns, lines=lines, ignored=ignored,
            confirmed=request.POST.get("encoding", ""),
            fills_only=request.POST.get("mode") == "fill" if chosen else row.fills_only,
            empty_deletes="empty_deletes" in request.POST if chosen else row.empty_deletes,
            encodings=ENCODINGS, separators=SEPARATORS, targets=TARGETS,
        )  # fmt: skip

    def _read_again(self, request: HttpRequest, row: SpreadsheetImport) -> None:
        """Read the file as staff chose; a new encoding, separator or sheet lets the line of headings be guessed again."""
        given = {name: request.POST.get(name, "") for name in ("encoding", "separator", "sheet")}
        line = request.POST.get("header_line", "")
        is_same = all(given[name] in ("", getattr(row, name)) for name in given)
        number = int(line) if is_same and line.isascii() and line.isdigit() and len(line) < 8 else 0
        upload.read_again(spreadsheet=row, header_line=number, **given)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Store what staff says about possible duplicates, one by one or many alike."""
        row = self._posted(request, pk, "imports.add_spreadsheetimport")
        try:
            if "alike" in request.POST:
                done = decide.decide_in_bulk(
                    spreadsheet=row, decision=request.POST.get("decision", ""), min_score=posted_share(request.POST.get("least"), 0),
                    max_score=posted_share(request.POST.get("most"), 100), reason=request.POST.get("reason", ""),
                )  # fmt: skip
            else:
                done = decide.decide_rows(spreadsheet=row, decisions=posted_decisions(request.POST))
        except ImportRefused as refusal:
            messages.error(request, str(refusal))
        else:
            if done.count:
                messages.success(request, f"{done.count:,} row{'s' if done.count != 1 else ''} decided.")
            for message in done.refused[:10]:
                messages.warning(request, message)
            if not done.count and not done.refused:
                messages.info(request, "Nothing was chosen.")
        return HttpResponseRedirect(self._report_address(request, row))

    def terms_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Store what staff chose for unknown names, and check their rows again."""
        row = self._posted(request, pk, "imports.add_spreadsheetimport")
        chosen = dict(zip(request.POST.getlist("term"), request.POST.getlist("word"), strict=False))
        try:
            unknown_terms.resolve_terms(spreadsheet=row, chosen=chosen)
            self.log_change(request, row, "Unknown names resolved, their rows checked again.")
        except ImportRefused as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(self._address("change", row))

    def act_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose, cancel, or try again."""
        row = self._posted(request, pk, "imports.add_spreadsheetimport")
        acts: dict[str, tuple[Callable[..., Any], str]] = {
            "propose": (propose.start_proposing, "Proposed."),
            "cancel": (propose.cancel, "Cancelled."),
            "retry": (propose.retry, "Tried again."),
        }
        act, message = acts.get(request.POST.get("act", ""), (None, ""))
        if act is None:
            raise Http404
        try:
            act(spreadsheet=row)
            self.log_change(request, row, message)
        except ImportRefused as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(self._address("change", row))

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what approving everything would do, then let it be done."""
        row = self._row(request, pk)
        self._require(request, approve.APPROVE)
        may_publish = request.user.has_perm(approve.PUBLISH)
        error = ""
        if request.method == "POST":
            publishes = request.POST.get("new") == "publish"
            if publishes and not may_publish:
                raise PermissionDenied
            try:
                approve.start_approving(spreadsheet=row, approver=request.user, publishes_new=publishes)  # type: ignore[arg-type]
            except ImportRefused as refusal:
                error = str(refusal)
            else:
                self.log_change(request, row, "All submissions approved at once.")
                return HttpResponseRedirect(self._address("change", row))
        return self._page(
            request, "admin/imports/spreadsheetimport/approve.html", f"Approve {row.file_name}", spreadsheet=row, preview=approve.preview(row),
            may_publish=may_publish, error=error,
        )  # fmt: skip

    def download_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse | StreamingHttpResponse:
        """Give the report out as a file, with the filter of the page."""
        row = self._row(request, pk)
        rows = Report(row, request.GET).rows.iterator(chunk_size=500)
        name = f"import-{row.pk}-report.{kind}"
        if kind == "csv":
            response = StreamingHttpResponse(report_csv(rows), content_type="text/csv; charset=utf-8")
        elif kind == "xlsx":
            response = StreamingHttpResponse(
                file_parts(report_xlsx(rows)),
                content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            )
        else:
            raise Http404
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    # --- parts ---

    def _row(self, request: HttpRequest, pk: Any) -> SpreadsheetImport:
        self._require(request)
        if not str(pk).isascii() or not str(pk).isdigit() or len(str(pk)) > 18:
            raise Http404
        return get_object_or_404(with_state(SpreadsheetImport.objects.select_related("uploaded_by", "approver")), pk=pk)

    def _posted(self, request: HttpRequest, pk: int, permission: str) -> SpreadsheetImport:
        row = self._row(request, pk)
        self._require(request, permission)
        if request.method != "POST":
            raise Http404
        return row

    def _may(self, request: HttpRequest) -> dict[str, bool]:
        return {
            "change": request.user.has_perm("imports.add_spreadsheetimport"),
            "approve": request.user.has_perm("imports.approve_import"),
        }

    def _queue(self, row: SpreadsheetImport) -> str:
        """Return the address of the review queue with the submissions of this import only."""
        try:
            return f"{reverse('admin:submissions_submission_changelist')}?import={row.pk}"
        except NoReverseMatch:
            return ""

    def _address(self, name: str, row: SpreadsheetImport) -> str:
        return reverse(f"admin:imports_spreadsheetimport_{name}", args=[row.pk])

    def _report_address(self, request: HttpRequest, row: SpreadsheetImport) -> str:
        """Return the page of the report that a form was sent from."""
        filter_of_page = {name: request.POST[name] for name in ("show", "page") if request.POST.get(name)}
        return f"{self._address('change', row)}{'?' + urlencode(filter_of_page) if filter_of_page else ''}"

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(
            request,
            template,
            {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **context},
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[SpreadsheetImport]:
        """Leave out what only the worker reads."""
        return with_state(super().get_queryset(request)).defer("headers", "mapping", "terms")
