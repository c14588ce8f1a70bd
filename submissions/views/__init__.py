"""The public form: submit a cluster, correct a profile, follow a submission.

:mod:`~submissions.views.begin` the first step, :mod:`~submissions.views.steps` the others,
:mod:`~submissions.views.links` the links in mails, :mod:`~submissions.views.status` the
submitter's page. All go through :func:`~submissions.views.pages.public_page`.
"""
