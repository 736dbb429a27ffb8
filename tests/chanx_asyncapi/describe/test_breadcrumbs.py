"""Each problem says through which consumer, message and field it was found."""

import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from pydantic import BaseModel, ConfigDict, Field, computed_field
from rest_framework.authentication import BaseAuthentication
from typing_extensions import TypedDict

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi import asyncapi
from chanx_asyncapi.describe import describe
from chanx_asyncapi.extensions import TypeExtension
from chanx_asyncapi.validation import validate
from tests.chanx_asyncapi.describe.support import codes, described, service

HERE = __name__


class Vague(BaseModel):
    call: Callable[[], int]


class Typed(TypedDict):
    vague: list[Vague | None]


@dataclass
class Data:
    typed: Typed


class Fine(BaseModel):
    fine: int = 1


class Post(BaseMessage):
    """Posts."""

    action: Literal["post"] = "post"
    payload: tuple[Fine, Data]


class Matched(BaseMessage):
    """Matches."""

    action: Literal["matched"] = "matched"
    payload: "Pattern"


class Pattern(BaseModel):
    first: int
    pattern: Annotated[str, Field(pattern="(?i)^a$")]


class Defaulted(BaseMessage):
    """Has a default."""

    action: Literal["defaulted"] = "defaulted"
    payload: "Default"


class Default(BaseModel):
    nothing: Any = object()


class Chosen(BaseMessage):
    """Chooses."""

    action: Literal["chosen"] = "chosen"
    payload: list[Fine | Callable[[], int] | tuple[Data, int]]


class Computed(BaseMessage):
    """Computes."""

    action: Literal["computed"] = "computed"
    payload: None = None

    @computed_field
    def total(self) -> Callable[[], int]:
        raise NotImplementedError


class Shown(BaseMessage):
    """Shows."""

    action: Literal["shown"] = "shown"
    payload: int

    model_config = ConfigDict(json_schema_extra={"examples": [{"action": "shown", "payload": "a"}]})


class Undocumented(BaseMessage):
    action: Literal["undocumented"] = "undocumented"
    payload: int


class Nobody(BaseAuthentication): ...


class Quiet(AsyncJsonWebsocketConsumer[PingMessage | Shown]):
    outgoing_messages = ()

    async def receive_message(self, message: PingMessage | Shown, **kwargs: Any) -> None: ...


class Talk(AsyncJsonWebsocketConsumer[Post | Matched | Defaulted | Chosen | Shown | Undocumented]):
    authentication_classes = (Nobody,)
    outgoing_messages = (Computed,)

    async def receive_message(
        self, message: Post | Matched | Defaulted | Chosen | Shown | Undocumented, **kwargs: Any
    ) -> None: ...

    @asyncapi(title="Helps")
    async def help(self, message: Post) -> None: ...


TALK = ("routing", f"{HERE}.Talk")


@pytest.mark.parametrize(
    ("code", "way"),
    [
        ("asyncapi.E002", (*TALK, f"{HERE}.Post", "payload", "typed", "vague", "call")),
        ("asyncapi.E002", (*TALK, f"{HERE}.Computed", "total")),
        # Nobody could send a function; a choice that holds one is another matter.
        ("asyncapi.W015", (*TALK, f"{HERE}.Chosen", "payload")),
        ("asyncapi.E403", (*TALK, f"{HERE}.Matched", f"{HERE}.Pattern", "pattern")),
        ("asyncapi.W010", (*TALK, f"{HERE}.Defaulted", "payload", "nothing")),
        ("asyncapi.W004", (*TALK, "undocumented")),
        ("asyncapi.W005", (*TALK, "authentication_classes", f"{HERE}.Nobody")),
        ("asyncapi.W014", (*TALK, "help")),
        # Of several consumers the first one is named, and the problem is told once.
        ("asyncapi.W008", ("routing", f"{HERE}.Quiet", f"{HERE}.Shown", "examples")),
    ],
)
def test_the_way_to_a_problem(code: str, way: tuple[str, ...]) -> None:
    problems = describe(service(Quiet, Talk, Talk)).problems

    assert [problem.where for problem in problems if problem.code == code and problem.where == way] == [way]
    assert len(problems) == 9


def test_the_way_out_of_a_type_is_an_extension() -> None:
    (problem,) = (each for each in describe(service(Talk)).problems if each.where[-1] == "call")

    assert "write a chanx_asyncapi.extensions.TypeExtension" in problem.way_out


class Odd:
    """A type of somebody else's."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return handler(str)


class Send(BaseMessage):
    """Sends."""

    action: Literal["send"] = "send"
    payload: Odd


def failing(*args: Any) -> Any:
    raise RuntimeError("not today")


class Good(AsyncJsonWebsocketConsumer[PingMessage]):
    """A good one."""


def test_whatever_fails_the_rest_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hooks, extensions of both kinds, overrides, consumers: each costs what depends on it, and nothing else."""
    monkeypatch.setattr(TypeExtension, "registered", [])
    registry = OpenApiAuthenticationExtension._registry  # pyright: ignore[reportPrivateUsage] - to restore it
    monkeypatch.setattr(OpenApiAuthenticationExtension, "_registry", [*registry])

    namespace = {"__module__": HERE, "target_class": Odd, "json_schema": failing}
    types.new_class("OddExtension", (TypeExtension,), exec_body=lambda given: given.update(namespace))
    security = {"__module__": HERE, "target_class": Nobody, "name": "nobody", "get_security_definition": failing}
    types.new_class("NobodyScheme", (OpenApiAuthenticationExtension,), exec_body=lambda given: given.update(security))

    @asyncapi(examples=[object()])
    class Example(BaseMessage):
        """An example that is no JSON."""

        action: Literal["example"] = "example"
        payload: int

    class Bad(AsyncJsonWebsocketConsumer[Send | Example]):
        authentication_classes = (Nobody,)

        @handler
        async def send_it(self, message: Send) -> None: ...

        @handler
        async def example(self, message: Example) -> None: ...

    class Worse(AsyncJsonWebsocketConsumer[PingMessage]):
        permission_classes = 7  # type: ignore[assignment]  # that is the case

    hooks = [f"{HERE}.failing"]
    with override_chanx_settings(ASYNCAPI_PREPROCESSING_HOOKS=hooks, ASYNCAPI_POSTPROCESSING_HOOKS=hooks):
        description = describe(service(Good, Bad, Worse))

    assert sorted(codes(description)) == [
        "asyncapi.E001",
        "asyncapi.E002",
        "asyncapi.E007",
        "asyncapi.E007",
        "asyncapi.W005",
        "asyncapi.W008",
    ]
    assert validate(description.document) == []
    wire, alone = description.document.to_wire(), described(Good)
    assert wire["channels"]["c0"] == alone["channels"]["c0"]
    assert alone["operations"].items() <= wire["operations"].items()
    assert {"send", "example"} <= wire["channels"]["c1"]["messages"].keys()
