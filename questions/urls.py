"""Public addresses of questions."""

from django.urls import path

from questions.models import Question
from questions.views import ask

app_name = "questions"

urlpatterns = [
    path("clusters/<slug:slug>/ask/", ask, {"to": Question.To.CONSORTIUM}, name="ask"),
    path("clusters/<slug:slug>/write/", ask, {"to": Question.To.CLUSTER}, name="write"),
]
