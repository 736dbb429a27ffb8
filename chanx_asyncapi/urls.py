"""``path("", include("chanx_asyncapi.urls"))`` serves ``/asyncapi.json``, ``/asyncapi.yaml`` and ``/ws-docs/``."""

from django.urls import path

from chanx_asyncapi.views import DocumentView, PageView

app_name = "chanx_asyncapi"

urlpatterns = [
    path("asyncapi.json", DocumentView.as_view(format="json"), name="document-json"),
    path("asyncapi.yaml", DocumentView.as_view(format="yaml"), name="document-yaml"),
    path("ws-docs/", PageView.as_view(), name="page"),
]
