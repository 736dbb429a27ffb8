"""Measures one framework in a process of its own, and prints what it took as JSON.

A script for the interpreter of any environment: it knows nothing of this repository but the file of the framework.
"""

import argparse
import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("framework", type=Path, help="a file of frameworks/")
    parser.add_argument("folder", type=Path, help="the modules of a service, written for it")
    parser.add_argument("consumers", type=int, help="how many of the modules to take")
    parser.add_argument("--memory", action="store_true", help="trace memory, which makes the times meaningless")
    parser.add_argument("--no-gc", action="store_true", help="without the garbage collector")
    options = parser.parse_args()

    framework: Any = _executed("framework", _compiled(options.framework))
    framework.set_up()
    _warm_up_pydantic()
    names = ["common", *(f"service_{number:04}" for number in range(options.consumers))]
    compiled = {name: _compiled(options.folder / f"{name}.py") for name in names}
    service: list[ModuleType] = []
    documents: list[Any] = []
    # What was imported until now differs by target: the collector shall not look through it while the clock runs.
    gc.collect()
    gc.freeze()
    gc.collect()
    if options.no_gc:
        gc.disable()

    classes = _seconds(lambda: service.extend(_executed(name, code) for name, code in compiled.items()))
    consumers = service[1:]
    if options.memory:
        tracemalloc.start()
    generation = _seconds(lambda: documents.append(framework.generate(consumers)))
    peak = tracemalloc.get_traced_memory()[1] if options.memory else None
    tracemalloc.stop()
    if cached := getattr(framework, "generate_cached", None):
        cached(consumers)
    again = _seconds(lambda: (cached or framework.generate)(consumers))
    messages = framework.messages(documents[0])
    result = {"classes": classes, "generation": generation, "again": again, "messages": messages, "peak": peak}
    print(json.dumps(result))


def _warm_up_pydantic() -> None:
    """pydantic imports parts of itself with its first model and its first schema."""
    from pydantic import BaseModel, create_model

    model: type[BaseModel] = create_model("WarmUp", number=(int, 1))
    model.model_json_schema()


def _compiled(file: Path) -> CodeType:
    """The code of a file; kept in ``__pycache__``, as for an import."""
    code = SourceFileLoader(file.stem, str(file)).get_code(file.stem)
    assert code is not None
    return code


def _executed(name: str, code: CodeType) -> ModuleType:
    module = ModuleType(name)
    sys.modules[name] = module
    exec(code, vars(module))
    return module


def _seconds(work: Callable[[], object]) -> float:
    """CPU seconds: unlike those of a clock, they go on only while this process does."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
