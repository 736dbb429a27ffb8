"""How a client proves who it is. To the specification these are one object, told apart by its ``type``."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from chanx_asyncapi.spec.base import ExtensibleObject, SpecObject


class HttpSecurityScheme(ExtensibleObject):
    """A scheme of the HTTP header Authorization, such as ``basic`` or ``bearer``.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#securitySchemeObject
    """

    type: Literal["http"] = "http"
    scheme: str
    bearer_format: str | None = None
    description: str | None = None


class HttpApiKeySecurityScheme(ExtensibleObject):
    """A secret in a header, a cookie or the query of the handshake. OpenAPI calls this ``apiKey``.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#securitySchemeObject
    """

    type: Literal["httpApiKey"] = "httpApiKey"
    name: str
    in_: Literal["header", "query", "cookie"]
    description: str | None = None


class OAuthFlow(ExtensibleObject):
    """The addresses and scopes of one OAuth flow.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#oauthFlowObject
    """

    authorization_url: str | None = None
    token_url: str | None = None
    refresh_url: str | None = None
    available_scopes: Mapping[str, str] = Field(default_factory=dict)


class OAuthFlows(SpecObject):
    """The OAuth flows that the service supports.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#oauthFlowsObject
    """

    implicit: OAuthFlow | None = None
    password: OAuthFlow | None = None
    client_credentials: OAuthFlow | None = None
    authorization_code: OAuthFlow | None = None


class OAuth2SecurityScheme(ExtensibleObject):
    """OAuth 2; ``scopes`` are the scopes that are needed here.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#securitySchemeObject
    """

    type: Literal["oauth2"] = "oauth2"
    flows: OAuthFlows
    scopes: tuple[str, ...] = ()
    description: str | None = None


class OpenIdConnectSecurityScheme(ExtensibleObject):
    """OpenID Connect, with the address of its discovery document.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#securitySchemeObject
    """

    type: Literal["openIdConnect"] = "openIdConnect"
    open_id_connect_url: str
    scopes: tuple[str, ...] = ()
    description: str | None = None


class ApiKeySecurityScheme(ExtensibleObject):
    """An API key sent as the user name or the password of a broker's login. Not for a handshake: see
    :class:`HttpApiKeySecurityScheme`.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#securitySchemeObject
    """

    type: Literal["apiKey"] = "apiKey"
    in_: Literal["user", "password"]
    description: str | None = None


class PlainSecurityScheme(ExtensibleObject):
    """The kinds that have nothing but their type, among them ``X509``, a client certificate.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#securitySchemeObject
    """

    type: Literal[
        "userPassword",
        "X509",
        "symmetricEncryption",
        "asymmetricEncryption",
        "plain",
        "scramSha256",
        "scramSha512",
        "gssapi",
    ]
    description: str | None = None


SecurityScheme: TypeAlias = Annotated[
    HttpSecurityScheme
    | HttpApiKeySecurityScheme
    | OAuth2SecurityScheme
    | OpenIdConnectSecurityScheme
    | ApiKeySecurityScheme
    | PlainSecurityScheme,
    Field(discriminator="type"),
]
