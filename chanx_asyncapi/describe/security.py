"""``components.securitySchemes``, derived from DRF's authentication classes.

drf-spectacular has an extension for each authentication class that it, or somebody else, knows to describe; it speaks
OpenAPI, which is translated here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from pydantic import TypeAdapter

from chanx.handshake import AUTHORIZATION_PREFIX, BEARER_PREFIX, SUBPROTOCOL
from chanx_asyncapi.describe.names import class_path, key
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import SecurityScheme

_SCHEME: Final[TypeAdapter[SecurityScheme]] = TypeAdapter(SecurityScheme)


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """The security schemes of a document."""

    schemes: Mapping[str, SecurityScheme]
    #: The keys of the schemes of each authentication class.
    by_class: Mapping[type[Any], tuple[str, ...]]
    problems: tuple[Problem, ...]

    def keys_of(self, classes: Iterable[type[Any]]) -> tuple[str, ...]:
        """The schemes of several authentication classes, each once."""
        return tuple(dict.fromkeys(found for each in classes for found in self.by_class.get(each, ())))


def describe_security(classes: Iterable[type[Any]]) -> Security:
    """The schemes of authentication classes. One that nobody can describe is a problem."""
    # drf-spectacular registers its own extensions when it imports them for its schemas, and not before. So do we.
    import_module("drf_spectacular.openapi")
    import_module("chanx_asyncapi.describe.ticket_scheme")
    schemes: dict[str, SecurityScheme] = {}
    owners: dict[str, type[Any]] = {}
    by_class: dict[type[Any], tuple[str, ...]] = {}
    problems: list[Problem] = []
    for each in dict.fromkeys(classes):
        try:
            found = list(_schemes_of(each))
        except Exception as error:  # extensions and authentication classes are anybody's
            problems.append(_undescribed(each, f"its extension failed with {type(error).__name__}: {error}."))
            continue
        if not found:
            problems.append(_undescribed(each, "no extension of drf-spectacular describes it."))
        if len(found) > 1:
            problems.append(_inexpressible(each, [name for name, _ in found]))
        keys: list[str] = []
        for name, scheme in found:
            chosen = key(name)
            if schemes.get(chosen, scheme) != scheme:
                problems.append(_ambiguous(chosen, owners[chosen], each))
                chosen = key(f"{name}.{class_path(each)}")
            schemes[chosen] = scheme
            owners.setdefault(chosen, each)
            keys.append(chosen)
        by_class[each] = tuple(keys)
    return Security(schemes=schemes, by_class=by_class, problems=tuple(problems))


def _schemes_of(authentication_class: type[Any]) -> Iterator[tuple[str, SecurityScheme]]:
    authenticator = authentication_class()
    extension: Any = OpenApiAuthenticationExtension.get_match(authenticator)
    if extension is None:
        return
    names, definitions = extension.name, extension.get_security_definition(None)
    if isinstance(names, str):
        names, definitions = [names], [definitions]
    for name, definition in zip(names, definitions, strict=True):
        wire = _translated(definition)
        if (subprotocol := _subprotocol(wire, authenticator)) is not None:
            wire.setdefault("x-subprotocol", subprotocol)
        yield name, _scheme(wire)


def _scheme(wire: Mapping[str, Any]) -> SecurityScheme:
    extensions = {name: value for name, value in wire.items() if name.startswith("x-")}
    fields = {name: value for name, value in wire.items() if name not in extensions}
    return _SCHEME.validate_python({**fields, "extensions": extensions}, by_alias=True, by_name=True)


def _translated(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A security scheme of OpenAPI 3.0 as one of AsyncAPI 3.

    https://spec.openapis.org/oas/v3.0.3#security-scheme-object
    """
    wire: dict[str, Any] = {name: str(value) if name == "description" else value for name, value in definition.items()}
    match wire["type"]:
        case "apiKey":
            # AsyncAPI's apiKey is a broker's; what comes with a handshake is called httpApiKey.
            wire["type"] = "httpApiKey"
        case "oauth2":
            wire["flows"] = {
                name: {("availableScopes" if key == "scopes" else key): value for key, value in flow.items()}
                for name, flow in wire["flows"].items()
            }
        case _:
            pass
    return wire


def _subprotocol(wire: Mapping[str, Any], authenticator: Any) -> dict[str, str] | None:
    """How a browser, which cannot send headers, brings the credential: None where it brings it otherwise.

    ``authorization`` is the subprotocol for a whole value of the Authorization header, ``bearer`` for a bearer token;
    ``select`` is offered beside it, for the server to choose. ``prefix`` is the first word of the header's value.
    """
    prefix: str | None
    match wire["type"]:
        case "http":
            prefix = str(wire["scheme"]).capitalize()
        case "oauth2" | "openIdConnect":
            prefix = "Bearer"
        case "httpApiKey" if wire["in"] == "header" and str(wire["name"]).lower() == "authorization":
            # As TokenAuthentication and its like call it; OpenAPI has no place for it.
            keyword = getattr(authenticator, "keyword", None)
            prefix = keyword if isinstance(keyword, str) else None
        case _:
            return None
    described = {"select": SUBPROTOCOL, "authorization": AUTHORIZATION_PREFIX + "{base64url}"}
    if prefix == "Bearer":
        described["bearer"] = BEARER_PREFIX + "{token}"
    if prefix is not None:
        described["prefix"] = prefix
    return described


def _undescribed(authentication_class: type[Any], reason: str) -> Problem:
    return Problem(
        code=Code.UNDESCRIBED_AUTHENTICATION,
        where=(class_path(authentication_class),),
        text=f"clients are not told how to authenticate: {reason}",
        way_out="Write an OpenApiAuthenticationExtension for it, or correct the one there is.",
    )


def _inexpressible(authentication_class: type[Any], names: list[str]) -> Problem:
    return Problem(
        code=Code.INEXPRESSIBLE_AUTHENTICATION,
        where=(class_path(authentication_class),),
        text=f"it demands {' and '.join(names)} together, but the schemes of an AsyncAPI document are alternatives.",
        way_out="Say in the description of each scheme that the others are needed as well.",
    )


def _ambiguous(name: str, first: type[Any], second: type[Any]) -> Problem:
    return Problem(
        code=Code.AMBIGUOUS_AUTHENTICATION,
        where=(class_path(second),),
        text=f"{class_path(first)} and {class_path(second)} are both called {name!r} but differ; "
        "the second one is called by its class.",
        way_out="Write an OpenApiAuthenticationExtension with another name for one of them.",
    )
