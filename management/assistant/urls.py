"""The REST routes of the assistant."""

from django.urls import path

from assistant.views import StopView

urlpatterns = [path("assistant/<uuid:session>/stop/", StopView.as_view(), name="assistant-stop")]
