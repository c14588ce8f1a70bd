"""Submissions: what submitters and reviewers do. Only this package sets the status of one (``tests/test_contracts.py``).

:mod:`~submissions.services.submit` from the form to the queue,
:mod:`~submissions.services.review` from the queue to the decision,
:mod:`~submissions.links` the links in mails,
:mod:`~submissions.services.state_machine` the state machine.
"""
