"""A service of twice the size takes twice the work, no more: counted, because clocks differ by the day.

``make bench ARGS=generation`` measures what the work takes.
"""

import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

import chanx
from chanx_asyncapi.describe import definitions, describe
from chanx_asyncapi.describe.draft7 import to_draft7
from chanx_asyncapi.describe.generator import Generator
from chanx_asyncapi.render import render
from tests.benchmarks.generation.frameworks import this_chanx
from tests.benchmarks.generation.service import COMMON, Consumer
from tests.chanx_asyncapi.describe.support import service


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Callable[[range], list[Any]]:
    """Makes consumers of the benchmark, of these numbers but all of one shape."""

    def module(name: str, source: str) -> ModuleType:
        made = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, made)
        exec(source, vars(made))
        return made

    module("common", COMMON)
    return lambda numbers: [
        module(f"service_{number:04}", this_chanx.source(Consumer.draw(number, like=0))).CONSUMER for number in numbers
    ]


def generate(consumers: list[Any]) -> str:
    return render(describe(service(*consumers)).document)


def steps(work: Callable[[], object], *, below: str = "") -> int:
    """How many lines of Python ``work`` runs, in files ``below`` a folder, each as often as it is run."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace if frame.f_code.co_filename.startswith(below) else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def test_the_work_of_a_document_grows_like_the_service(make: Callable[[range], list[Any]]) -> None:
    consumers = make(range(16))
    # What happens once in a process is over.
    generate(consumers[:1])

    few, more, many = (steps(partial(generate, consumers[:size])) for size in (4, 8, 16))

    # What does not depend on the size falls out of the differences.
    assert many - more == pytest.approx(2 * (more - few), rel=0.002)


def test_the_work_of_classes_grows_like_the_service(make: Callable[[range], list[Any]]) -> None:
    # pydantic's part is far larger, and would hide ours.
    below = str(Path(chanx.__file__).parent)
    make(range(1))

    few, more = (steps(partial(make, numbers), below=below) for numbers in (range(1, 7), range(7, 19)))

    assert more == pytest.approx(2 * few, rel=0.002)


@pytest.mark.parametrize("size", [2, 8])
def test_each_model_is_read_once_in_each_mode(
    size: int, make: Callable[[range], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    generated: Counter[tuple[type[BaseModel], str]] = Counter()
    converted: Counter[str] = Counter()
    model_schema = Generator.model_schema

    def counted_model_schema(self: Generator, schema: Any) -> Any:
        generated[schema["cls"], self.mode] += 1
        return model_schema(self, schema)

    def counted_to_draft7(schema: Any, name: str) -> Any:
        converted[name] += 1
        return to_draft7(schema, name)

    monkeypatch.setattr(Generator, "model_schema", counted_model_schema)
    monkeypatch.setattr(definitions, "to_draft7", counted_to_draft7)
    describe(service(*make(range(size))))

    assert set(generated.values()) == {1}
    assert len(generated) > 20 * size
    assert max(converted.values()) <= 2
