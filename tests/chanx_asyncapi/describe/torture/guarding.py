"""Who may connect: every kind of authentication class, and permissions in every combination."""

from typing import Any, ClassVar, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import (
    BaseAuthentication,
    BasicAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from rest_framework.permissions import (
    AllowAny,
    BasePermission,
    DjangoModelPermissionsOrAnonReadOnly,
    IsAdminUser,
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
)
from rest_framework_simplejwt.authentication import JWTAuthentication, JWTStatelessUserAuthentication

from chanx.authentication import TicketAuthentication
from tests.chanx_asyncapi.describe.torture.exchange import consumer, message


class KeyAuthentication(BaseAuthentication):
    """A key in the address."""


class HeaderAuthentication(BaseAuthentication):
    """A key in a header of its own."""


class OpenIdAuthentication(BaseAuthentication):
    """A provider somewhere else."""


class FlowAuthentication(BaseAuthentication):
    """OAuth 2 with every flow."""


class KeyTokenAuthentication(TokenAuthentication):
    """DRF's tokens under another name, described by an extension of its own."""

    keyword = "Key"


class _Scheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # without types
    definition: ClassVar[dict[str, Any]]

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return self.definition


class _KeyScheme(_Scheme):  # type: ignore[no-untyped-call]  # without types
    target_class = KeyAuthentication
    name = "key in the query"
    definition: ClassVar = {"type": "apiKey", "in": "query", "name": "api_key", "description": "A key. */"}


class _HeaderScheme(_Scheme):  # type: ignore[no-untyped-call]  # without types
    target_class = HeaderAuthentication
    name = "headerKey"
    definition: ClassVar = {"type": "apiKey", "in": "header", "name": "X-Api-Key"}


class _OpenIdScheme(_Scheme):  # type: ignore[no-untyped-call]  # without types
    target_class = OpenIdAuthentication
    name = "openId"
    definition: ClassVar = {
        "type": "openIdConnect",
        "openIdConnectUrl": "https://id.example/.well-known/openid-configuration",
    }


class _FlowScheme(_Scheme):  # type: ignore[no-untyped-call]  # without types
    target_class = FlowAuthentication
    name = "oauth"
    definition: ClassVar = {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "https://id.example/authorize",
                "tokenUrl": "https://id.example/token",
                "refreshUrl": "https://id.example/refresh",
                "scopes": {"read": "Read.", "write:all": "Write. </script>"},
            },
            "clientCredentials": {"tokenUrl": "https://id.example/token", "scopes": {}},
        },
    }


class _KeyTokenScheme(_Scheme):  # type: ignore[no-untyped-call]  # without types
    target_class = KeyTokenAuthentication
    name = "keyToken"
    definition: ClassVar = {"type": "http", "scheme": "bearer", "bearerFormat": "Key"}


class Closed(BasePermission):
    """Lets nobody in."""


class Open(BasePermission):
    """Lets everybody in."""


AUTHENTICATION: Final[dict[str, tuple[Any, ...]]] = {
    "Session": (SessionAuthentication,),
    "Basic": (BasicAuthentication,),
    "Token": (TokenAuthentication,),
    "Jwt": (JWTAuthentication,),
    "StatelessJwt": (JWTStatelessUserAuthentication, JWTAuthentication),
    "Key": (KeyAuthentication,),
    "Header": (HeaderAuthentication,),
    "OpenId": (OpenIdAuthentication,),
    "Flow": (FlowAuthentication,),
    "KeyToken": (KeyTokenAuthentication, TokenAuthentication),
    "All": (SessionAuthentication, BasicAuthentication, TokenAuthentication, JWTAuthentication, KeyAuthentication),
    "Ticket": (TicketAuthentication, TokenAuthentication),
    "None": (),
    "Default": None,  # type: ignore[dict-item]  # DRF's own
}

_ALGEBRA: Any = (Open | ~Closed) & (IsAuthenticated | IsAdminUser)
PERMISSIONS: Final[dict[str, tuple[Any, ...]]] = {
    "Anybody": (AllowAny,),
    "Nobody": (Closed,),
    "ReadOnly": (IsAuthenticatedOrReadOnly, DjangoModelPermissionsOrAnonReadOnly),
    "And": (IsAuthenticated & IsAdminUser,),
    "Not": (~IsAuthenticated,),
    "Algebra": (_ALGEBRA, ~_ALGEBRA, Open),
    "NoPermission": (),
}

_ASKS: Final = message(__name__, "knock", None)
_ANSWERS: Final = message(__name__, "enter", None)

CONSUMERS: Final = [
    *(
        consumer(__name__, f"{name}Consumer", _ASKS, _ANSWERS, authentication_classes=classes)
        for name, classes in AUTHENTICATION.items()
    ),
    *(
        consumer(__name__, f"{name}Consumer", _ASKS, _ANSWERS, permission_classes=classes)
        for name, classes in PERMISSIONS.items()
    ),
]
