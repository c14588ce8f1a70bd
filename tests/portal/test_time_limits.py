"""No task holds a worker for ever: each has limits, and a real worker goes on after one that does not end."""

import os
import signal
import subprocess

from django.conf import settings

from portal.celery import app
from tests.portal.conftest import ROOT
from tests.portal.test_worker import PROCFILE, succeeded

QUEUE = """if True:
    from tests.portal.endless_task import end, never_end
    never_end.delay()
    print(end.delay().id)
"""


def own_tasks() -> dict:
    """Return the tasks of the portal by name."""
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if not name.startswith("celery.") and ".tasks." in name}


def test_every_task_is_interrupted_and_killed_before_redis_hands_it_out_again():
    assert {"outbox.tasks.send_mail", "imports.tasks.run_import"} <= set(own_tasks())
    for name, task in own_tasks().items():
        assert 0 < task.soft_time_limit < task.time_limit < 3600, name


def test_limits_queues_and_schedule_are_those_of_tasks_that_exist():
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    named = {*settings.CELERY_TASK_ANNOTATIONS, *settings.CELERY_TASK_ROUTES, *scheduled}
    assert named - set(own_tasks()) == set()


def test_worker_goes_on_after_a_task_that_never_ends(run_python, environment, tmp_path):
    full = {**environment, "DJANGO_SETTINGS_MODULE": "portal.settings", "WORKER_CONCURRENCY": "1"}
    queued = run_python("-c", QUEUE, **full)
    assert queued.returncode == 0, queued.stderr
    output = tmp_path / "output"

    command = PROCFILE["worker"].replace("-A portal", "-A tests.portal.endless_task").split()
    with output.open("w") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=full, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        succeeded(output, queued.stdout.strip())
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)

    assert "Hard time limit (2s) exceeded for tests.portal.endless_task.never_end" in output.read_text()
