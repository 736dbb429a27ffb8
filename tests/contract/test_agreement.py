"""The documents against the runtime, with random values: what the one allows, the other takes and sends."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

import pytest
from django.test import override_settings
from jsonschema import Draft7Validator, FormatChecker

from chanx.codec import Codec, Invoke, Reject
from chanx.messages.base import BaseMessage
from chanx.routing import walk
from chanx.utils.asgi import get_websocket_application
from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.conversations import Direction, Frame, conversation
from chanx_asyncapi.describe.exact_generator import ExactGenerator
from chanx_asyncapi.describe.schemas import describe_schemas
from chanx_asyncapi.validation.formats import FORMATS
from tests.chanx_asyncapi.describe import torture
from tests.chanx_asyncapi.describe.torture import drf_serializers, models, values
from tests.contract.documents import OTHER_WIRE
from tests.contract.random_values import ALL_FORMATS, RandomValues, spoiled

# Some messages and fields are deprecated, and Python warns of it whenever one is made or read.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

#: Values for each message, and spoiled copies of each value.
VALUES: Final = 8
COPIES: Final = 2

#: What the runtime refuses although the schema allows it: message, code of the error, and why draft-07 cannot say it.
KNOWN: Final[Mapping[tuple[str, str], str]] = {
    ("Decimals", "decimal_max_digits"): "the digits of a text with an exponent",
    ("Decimals", "decimal_whole_digits"): "the digits of a text with an exponent",
    ("Decimals", "greater_than"): "the limits of a number that travels as a text",
    ("BoundedTimes", "less_than_equal"): "the limits of a duration",
    ("Futures", "datetime_future"): "what time it is",
    ("Complex", "complex_str_parsing"): "no format of texts for complex numbers",
    ("ByteSizes", "byte_size_unit"): "pydantic's own pattern knows no units",
    ("Urls", "url_scheme"): "the schemes of a URL",
    ("JsonOfNumbers", "list_type"): "what is in a text of JSON",
    ("All", "list_type"): "what is in a text of JSON",
}


class Agreement:
    """The messages of a service in both directions, the schemas of their frames, and what was found."""

    def __init__(self, consumers: list[Any]) -> None:
        self.counts: Counter[str] = Counter()
        self.known: set[tuple[str, str]] = set()
        self.wire = WireFormat.from_settings()
        #: The messages, and whether a client may send them. What is only sent has to be made from something, too.
        self.messages: dict[type[BaseMessage], bool] = {}
        for consumer in consumers:
            for frame in conversation(consumer.spec).keys:
                received = frame.direction == "received"
                self.messages[frame.message] = received or self.messages.get(frame.message, False)
        directions: tuple[Direction, Direction] = ("received", "sent")
        frames = [Frame(message, direction) for message in self.messages for direction in directions]
        self._schemas = describe_schemas(frames, self.wire)
        assert self._schemas.problems == ()
        self._components = dict(self._schemas.components)

    def check(self, message: type[BaseMessage], seed: int) -> Iterator[str]:
        """Holds one random value for a message against schema and runtime; what they disagree about."""
        fits = self._validator(Frame(message, "received"), ALL_FORMATS)
        codec = Codec.of(dict.fromkeys(message.discriminator_values(), message), self.wire)
        frame = RandomValues(self._components, seed).value(self._reference(Frame(message, "received")))
        self.counts["generated"] += 1
        assert [error.message for error in fits.iter_errors(frame)] == [], frame
        match codec.decode(json.dumps(frame)):
            case Invoke(decoded, reply_to):
                self.counts["accepted"] += 1
                yield from self._check_sent(codec.encode(decoded, reply_to), Frame(message, "sent"))
                yield from self._check_spoiled(frame, fits, codec, seed)
            case Reject(errors) if self.messages[message]:
                self.counts["refused"] += 1
                cause = (message.__name__, errors[0].type)
                self.known.add(cause)
                if cause not in KNOWN:
                    yield f"the schema allows, and the runtime refuses with {errors[0]}: {frame}"
            case _:
                self.counts["never received"] += 1

    def _check_sent(self, text: str, frame: Frame) -> Iterator[str]:
        self.counts["sent"] += 1
        for error in self._validator(frame, FORMATS).iter_errors(json.loads(text)):
            yield f"the runtime sends what does not fit, {error.message}: {text}"

    def _check_spoiled(self, frame: Any, fits: Draft7Validator, codec: Codec, seed: int) -> Iterator[str]:
        for bad in spoiled(frame, Random(seed), count=COPIES):
            self.counts["spoiled"] += 1
            decision = codec.decode(json.dumps(bad))
            if isinstance(decision, Reject):
                self.counts["spoiled and refused"] += 1
                if fits.is_valid(bad):
                    yield f"the runtime refuses with {decision.errors[0]}, and the schema allows: {bad}"

    def _reference(self, frame: Frame) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{self._schemas.frames[frame].key}"}

    def _validator(self, frame: Frame, formats: FormatChecker) -> Draft7Validator:
        schema = {**self._reference(frame), "components": {"schemas": self._components}}
        return Draft7Validator(schema, format_checker=formats)


def disagreements(agreement: Agreement) -> list[str]:
    return [
        f"{message.__name__}: {found}"
        for message in agreement.messages
        for seed in range(VALUES)
        for found in agreement.check(message, seed)
    ]


@pytest.mark.parametrize("chanx", [{}, OTHER_WIRE])
def test_the_torture_service(chanx: dict[str, Any]) -> None:
    # What serializers take and send is DRF's affair, and what is said of that is drf-spectacular's: they disagree about
    # spaces around texts, addresses of the internet, and rows that the database lacks.
    consumers = [consumer for consumer in torture.consumers() if consumer not in drf_serializers.CONSUMERS]
    with override_settings(CHANX=chanx):
        agreement = Agreement(consumers)
        assert disagreements(agreement) == []

    assert agreement.counts["sent"] == agreement.counts["accepted"] > 2_000
    assert agreement.counts["spoiled and refused"] > 2_000
    # An exception that nobody needs any more hides the next mistake.
    assert agreement.known == KNOWN.keys()


def test_the_demo() -> None:
    consumers = [route.spec.consumer for route in walk(get_websocket_application()) if route.spec is not None]
    agreement = Agreement(consumers)

    assert disagreements(agreement) == []
    assert agreement.counts["accepted"] == agreement.counts["generated"] > 100


def test_a_disagreement_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself, pydantic allows any text as a decimal, and wants to see what a dataclass only takes."""
    monkeypatch.delattr(ExactGenerator, "get_decimal_pattern")
    monkeypatch.delattr(ExactGenerator, "field_is_present")
    with override_settings(CHANX={}):
        found = disagreements(Agreement([*values.CONSUMERS, *models.CONSUMERS]))

    assert any(each.startswith("Decimals: the schema allows") and "decimal_parsing" in each for each in found)
    assert any(each.startswith("Dataclasses: the runtime sends what does not fit") for each in found)
