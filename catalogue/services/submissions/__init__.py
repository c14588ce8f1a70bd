"""Submissions: what submitters and reviewers do. Only this package sets the status of one (``tests/test_contracts.py``).

:mod:`~catalogue.services.submissions.lifecycle` from the form to the queue,
:mod:`~catalogue.services.submissions.review` from the queue to the decision,
:mod:`~catalogue.services.submissions.links` the links in mails,
:mod:`~catalogue.services.submissions.record` the state machine.
"""
