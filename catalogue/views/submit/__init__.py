"""The public form: submit a cluster, correct a profile, follow a submission.

:mod:`~catalogue.views.submit.begin` the first step, :mod:`~catalogue.views.submit.steps` the others,
:mod:`~catalogue.views.submit.links` the links in mails, :mod:`~catalogue.views.submit.status` the
submitter's page. All go through :func:`~catalogue.views.submit.pages.public_page`.
"""
