"""The one reader of ``settings.CHANX``: typed, read late, the reason for each setting above it.

::

    from chanx.settings import chanx_settings

    chanx_settings.CAMELIZE      # read from Django's settings at this moment

Read late means that :func:`chanx.utils.settings.override_chanx_settings` and Django's ``override_settings`` take
effect at once, also in modules that were imported before.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, Self, get_args, overload

from django.conf import settings as django_settings
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypeVar

from chanx.document_settings import Info, NamedDocument, Page, Server
from chanx.exceptions import SettingError
from chanx.history_settings import HistorySetting

T = TypeVar("T")


class Setting(Generic[T]):
    """One key of ``settings.CHANX``: a default, the type its value must have, and the least that a number may be."""

    def __init__(self, default: T, *, at_least: float | None = None) -> None:
        self.default = default
        self.at_least = at_least

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        configured: Mapping[str, T] = _configured()
        return configured.get(self.name, self.default)


_NOTHING: Mapping[str, Any] = {}


def _configured() -> Mapping[str, Any]:
    configured: Mapping[str, Any] = getattr(django_settings, "CHANX", _NOTHING)
    return configured


class ChanxSettings:
    """The keys of ``settings.CHANX``, their types and their defaults."""

    # -- the frames ------------------------------------------------------------------------------------------

    #: Key on the wire that names a message. In Python it stays ``action``, so that renaming it for the sake of
    #: existing clients changes no code.
    MESSAGE_ACTION_KEY = Setting[str]("action")
    #: camelCase keys on the wire, in both directions, for clients written in JavaScript.
    CAMELIZE = Setting[bool](False)
    #: A ``complete`` frame after each handled message, ``group_complete`` after each relayed one: for clients
    #: and tests that wait for the end of a handler which may answer with any number of frames.
    SEND_COMPLETION = Setting[bool](False)
    #: Give other tasks a turn after each sent message, so that a client sees the first of many at once.
    SEND_MESSAGE_IMMEDIATELY = Setting[bool](True)
    #: First frame of each connection tells how authentication ended: a browser shows no HTTP status.
    SEND_AUTHENTICATION_MESSAGE = Setting[bool](True)

    # -- the handshake ---------------------------------------------------------------------------------------

    #: Refuse with an HTTP status instead of accepting and closing. Off, because browsers report a refused
    #: handshake only as 1006, without the reason.
    AUTHENTICATE_BEFORE_ACCEPT = Setting[bool](False)
    #: Origins that may use cookies, as ``https://host[:port]`` with ``*.`` allowed before the host. None follows
    #: ALLOWED_HOSTS and CSRF_TRUSTED_ORIGINS, which say the same for HTTP.
    ALLOWED_ORIGINS = Setting[Sequence[str] | None](None)

    #: Seconds within which a one-time ticket must be used. A client asks for one right before it connects.
    TICKET_LIFETIME = Setting[int](30, at_least=1)
    #: Alias of the cache that holds tickets until they are used. All processes that issue or take tickets share it.
    TICKET_CACHE = Setting[str]("default")

    # -- after the handshake ---------------------------------------------------------------------------------

    #: Seconds after which, at the latest, a connection is authenticated again: its session, its token, its permissions
    #: and its object may be gone, without anybody having told us. None never asks.
    SESSION_RECHECK_SECONDS = Setting[float | None](300.0, at_least=1)
    #: Seconds that a connection outlives the token with which it was opened, so that a client which refreshes its
    #: token in time can come back with the new one before the old connection ends.
    TOKEN_EXPIRY_GRACE_SECONDS = Setting[float](30.0, at_least=0)
    #: Connections of one user in one process; one more is refused with 4429. Far more than the tabs and devices of a
    #: person, far less than what a script with a stolen token could open. None sets no limit.
    MAX_CONNECTIONS_PER_USER = Setting[int | None](100, at_least=1)

    #: Groups of one connection; to join one more is refused. Far more than a person follows: where clients choose their
    #: groups, they must not choose how much memory the layer needs. None sets no limit.
    MAX_GROUPS_PER_CONNECTION = Setting[int | None](1000, at_least=1)

    # -- bounds ----------------------------------------------------------------------------------------------

    #: Bytes in one received frame; a larger one closes the connection with 1009 before it is parsed. None leaves the
    #: size to the server, whose own limit is often megabytes.
    MAX_MESSAGE_SIZE = Setting[int | None](64 * 1024)
    #: Levels of arrays and objects in one received frame. Deep nesting costs a parser much, and a sender nothing.
    MAX_DEPTH = Setting[int](64)
    #: Refuse a received frame in which any object holds a key twice. Off, because only the envelope can be looked at
    #: without parsing each frame a second time, which costs more than its validation.
    STRICT_JSON = Setting[bool](False)
    #: Frames that a connection may send each second for as long as it likes. Far more than a person causes, and than a
    #: client that waits for answers over a network; a stranger is kept from using up a processor. None sets no limit.
    MAX_FRAME_RATE = Setting[float | None](1000.0, at_least=0.001)
    #: Frames that a connection may send at once when it was quiet before: what a client has saved up while it was away.
    MAX_FRAME_BURST = Setting[int](10_000, at_least=1)
    #: Frames that are answered with the error ``throttled`` before the connection is closed with 4429: those that were
    #: on their way when the client was told.
    MAX_THROTTLED_FRAMES = Setting[int](100, at_least=0)
    #: Received messages that wait for their turn on one connection. When they are this many, reading from the
    #: socket pauses until the handler catches up: nothing is dropped, and memory stays bounded.
    INBOX_SIZE = Setting[int](32)
    #: Characters of group messages that may wait for a client which does not take them, with a hundred for each frame.
    #: Beyond them the connection is closed with 1013: a client that misses messages without knowing is worse off than
    #: one that has to connect again. Ample for a burst, since a server buffers besides.
    OUTBOX_SIZE = Setting[int](1024 * 1024)
    #: Seconds that a client may take for one frame before it is closed with 1013. What it does not read occupies the
    #: server's memory and, where a handler sends it, the handler. Long enough for a phone in a tunnel; None waits for
    #: ever.
    SEND_TIMEOUT = Setting[float | None](30.0)
    #: Seconds that the handler of a received message may go on without sending anything, before it is cancelled and
    #: the client is told. It bounds what a handler that hangs can hold, so it is generous; None lets handlers hang.
    HANDLER_TIMEOUT = Setting[float | None](300.0)
    #: Seconds that a client may send nothing before it is closed with 4408. None: never, because a browser that only
    #: listens is an honest client, and servers send pings of their own to find out who has vanished.
    IDLE_TIMEOUT = Setting[float | None](None)
    #: Seconds that messages may still be handled when the process is told to end by SIGTERM, before the clients are
    #: closed with 1012 all the same. None leaves the end to the server.
    DRAIN_SECONDS = Setting[float | None](5.0)
    #: Entries in one validation error frame; an attacker chooses how many errors a frame has.
    MAX_REPORTED_ERRORS = Setting[int](20)

    # -- delivery --------------------------------------------------------------------------------------------

    #: The engine that keeps the last messages of groups, for consumers with a ``history``: ``BACKEND`` is its dotted
    #: path, ``OPTIONS`` are its arguments. None follows the channel layer: Redis where that is in Redis, and the memory
    #: of the process where the layer is there too.
    HISTORY = Setting[HistorySetting | None](None)

    # -- what is reported ------------------------------------------------------------------------------------

    #: Sending a message that the consumer never declared: ``raise``, ``log`` or ``ignore`` it. None raises under
    #: chanx's test client, logs in DEBUG, and otherwise costs nothing.
    UNDECLARED_MESSAGES = Setting[Literal["raise", "log", "ignore"] | None](None)
    #: One log record for each received message, on a logger below ``chanx``.
    LOG_RECEIVED_MESSAGE = Setting[bool](True)
    #: One log record for each sent message.
    LOG_SENT_MESSAGE = Setting[bool](True)
    #: Actions that are never logged, for instance heartbeats.
    LOG_IGNORED_ACTIONS = Setting[Sequence[str]](())
    #: Records that one connection may cause in a minute, one with a traceback counting as ten; the others are counted,
    #: and the number is told. Otherwise a client that sends nonsense for an hour fills the disk. None: no bound.
    LOG_RECORDS_PER_MINUTE = Setting[int | None](600)

    # -- the document and the page ---------------------------------------------------------------------------

    #: Where clients find the server, for instance ``wss://api.example.com``. None takes the host of the request
    #: that asks for the document, and ``ws://localhost:8000`` for the command.
    WEBSOCKET_BASE_URL = Setting[str | None](None)
    #: The places where clients find the service, by name, when there are several. They count before WEBSOCKET_BASE_URL.
    SERVERS = Setting[Mapping[str, Server]]({})
    #: What the API is, under the names that SPECTACULAR_SETTINGS has for it, which count where this is silent: a
    #: WebSocket API may have a title and a version of its own.
    INFO = Setting[Info]({})
    #: Documents about parts of the service, by name, for readers whom the whole does not concern.
    DOCUMENTS = Setting[Mapping[str, NamedDocument]]({})
    #: How the pages at ``/ws-docs/`` look: a title of their own, and the colours to begin with. Everything else is for
    #: a template that extends theirs.
    PAGE = Setting[Page]({})
    #: Who may read documents and pages: dotted paths of DRF's permission classes. None lets everybody while DEBUG is
    #: on, and users who are logged in otherwise, because a document tells a stranger what there is to attack.
    DOCUMENT_PERMISSION_CLASSES = Setting[Sequence[str] | None](None)
    #: Dotted paths of functions that take the routes and return those to describe, for what only the project knows:
    #: which ones are internal, or what a gateway before the service calls them.
    ASYNCAPI_PREPROCESSING_HOOKS = Setting[Sequence[str]](())
    #: Dotted paths of functions that take the JSON shape of the document and return that of another one, for what
    #: neither code nor settings can say.
    ASYNCAPI_POSTPROCESSING_HOOKS = Setting[Sequence[str]](())
    #: Codes of problems that the project knows and accepts; nobody is told of them again.
    SILENCED_PROBLEMS = Setting[Sequence[str]](())

    def configured(self) -> Mapping[str, Any]:
        """``settings.CHANX`` at this moment, for those who remember what they have read and want to know how long it
        is true."""
        return _configured()

    def problems(self) -> list[str]:
        """Sentences about names and values in ``settings.CHANX`` that are not as declared here."""
        configured: Any = _configured()
        if not isinstance(configured, Mapping):
            return [f"CHANX must be a dictionary, not {type(configured).__name__}."]
        declared = {name: value for name, value in vars(type(self)).items() if isinstance(value, Setting)}
        found: list[str] = []
        for name, value in configured.items():
            if name not in declared:
                found.append(f"CHANX[{name!r}] is not a setting of chanx; known are {', '.join(sorted(declared))}.")
                continue
            (expected,) = get_args(getattr(declared[name], "__orig_class__", None))
            try:
                TypeAdapter[Any](expected).validate_python(value, strict=True)
            except ValidationError as error:
                for each in error.errors():
                    where = "".join(f"[{part!r}]" for part in (name, *each["loc"]))
                    found.append(f"CHANX{where} = {each['input']!r}: {each['msg']}.")
            else:
                least = declared[name].at_least
                if least is not None and value is not None and value < least:
                    found.append(f"CHANX[{name!r}] = {value!r}: it must be at least {least:g}.")
        return found

    def refuse_problems(self) -> None:
        """Raises :class:`~chanx.exceptions.SettingError` when ``settings.CHANX`` is not as declared here."""
        if found := self.problems():
            raise SettingError("\n".join(found))


chanx_settings = ChanxSettings()


def chosen(override: T | None, setting: T) -> T:
    """What a class attribute overrides, or the setting that it follows when it is None."""
    return setting if override is None else override
