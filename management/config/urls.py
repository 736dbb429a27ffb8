"""The HTTP side: the index, the REST API, its schema, the WebSocket page, and the logins."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from chanx.views import TicketView

urlpatterns = [
    path("", include("demo.urls")),
    # /ws-docs/, and the AsyncAPI document beside it.
    path("", include("chanx_asyncapi.urls")),
    path("api/", include("chat.urls")),
    path("api/", include("assistant.urls")),
    path("api/", include("notifications.urls")),
    path("api/ws-ticket/", TicketView.as_view(), name="ws-ticket"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api-auth/", include("rest_framework.urls")),
    path("admin/", admin.site.urls),
]
