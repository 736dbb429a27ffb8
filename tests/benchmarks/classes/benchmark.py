"""What creating a consumer class costs when a project starts, beside the pydantic models of its messages.

Each value is of a fresh process: CPU milliseconds for the class alone, and for its ten messages.
"""

import argparse
import json
from pathlib import Path
from typing import Final

from tests.benchmarks.environments import Environment
from tests.benchmarks.reports import Spread, table

_WORKER: Final = Path(__file__).with_name("worker.py")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first impression")


def run(options: argparse.Namespace) -> None:
    rounds = 3 if options.quick else 15
    environment = Environment.of(None, None)
    assert environment is not None
    measured = [json.loads(environment.run(_WORKER)) for _ in range(rounds)]
    rows = [
        (what, f"{Spread.of([each[key] * 1000 for each in measured]):.2f}")
        for what, key in (
            ("10 messages, pydantic models", "messages"),
            ("the consumer that handles 5 of them", "consumer"),
        )
    ]
    print(f"{rounds} rounds, each the median of 30 services\n")
    print(table(("created", "ms"), rows))
