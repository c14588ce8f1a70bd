"""When beat queues which task, and the tasks that may run longer than others.

Times of day are in TIME_ZONE. A task that runs often expires when the next one is due: a backlog would only repeat it.
"""

from typing import Any

from celery.schedules import crontab

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "join-catalogue-changes": {
        "task": "catalogue.tasks.join_catalogue_changes",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "delete-unanswered-words": {
        "task": "catalogue.tasks.delete_unanswered_words",
        "schedule": crontab(hour=3, minute=10),
    },
    # A task can get lost when the machine is switched off.
    "check-lost-submissions": {
        "task": "submissions.tasks.check_lost_submissions",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "send-review-digests": {"task": "submissions.tasks.send_review_digests", "schedule": crontab(hour=7, minute=0)},
    # Retention: docs/submitting.md says how long data is stored.
    "delete-unconfirmed-submissions": {
        "task": "submissions.tasks.delete_unconfirmed_submissions",
        "schedule": crontab(hour=3, minute=25),
    },
    "anonymise-submissions": {
        "task": "submissions.tasks.anonymise_submissions",
        "schedule": crontab(hour=3, minute=26),
    },
    "purge-links": {"task": "submissions.tasks.purge_links", "schedule": crontab(hour=3, minute=27)},
    "empty-link-mails": {"task": "submissions.tasks.empty_link_mails", "schedule": crontab(hour=3, minute=28)},
    "forget-freshness-addresses": {
        "task": "quality.tasks.forget_freshness_addresses",
        "schedule": crontab(hour=3, minute=29),
    },
    "delete-old-spreadsheets": {
        "task": "imports.tasks.delete_old_spreadsheets",
        "schedule": crontab(hour=3, minute=30),
    },
    "delete-old-questions": {"task": "questions.tasks.delete_old_questions", "schedule": crontab(hour=3, minute=31)},
    # Imports are rows with a state; this goes on where a killed worker stopped.
    "resume-imports": {"task": "imports.tasks.resume_imports", "schedule": 20, "options": {"expires": 20}},
    "clear-expired": {"task": "portal.tasks.clear_expired", "schedule": crontab(hour=3, minute=40)},
    "check-findings": {"task": "quality.tasks.check_findings", "schedule": crontab(hour=4, minute=5)},
    # In slices: each run goes on where the one before ended, and does nothing once all were asked.
    "check-websites": {
        "task": "quality.tasks.check_cluster_websites",
        "schedule": crontab(hour="1-5", minute="*/10"),
        "options": {"expires": 540},
    },
    "ask-for-freshness": {"task": "quality.tasks.ask_for_freshness", "schedule": crontab(hour=9, minute=20)},
    # Rows say what is to be sent; a task that waited for long is worth nothing.
    "send-mail": {"task": "outbox.tasks.send_mail", "schedule": 20, "options": {"expires": 20}},
    "sweep-mail": {"task": "outbox.tasks.sweep_mail", "schedule": 60, "options": {"expires": 60}},
    "purge-mail": {"task": "outbox.tasks.purge_mail", "schedule": crontab(hour=3, minute=50)},
}

#: Seconds for the tasks that need longer than ``CELERY_TASK_TIME_LIMIT``, by name.
TASK_LIMITS = {
    # Nightly tasks look at all rows.
    **{
        entry["task"]: {"soft_time_limit": 1500, "time_limit": 1800}
        for entry in BEAT_SCHEDULE.values()
        if isinstance(entry["schedule"], crontab)
    },
    # It opens no website after 240 seconds, then waits for up to 40 answers, each 10 seconds, 8 at once.
    "quality.tasks.check_cluster_websites": {"soft_time_limit": 480, "time_limit": 540},
    # It begins no mail after 50 seconds, and one can last 13 minutes (outbox/transports/smtp.py).
    "outbox.tasks.send_mail": {"soft_time_limit": 960, "time_limit": 1020},
}
