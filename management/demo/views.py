"""The first page, and the chat that is written with the generated client."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView
from rest_framework.authentication import SessionAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.models import Room
from demo.seed import DEMO_USERS


class IndexView(TemplateView):
    """Where to go, and with which credentials."""

    template_name = "demo/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        rooms = Room.objects.filter(members=user) if isinstance(user, User) else Room.objects.none()
        return {**super().get_context_data(**kwargs), "rooms": rooms, "demo_users": DEMO_USERS}


class ChatView(LoginRequiredMixin, TemplateView):
    """A room, for its members. Its script is ``management/frontend/chat.ts``."""

    template_name = "demo/chat.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        room = get_object_or_404(Room, members=self.request.user.pk, pk=kwargs["pk"])
        return {**super().get_context_data(**kwargs), "room": room}


class TokenView(APIView):
    """The token of whoever is logged in: the chat asks for it, and again when the server refuses one."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)
    #: A part of the demo, and not of the REST API that it shows.
    schema = None

    def get(self, request: Request) -> Response:
        assert isinstance(request.user, User)  # IsAuthenticated has let nobody else in
        token, _ = Token.objects.get_or_create(user=request.user)
        return Response({"token": token.key}, headers={"Cache-Control": "no-store"})
