"""Decides who may open a WebSocket, with DRF's authentication, permission and throttle classes."""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import responses
from typing import Any, Final, Literal, Protocol

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db.models import Manager, Model, QuerySet
from django.http import Http404, HttpRequest
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import (
    AllowAny,
    BasePermission,
    IsAdminUser,
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
    OperandHolder,
    SingleOperandHolder,
)
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.throttling import BaseThrottle

from chanx.blocking import may_block
from chanx.close_codes import CloseCode
from chanx.database import call_sharing_connections
from chanx.handshake import checked_scope, django_request, is_repeated, may_authenticate
from chanx.unasked import UnaskedRequest, open_circles

logger = logging.getLogger("chanx.handshake")

AuthenticationClasses = Sequence[type[BaseAuthentication]] | None
PermissionClasses = Sequence[type[BasePermission] | OperandHolder | SingleOperandHolder] | None
ThrottleClasses = Sequence[type[BaseThrottle]] | None
AuthMethod = Literal["get", "post", "put", "patch", "delete", "options"]
User = AbstractBaseUser | AnonymousUser


class ObjectCollection(Protocol):
    """A QuerySet, or a Manager. (Django's type stubs make a Manager a descriptor of models alone, so that its own
    type does not fit a class attribute of anything else.)"""

    def all(self) -> QuerySet[Any]: ...


ObjectQuerySet = Literal[True] | ObjectCollection


@dataclass
class AuthenticationResult:
    """How the authentication of a WebSocket ended: in HTTP's words, and with the close code that follows."""

    is_authenticated: bool
    status_code: int
    status_text: str
    data: dict[str, Any] = field(default_factory=dict)
    user: User | None = None
    obj: Model | None = None
    #: Why to close; None when authenticated, or for the close code that ``status_code`` has.
    close_code: CloseCode | None = None
    #: The request as DRF saw it; None when it could not be made.
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What becomes of an exception at the handshake."""

    close_code: CloseCode
    #: Seconds; None where nobody knows.
    retry_after: int | None = None


class ObjectSource(Protocol):
    """Where the object of a connection comes from, as in DRF's generic views; a consumer is one."""

    request: Request

    def get_queryset(self) -> QuerySet[Any]: ...
    def get_object(self) -> Any: ...


class ChanxSerializer(Serializer[Any]):
    """A serializer without fields, for DRF's permission and schema classes that expect one on a view."""


class NoNegotiation(BaseContentNegotiation):
    """The first parser and renderer of a view, whatever ``?format=`` or Accept say: for a handshake they mean
    something else, or nothing."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class ChanxAuthView(GenericAPIView[Any]):
    """The DRF view that a WebSocket handshake is for DRF's classes.

    Its HTTP methods answer ``{"detail": "OK"}``. Permission classes see it as their ``view``, with ``kwargs``,
    ``queryset`` and the rest in place.
    """

    serializer_class = ChanxSerializer
    #: A handshake has no body.
    parser_classes = ()
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = NoNegotiation

    #: What ScopedRateThrottle asks a view for.
    throttle_scope: str | None = None
    #: Whether the connection is about an object.
    wants_object = False
    #: Asked for the queryset and the object in place of this view, when set.
    source: ObjectSource | None = None
    obj: Any = None

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answers as :meth:`get_response` does."""
        return self.get_response(request)

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answers as :meth:`get_response` does."""
        return self.get_response(request)

    def put(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answers as :meth:`get_response` does."""
        return self.get_response(request)

    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answers as :meth:`get_response` does."""
        return self.get_response(request)

    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answers as :meth:`get_response` does."""
        return self.get_response(request)

    def options(  # type: ignore[override]  # of Django's View, which the stubs do not see DRF narrow
        self, request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        """Answers as :meth:`get_response` does; DRF's own would describe an HTTP view, and need its queryset."""
        return self.get_response(request)

    def get_response(self, request: Request) -> Response:
        """Looks the object up when one is wanted, and answers OK.

        Raises Http404 when it does not exist, PermissionDenied when the user may not have it.
        """
        if self.wants_object:
            self.obj = self.get_permitted_object()
        return Response({"detail": "OK"})

    def get_queryset(self) -> QuerySet[Any]:
        return self.own_queryset() if self.source is None else self.source.get_queryset()

    def get_object(self) -> Any:
        return self.own_object() if self.source is None else self.source.get_object()

    def own_queryset(self) -> QuerySet[Any]:
        """The ``queryset`` attribute, evaluated afresh; a Manager becomes its queryset."""
        queryset: Any = vars(self).get("queryset")
        return queryset.all() if isinstance(queryset, Manager) else super().get_queryset()

    def own_object(self) -> Any:
        """The object that the URL names in the queryset, as DRF looks it up."""
        return super().get_object()

    def get_permitted_object(self) -> Any:
        """The object, its permissions checked also where an own ``get_object`` forgot to."""
        self._permitted: Any = None
        obj = self.get_object()
        if obj is None:
            raise Http404
        if self._permitted is not obj:
            self.check_object_permissions(self.request, obj)
        return obj

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        super().check_object_permissions(request, obj)
        self._permitted = obj

    def begin(self, request: HttpRequest, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Request:
        """Makes DRF's request of a handshake, and keeps it."""
        self.args = tuple(args)
        self.kwargs = dict(kwargs)
        self.headers = {}
        self.request = self.initialize_request(request, *args, **kwargs)
        return self.request

    def run(self, request: HttpRequest, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Response:
        """Authenticates, checks permissions and throttles, and calls the method of the request's verb.

        DRF's own refusals become responses; other exceptions are raised.
        """
        self.begin(request, args, kwargs)
        if self.source is not None:
            self.source.request = self.request
        self.refusal: Refusal | None = None
        try:
            self.initial(self.request, *args, **kwargs)
            handler = getattr(self, str(self.request.method).lower(), self.http_method_not_allowed)
            response: Response = handler(self.request, *args, **kwargs)
            if self.wants_object and self.obj is None and not response.exception:
                # An own get() or post() that does not call get_response().
                self.obj = self.get_permitted_object()
        except Exception as error:
            response = self.handle_exception(error)
            # Not the exception, whose traceback holds this view.
            self.refusal = Refusal(close_code_of(error, response.status_code), _retry_after(error))
        finally:
            # DRF's classes may have asked for what it has of the view, which holds it.
            open_circles(self.request)
        return response


class HandshakeOptions:
    """The attributes that decide who may connect: of a consumer, or of an authenticator."""

    #: DRF's classes; None means DRF's defaults.
    authentication_classes: AuthenticationClasses = None
    permission_classes: PermissionClasses = None
    throttle_classes: ThrottleClasses = None
    #: The rate that DRF's ScopedRateThrottle takes from DEFAULT_THROTTLE_RATES.
    throttle_scope: str | None = None
    #: Where the object of the connection is looked up; True when it has none.
    queryset: ObjectQuerySet = True
    #: The model field of the lookup, and the URL keyword that holds its value (None: the same name).
    lookup_field: str = "pk"
    lookup_url_kwarg: str | None = None
    #: The HTTP verb that DRF's classes see.
    auth_method: AuthMethod = "get"


#: DRF's classes that look at nothing but the user and the verb.
_PURE_PERMISSIONS: Final = frozenset[Any]((AllowAny, IsAdminUser, IsAuthenticated, IsAuthenticatedOrReadOnly))

#: The attributes of HandshakeOptions, and their values.
_DEFAULTS: Final = tuple((name, value) for name, value in vars(HandshakeOptions).items() if not name.startswith("_"))


class ChanxWebsocketAuthenticator(HandshakeOptions):
    """Authenticates a WebSocket as DRF would authenticate an HTTP request.

    What a consumer sets counts before the attributes of its authenticator. A subclass may set them, another
    ``view_class``, or override :meth:`authenticate`.
    """

    view_class: type[ChanxAuthView] = ChanxAuthView
    #: Whose ``get_queryset`` and ``get_object`` count, instead of the view's own.
    source: ObjectSource | None = None
    #: Whether there is an object to look up; None means that there is one when there is a queryset.
    wants_object: bool | None = None

    def follow(self, options: HandshakeOptions) -> None:
        """Takes over what ``options`` sets to other than the defaults."""
        for name, default in _DEFAULTS:
            if (chosen := getattr(options, name)) is not default:
                setattr(self, name, chosen)

    async def authenticate(self, scope: Mapping[str, Any]) -> AuthenticationResult:
        """Runs DRF's classes once, in one thread, or in none where nothing needs the database.

        Never raises: a failure is a result with status 500.
        """
        try:
            if self._may_need_database(scope):
                return await call_sharing_connections(self._authenticate, scope)
            if self._lets_everybody_in():
                return self._let_in(scope)
            return await may_block(self._authenticate, scope)
        except Exception:
            logger.exception("Authentication of a WebSocket failed")
            return failed()

    def _may_need_database(self, scope: Mapping[str, Any]) -> bool:
        """Whether a thread is needed. Classes of the application may do anything, so any of them is reason enough.

        DRF's own ask the database only about credentials: a stranger without any occupies no thread that users need.
        An authentication class of another's may say so, too: see :func:`~chanx.handshake.may_authenticate`.
        """
        if type(self) is not ChanxWebsocketAuthenticator or self.view_class is not ChanxAuthView:
            return True
        if self._chosen("throttle_classes") or ChanxAuthView.versioning_class or self._looks_up_object():
            return True
        if not _PURE_PERMISSIONS.issuperset(self._chosen("permission_classes")):
            return True
        return any(may_authenticate(each, scope) for each in self._chosen("authentication_classes"))

    def _lets_everybody_in(self) -> bool:
        return all(permission is AllowAny for permission in self._chosen("permission_classes"))

    def _chosen(self, name: str) -> Sequence[Any]:
        classes: Sequence[Any] | None = getattr(self, name)
        return getattr(self.view_class, name) if classes is None else classes

    def _looks_up_object(self) -> bool:
        return self.queryset is not True if self.wants_object is None else self.wants_object

    def _let_in(self, scope: Mapping[str, Any]) -> AuthenticationResult:
        """The result for somebody who is nobody in particular, where DRF would ask nothing."""
        try:
            checked_scope(scope)
        except exceptions.APIException as refusal:
            return refused(refusal)
        result = _result(200, {"detail": "OK"}, None)
        result.is_authenticated = True
        result.request = UnaskedRequest(self, scope)
        result.user = result.request.user
        return result

    def make_request(self, scope: Mapping[str, Any]) -> Request:
        """DRF's request of a handshake, which knows the view that it makes besides. Does no I/O."""
        self.view = self.make_view()
        request, (args, kwargs) = django_request(scope, self.auth_method), _url_arguments(scope)
        return self.view.begin(request, args, kwargs)

    def _authenticate(self, scope: Mapping[str, Any]) -> AuthenticationResult:
        try:
            request = django_request(scope, self.auth_method)
        except exceptions.APIException as refusal:
            return refused(refusal)
        view = self.view = self.make_view()
        if is_repeated(scope):
            # It is the server that asks again, and not the client.
            view.throttle_classes = ()
        response = view.run(request, *_url_arguments(scope))
        if view.refusal is not None or response.status_code >= 400:
            reason = view.refusal or Refusal(close_code_of(None, response.status_code))
            return _result(response.status_code, _with_retry_after(response.data, reason), reason.close_code)
        user = view.request.user
        result = _result(response.status_code, response.data, None)
        result.is_authenticated = True
        result.user, result.obj, result.request = user, view.obj, view.request
        return result

    def make_view(self) -> ChanxAuthView:
        """The view of one handshake, with this authenticator's attributes."""
        view = self.view_class()
        for name in ("authentication_classes", "permission_classes", "throttle_classes"):
            if (classes := getattr(self, name)) is not None:
                setattr(view, name, classes)
        if self.queryset is not True:
            vars(view)["queryset"] = self.queryset
        view.throttle_scope = self.throttle_scope
        view.lookup_field, view.lookup_url_kwarg = self.lookup_field, self.lookup_url_kwarg
        view.source = self.source
        view.wants_object = self._looks_up_object()
        return view


_BY_STATUS: Final[Mapping[int, CloseCode]] = {
    401: CloseCode.NOT_AUTHENTICATED,
    403: CloseCode.FORBIDDEN,
    404: CloseCode.NOT_FOUND,
    429: CloseCode.THROTTLED,
}


def close_code_of(refusal: BaseException | None, status: int = 400) -> CloseCode:
    """The close code of a refusal. The exception decides before the status: DRF answers 403 to a missing
    credential when its first authenticator names no scheme, and a client should still log in."""
    match refusal:
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return CloseCode.NOT_AUTHENTICATED
        case exceptions.PermissionDenied() | DjangoPermissionDenied():
            return CloseCode.FORBIDDEN
        case exceptions.NotFound() | Http404():
            return CloseCode.NOT_FOUND
        case exceptions.Throttled():
            return CloseCode.THROTTLED
        case _:
            failed = CloseCode.HANDSHAKE_FAILURE if status >= 500 else CloseCode.PROTOCOL_VIOLATION
            return _BY_STATUS.get(status, failed)


def refused(refusal: exceptions.APIException) -> AuthenticationResult:
    """The result of a handshake that is refused, with the data that DRF would answer with."""
    detail: Any = refusal.detail
    data = detail if isinstance(detail, list | dict) else {"detail": str(detail)}
    reason = Refusal(close_code_of(refusal), _retry_after(refusal))
    return _result(refusal.status_code, _with_retry_after(data, reason), reason.close_code)


def _retry_after(refusal: Exception) -> int | None:
    # DRF's type stubs do not know the attribute.
    wait: float | None = getattr(refusal, "wait", None)
    return None if wait is None or not isinstance(refusal, exceptions.Throttled) else math.ceil(wait)


def _url_arguments(scope: Mapping[str, Any]) -> tuple[Sequence[Any], Mapping[str, Any]]:
    route = scope.get("url_route", {})
    return route.get("args", ()), route.get("kwargs", {})


def _with_retry_after(data: Any, refusal: Refusal) -> Any:
    """``data``, with what DRF tells in a header, which a frame has not, and in words."""
    return data if refusal.retry_after is None else {**data, "retry_after": refusal.retry_after}


def failed() -> AuthenticationResult:
    """The result of a handshake at which the server has failed."""
    return _result(500, {"detail": "Internal server error"}, CloseCode.HANDSHAKE_FAILURE)


def _result(status: int, data: Any, close_code: CloseCode | None) -> AuthenticationResult:
    return AuthenticationResult(
        is_authenticated=False,
        status_code=status,
        status_text=responses.get(status, ""),
        data=data,
        close_code=close_code,
    )
