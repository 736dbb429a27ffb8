"""The first page."""

from typing import Any

from django.contrib.auth.models import User
from django.views.generic import TemplateView

from chat.models import Room
from demo.seed import DEMO_USERS


class IndexView(TemplateView):
    """Where to go, and with which credentials."""

    template_name = "demo/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        rooms = Room.objects.filter(members=user) if isinstance(user, User) else Room.objects.none()
        return {**super().get_context_data(**kwargs), "rooms": rooms, "demo_users": DEMO_USERS}
