"""The REST API of the assistant."""

from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assistant.consumers import AssistantConsumer
from assistant.messages import StopRequested


@extend_schema(tags=["assistant"])
class StopView(APIView):
    """Interrupts the assistant."""

    # Whoever knows the session of a connection, which only its client was told, may interrupt it.
    permission_classes = (AllowAny,)

    @extend_schema(request=None, responses={202: OpenApiResponse(description="It will stop, if it is answering.")})
    def post(self, request: Request, session: UUID) -> Response:
        """Ends the answer that the connection with this session is being given."""
        AssistantConsumer.send_channel_event(AssistantConsumer.group_of(session), StopRequested())
        return Response(status=status.HTTP_202_ACCEPTED)
