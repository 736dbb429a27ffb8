"""Services for clients that may not do what they try, and for those that come in masses, hang, or vanish.

``Work`` counts what is executed in this process, and another client may ask: so a test knows what never ran.
"""

import asyncio
import random
import time
from typing import Any, Final, Literal

from channels.layers import get_channel_layer
from django.contrib.auth.models import Group
from django.db.models import Manager, QuerySet
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle
from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication

from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.routing import URLRouter, path
from chat.models import Room

#: Seconds that a slow check takes: enough for a frame to come before it ends.
SLOWLY: Final = 0.02
#: Seconds that the check of a race takes at most: ten thousand of them must not take long.
RACE_SECONDS: Final = 0.004
#: What no client may ever read.
INTERNAL: Final = "internal-reason-4711"

#: How often something has happened in this process, by what it is.
COUNTS: Final[dict[str, int]] = {}
#: The most handlers of ``Work`` that ran at the same time.
BUSIEST: Final = "busiest"
RUNNING: Final = "running"


def count(name: str, by: int = 1) -> None:
    COUNTS[name] = COUNTS.get(name, 0) + by
    COUNTS[BUSIEST] = max(COUNTS.get(BUSIEST, 0), COUNTS.get(RUNNING, 0))


class Touch(BaseMessage):
    """Leaves a trace."""

    action: Literal["touch"] = "touch"
    payload: str = "touched"


class Touched(BaseMessage):
    """A trace was left."""

    action: Literal["touched"] = "touched"
    payload: str


class Work(BaseMessage):
    """Takes its time."""

    action: Literal["work"] = "work"
    payload: float


class Worked(BaseMessage):
    """Has taken its time."""

    action: Literal["worked"] = "worked"
    payload: None = None


class Fail(BaseMessage):
    """Something that goes wrong."""

    action: Literal["fail"] = "fail"
    payload: None = None


class Leave(BaseMessage):
    """Asks the server to close."""

    action: Literal["leave"] = "leave"
    payload: int = 1000


class Disturb(BaseMessage):
    """Puts an event into the channel layer that nobody should send."""

    action: Literal["disturb"] = "disturb"
    payload: dict[str, Any]


class Flood(BaseMessage):
    """Sends so many group messages, each with a text of 20 kB."""

    action: Literal["flood"] = "flood"
    payload: int


class Flooded(BaseGroupMessage):
    """Too much of something."""

    action: Literal["flooded"] = "flooded"
    payload: int
    text: str = ""


class Heard(BaseChannelEvent):
    """Something is to be heard everywhere."""

    handler: Literal["heard"] = "heard"
    payload: str


class Ask(BaseMessage):
    """Asks for the counts of this process."""

    action: Literal["ask"] = "ask"
    payload: None = None


class Counts(BaseMessage):
    """What has happened how often."""

    action: Literal["counts"] = "counts"
    payload: dict[str, int]


class Working(AsyncJsonWebsocketConsumer[Touch | Work | Fail | Leave | Disturb | Ask | PingMessage]):
    """Open to everybody."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    async def build_groups(self) -> list[str]:
        return ["disturbed"]

    async def post_authentication(self) -> None:
        count("connected")

    async def disconnect(self, code: int) -> None:
        count("disconnected")
        count(f"disconnected {code}")

    @handler
    async def touch(self, message: Touch) -> Touched:
        count("touched")
        return Touched(payload=message.payload)

    @handler
    async def work(self, message: Work) -> Worked:
        count("begun")
        count(RUNNING)
        count(BUSIEST, 0)
        try:
            await asyncio.sleep(message.payload)
        except asyncio.CancelledError:
            count("cancelled")
            raise
        finally:
            count(RUNNING, -1)
        count("finished")
        return Worked()

    @handler
    async def fail(self, message: Fail) -> None:
        raise RuntimeError(INTERNAL)

    @handler
    async def leave(self, message: Leave) -> None:
        await self.close(message.payload)

    @handler
    async def disturb(self, message: Disturb) -> None:
        layer = get_channel_layer()
        assert layer is not None
        await layer.group_send("disturbed", message.payload)

    @handler
    async def ask(self, message: Ask) -> Counts:
        return Counts(payload=COUNTS)


class Flooding(AsyncJsonWebsocketConsumer[Flood | Touch, None, Flooded]):
    """Everybody hears what anybody floods the room with."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    async def build_groups(self) -> list[str]:
        return ["flooded"]

    async def disconnect(self, code: int) -> None:
        count("flooded and disconnected")
        count(f"flooded and disconnected {code}")

    @handler
    async def touch(self, message: Touch) -> Touched:
        return Touched(payload=message.payload)

    @handler
    async def flood(self, message: Flood) -> None:
        for number in range(message.payload):
            await self.send_group_message(Flooded(payload=number, text="x" * 20_000), exclude_current=False)
            # Slower than a client reads that does, on a busy machine as well.
            await asyncio.sleep(0.005)


class Shared(AsyncJsonWebsocketConsumer[Touch | Flood, Heard, Flooded]):
    """Members of one group in all processes, by the hub."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    outgoing_messages = Touched

    async def build_groups(self) -> list[str]:
        return ["shared"]

    @handler
    async def touch(self, message: Touch) -> Touched:
        """Does with a group what the payload says: a verb, and the name of the group."""
        verb, _, group = message.payload.partition(" ")
        match verb:
            case "join":
                await self.join_group(group)
            case "leave":
                await self.leave_group(group)
            case "tell":
                await self.send_group_message(Flooded(payload=1), [group])
            case "tell-all":
                await self.send_to_groups(
                    {"action": "flooded", "payload": 2, "text": ""}, [group], exclude_current=False
                )
            case _:
                pass
        return Touched(payload=message.payload)

    @handler
    async def flood(self, message: Flood) -> None:
        for number in range(message.payload):
            await self.send_group_message(Flooded(payload=number), exclude_current=False)

    @handler
    async def hear(self, event: Heard) -> Touched:
        return Touched(payload=f"event {event.payload}")

    async def chat_message(self, event: dict[str, Any]) -> None:
        await self.send_message(Touched(payload=f"plain {event['text']}"))


class Named(Shared):
    """The same under its own name, which it tells, so that other processes can use it as Channels has it."""

    @handler
    async def touch(self, message: Touch) -> Touched:
        verb, _, group = message.payload.partition(" ")
        layer: Any = self.channel_layer
        if verb == "add":
            await layer.group_add(group, self.channel_name)
        elif verb == "discard":
            await layer.group_discard(group, self.channel_name)
        else:
            await super().touch(message)
        return Touched(payload=self.channel_name)


class Hasty(Working):
    """Has no patience with its handlers."""

    handler_timeout = 0.2


class Steady(Working):
    """Finishes what it has begun."""

    cancel_on_disconnect = False


class Parallel(Working):
    """Handles four messages at a time."""

    max_concurrency = 4


class Rumour(BaseGroupMessage):
    """What one client tells those of the same name."""

    action: Literal["rumour"] = "rumour"
    payload: str


class Grouped(AsyncJsonWebsocketConsumer[Touch | PingMessage, None, Rumour]):
    """A group for each name in the address."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    async def build_groups(self) -> list[str]:
        route: Any = self.scope.get("url_route")
        return [route["kwargs"]["name"]]

    @handler
    async def touch(self, message: Touch) -> None:
        await self.send_group_message(Rumour(payload=message.payload), exclude_current=False)


class Touching(AsyncJsonWebsocketConsumer[Touch]):
    """Whoever gets here has left a trace."""

    authentication_classes: AuthenticationClasses = (TokenAuthentication, SessionAuthentication)
    permission_classes: PermissionClasses = (IsAuthenticated,)

    @handler
    async def touch(self, message: Touch) -> Touched:
        count("touched behind a guard")
        return Touched(payload=message.payload)


class SlowlyRefusing(BaseAuthentication):
    def authenticate(self, request: Request) -> None:
        time.sleep(SLOWLY)
        raise AuthenticationFailed

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class Racing(SlowlyRefusing):
    def authenticate(self, request: Request) -> None:
        time.sleep(random.uniform(0, RACE_SECONDS))
        raise AuthenticationFailed


class SlowlyAccepting(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        time.sleep(0.3)
        return True


class Crashing(BaseAuthentication):
    def authenticate(self, request: Request) -> None:
        raise RuntimeError(INTERNAL)


class Refused(BasePermission):
    """Has a reason that is nobody's business, in its name and in its state."""

    reason = INTERNAL

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class NotThisRoom(BasePermission):
    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return False


class RefusedSlowly(Touching):
    authentication_classes = (SlowlyRefusing,)


class Raced(Touching):
    authentication_classes = (Racing,)


class Accepted(Touching):
    authentication_classes = ()
    permission_classes = (AllowAny,)


class AcceptedSlowly(Touching):
    authentication_classes = ()
    permission_classes = (SlowlyAccepting,)


class Crashed(Touching):
    authentication_classes = (Crashing,)


class Denied(Touching):
    authentication_classes = ()
    permission_classes = (Refused,)


class Users(Touching):
    """For users, of whom the connection is."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated,)


class InTheKnow(BasePermission):
    """For members of one group of users."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.user.groups.filter(name="in the know"))


class Secret(BaseGroupMessage):
    """Something that not everybody may know."""

    action: Literal["secret"] = "secret"
    payload: str


class Secrets(AsyncJsonWebsocketConsumer[Touch | PingMessage, None, Secret]):
    """Tells secrets to those who may know them at that moment."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated, InTheKnow)
    recheck_group_events = True

    async def build_groups(self) -> list[str]:
        return ["secrets"]

    @handler
    async def touch(self, message: Touch) -> Touched:
        await self.send_group_message(Secret(payload=message.payload))
        return Touched(payload=message.payload)


class Few(Users):
    max_connections_per_user = 3


class Expiring(Touching):
    """For whoever holds a token that is still good."""

    authentication_classes = (JWTStatelessUserAuthentication,)
    permission_classes = (IsAuthenticated,)


class FivePerUser(UserRateThrottle):
    rate = "5/h"
    cache_format = "hostile_%(scope)s_%(ident)s"


class Calm(Users):
    """A user may send five messages in an hour, whatever the number of connections."""

    message_throttle_classes = (FivePerUser,)


class ByQuerySet(Touching):
    authentication_classes = ()
    permission_classes = (NotThisRoom,)
    queryset: Any = Room.objects.all()


class ByManager(ByQuerySet):
    queryset: Manager[Room] = Room.objects


class ByGetQueryset(ByQuerySet):
    queryset = Room.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        return Room.objects.filter(pk__gt=0)


class ByGetObject(ByQuerySet):
    queryset = Group.objects.none()

    def get_object(self) -> Any:
        route: Any = self.scope.get("url_route")
        return Room.objects.filter(pk=route["kwargs"]["pk"]).first()


class Findable(Touching):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    queryset: Any = Room.objects.all()


#: Consumers whose object nobody may have, by how they find it.
BY_OBJECT: Final = {
    "queryset": ByQuerySet,
    "manager": ByManager,
    "get_queryset": ByGetQueryset,
    "get_object": ByGetObject,
}

router = URLRouter(
    [
        path("working/", Working),
        path("hasty/", Hasty),
        path("flooding/", Flooding),
        path("named/", Named),
        path("shared/", Shared),
        path("steady/", Steady),
        path("parallel/", Parallel),
        path("grouped/<str:name>/", Grouped),
        path("touching/", Touching),
        path("refused-slowly/", RefusedSlowly),
        path("racing/", Raced),
        path("accepted/", Accepted),
        path("accepted-slowly/", AcceptedSlowly),
        path("crashed/", Crashed),
        path("denied/", Denied),
        path("users/", Users),
        path("secrets/", Secrets),
        path("calm/", Calm),
        path("few/", Few),
        path("jwt/", Expiring),
        path("findable/<int:pk>/", Findable),
        *(path(f"{name}/<int:pk>/", consumer) for name, consumer in BY_OBJECT.items()),
    ]
)
