"""Its URLs."""

from django.urls import include, path

urlpatterns = [path("", include("chanx_asyncapi.urls"))]
