"""What submitters and reviewers do. Only this package sets the status of a submission (``tests/test_contracts.py``).

:mod:`~submissions.services.drafts` until a form is sent, :mod:`~submissions.services.submit` from there to the queue,
:mod:`~submissions.services.review` from the queue to the decision. All of them write through
:mod:`~submissions.services.state_machine`. Import-linter holds who imports whom (``pyproject.toml``).
"""
