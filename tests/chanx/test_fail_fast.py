"""Long frames: the same verdict as for short ones, with fewer errors, and no garbage collection meanwhile."""

import gc
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any, Literal

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

from chanx.codec import Codec, Invoke, Reject
from chanx.fail_fast import COMPLETE_UP_TO, collector_paused, failing_fast
from chanx.messages.base import BaseMessage
from chanx.messages.outgoing import FrameError
from chanx.wire_format import WireFormat


class Circle(BaseModel):
    radius: int


class Square(BaseModel):
    side: int
    corners: list[tuple[int, int]] = []


@pytest.mark.parametrize(
    ("annotation", "text", "complete", "fast"),
    [
        (list[int], '["a","b","c"]', 3, 1),
        (set[int], '["a","b","c"]', 3, 1),
        (frozenset[int], '["a","b","c"]', 3, 1),
        (deque[int], '["a","b","c"]', 3, 1),
        (tuple[int, ...], '["a","b","c"]', 3, 1),
        (tuple[int, int, int], '["a","b","c"]', 3, 1),
        (dict[str, int], '{"x":"a","y":"b"}', 2, 1),
        (list[Circle | Square], "[{},{},{}]", 6, 2),
        (list[list[int]], '[["a","b"],["c"]]', 3, 1),
        (dict[str, list[Square]], '{"x":[{"side":1,"corners":[[],[]]},{}],"y":[{}]}', 6, 1),
    ],
    ids=str,
)
def test_each_collection_stops_at_its_first_error(annotation: Any, text: str, complete: int, fast: int) -> None:
    schema = TypeAdapter[Any](annotation).core_schema
    for made, number in ((schema, complete), (failing_fast(schema), fast)):
        with pytest.raises(ValidationError) as found:
            SchemaValidator(made, None, False).validate_json(text)
        assert found.value.error_count() == number


def test_data_in_a_schema_is_left_alone() -> None:
    schema = {"type": "any", "metadata": {"type": "list"}, "default": {"type": "list"}}
    assert failing_fast(schema) == schema
    assert failing_fast(schema)["metadata"] is schema["metadata"]


class Draw(BaseMessage):
    action: Literal["draw"] = "draw"
    payload: list[Circle | Square]


MESSAGES: Mapping[str, type[BaseMessage]] = {"draw": Draw}


@pytest.mark.parametrize("wire", [WireFormat(), WireFormat("type", camelize=True)])
def test_a_long_frame_tells_the_first_error_of_a_collection(wire: WireFormat) -> None:
    codec = Codec(MESSAGES, wire)
    units = COMPLETE_UP_TO // 12

    def decided(count: int, unit: str, extra: str = "") -> Any:
        return codec.decode(f'{{"{wire.action_key}":"draw","payload":[{",".join([unit] * count)}]{extra}}}')

    for extra in ("", ',"id":7', ',"\\u0069d":7'):
        good = decided(units * 2, '{"radius":1}', extra)
        assert isinstance(good, Invoke)
        assert len(good.message.payload) == units * 2
        assert good.reply_to == (7 if extra else None)
        bad = decided(units * 2, '{"radius":""}', extra)
        assert isinstance(bad, Reject)
        assert [error.loc for error in bad.errors] == [
            ["draw", "payload", 0, "Circle", "radius"],
            ["draw", "payload", 0, "Square", "side"],
        ]
        assert bad.reply_to == good.reply_to
    short = decided(5, '{"radius":""}')
    assert isinstance(short, Reject)
    assert len(short.errors) == 10


class TestTheCollector:
    def test_waits_and_goes_on(self) -> None:
        with collector_paused():
            assert not gc.isenabled()
            with collector_paused():
                assert not gc.isenabled()
            assert not gc.isenabled()
        assert gc.isenabled()

    def test_goes_on_after_a_failure(self) -> None:
        with pytest.raises(RuntimeError), collector_paused():
            raise RuntimeError
        assert gc.isenabled()

    def test_is_left_alone_where_the_application_does_without(self) -> None:
        gc.disable()
        try:
            with collector_paused():
                pass
            assert not gc.isenabled()
        finally:
            gc.enable()

    def test_is_never_left_off_by_threads_that_cross(self) -> None:
        first_is_in, second_is_out = threading.Event(), threading.Event()

        def first() -> None:
            with collector_paused():
                first_is_in.set()
                second_is_out.wait(10)

        thread = threading.Thread(target=first)
        thread.start()
        first_is_in.wait(10)
        with collector_paused():
            pass
        second_is_out.set()
        thread.join()
        assert gc.isenabled()

    def test_waits_for_long_frames_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        codec = Codec(MESSAGES, WireFormat())
        seen: list[bool] = []

        def explain(error: ValidationError) -> list[FrameError]:
            seen.append(gc.isenabled())
            return []

        monkeypatch.setattr(codec, "_explain", explain)
        codec.decode('{"action":"draw","payload":[{}]}')
        codec.decode('{"action":"draw","payload":[{}]' + " " * COMPLETE_UP_TO + "}")
        assert seen == [True, False]
        assert gc.isenabled()
