"""What the page asks of a visitor."""

from __future__ import annotations

from django import forms

from submissions.forms import AddressForm


class QuestionForm(AddressForm):
    """A question, and who asks it."""

    field_order = ("text", "submitter_email", "submitter_name")

    text = forms.CharField(
        label="Your message", max_length=3000, widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Your message: write what you would like to know."},
    )  # fmt: skip
    submitter_name = forms.CharField(
        label="Your name", max_length=120, required=False, help_text="For whoever answers you.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
