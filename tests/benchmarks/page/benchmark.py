"""How soon the page can be read, beside AsyncAPI's React component and Scalar's page, all with the demo's document.

Chromium, its cache empty each time, the files on the same machine. Then what the script of the page takes of the CPU
for a document of 200 channels with 10 messages each.
"""

import argparse
import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.benchmarks.environments import add_peers_option
from tests.benchmarks.page.pages import SCALAR, Target, own, react, scalar, serving
from tests.benchmarks.reports import Spread, table
from tests.browser.conftest import FLAGS
from tests.browser.documents import large_document
from tests.servers import ROOT

#: What Lighthouse calls so; *readable* is the first moment at which a message's name can be read.
COLUMNS: Final = {
    "first paint, ms": "first",
    "largest paint, ms": "largest",
    "readable, ms": "readable",
    "blocked, ms": "blocked",
    "script, CPU ms": "script",
    "gzip, kB": "kilobytes",
}

_OBSERVE: Final = """
window.seen = {largest: 0, long: [], readable: 0};
new PerformanceObserver((list) => list.getEntries().forEach((entry) => seen.long.push(entry.duration)))
  .observe({type: "longtask", buffered: true});
new PerformanceObserver((list) => list.getEntries().forEach((entry) => { seen.largest = entry.startTime; }))
  .observe({type: "largest-contentful-paint", buffered: true});
(function look() {
  if (document.body?.innerText.includes(SHOWN)) seen.readable = performance.now();
  else requestAnimationFrame(look);
})();
"""
_READ: Final = """() => ({
  first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  largest: seen.largest,
  readable: seen.readable,
  // Total blocking time: what each long task takes over 50 ms.
  blocked: seen.long.reduce((sum, duration) => sum + Math.max(0, duration - 50), 0),
  kilobytes: performance.getEntriesByType("resource").reduce((sum, entry) => sum + entry.encodedBodySize, 0) / 1000,
})"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first impression")
    parser.add_argument("--rounds", type=int, help="visits of each page")
    add_peers_option(parser)


def run(options: argparse.Namespace) -> None:
    rounds = options.rounds or (3 if options.quick else 15)
    targets = {"chanx": own(), "@asyncapi/react-component 3.2.1": react()}
    if options.peers is not None:
        targets[SCALAR.rpartition("@")[0] + " 1.76.0"] = scalar(options.peers)
    with sync_playwright() as playwright:
        executable = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        _compare(browser, targets, rounds)
        _large(browser, rounds)
        browser.close()


def _compare(browser: Browser, targets: dict[str, Target], rounds: int) -> None:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in targets}
    document = (ROOT / "tests" / "golden" / "asyncapi.json").read_text()
    with ExitStack() as stack:
        addresses = {name: stack.enter_context(serving(target, document)) for name, target in targets.items()}
        for _ in range(rounds):
            for name, target in targets.items():
                found[name].append(_visit(browser, addresses[name], target))
    rows = [
        (name, *(f"{Spread.of([each[key] for each in measured]).median:.0f}" for key in COLUMNS.values()))
        for name, measured in found.items()
    ]
    print(f"The demo's document, {rounds} rounds, medians\n")
    print(table(("page", *COLUMNS), rows))


def _visit(browser: Browser, address: str, target: Target) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    try:
        page = context.new_page()
        session = _metering(page)
        page.add_init_script(_OBSERVE.replace("SHOWN", json.dumps(target.shown)))
        page.goto(address)
        page.wait_for_function("seen.readable > 0", timeout=60_000)
        # Largest paint and long tasks are told afterwards.
        page.wait_for_timeout(1500)
        measured: dict[str, float] = page.evaluate(_READ)
        return {**measured, "script": _script(session)}
    finally:
        context.close()


def _large(browser: Browser, rounds: int) -> None:
    target = own()
    found: dict[str, list[float]] = {}
    with serving(target, json.dumps(large_document())) as address:
        for _ in range(rounds):
            context = browser.new_context(viewport={"width": 1400, "height": 1000})
            page = context.new_page()
            session = _metering(page)
            for name, step in _steps(page, address):
                before = _script(session)
                step()
                found.setdefault(name, []).append(_script(session) - before)
                # What the page does while nothing is asked of it belongs to no step.
                page.wait_for_timeout(700)
            context.close()
    print("\n200 channels with 10 messages each\n")
    print(table(("step", "script, CPU ms"), [(name, f"{Spread.of(values):.0f}") for name, values in found.items()]))


def _steps(page: Page, address: str) -> Sequence[tuple[str, Callable[[], Any]]]:
    def open_page() -> None:
        page.goto(address)
        page.get_by_test_id("title").wait_for()

    def open_search() -> None:
        page.keyboard.press("/")
        page.get_by_test_id("search-words").wait_for()

    def type_word() -> None:
        page.keyboard.type("message")
        page.get_by_test_id("found").first.wait_for()

    def open_found() -> None:
        page.keyboard.press("Enter")
        page.get_by_test_id("schema").first.wait_for()

    return (
        ("first view", open_page),
        ("opening the search", open_search),
        ("searching, seven letters", type_word),
        ("opening what was found", open_found),
    )


def _metering(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    # The clock of the thread: others on the machine do not count.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return session


def _script(session: CDPSession) -> float:
    """Milliseconds of CPU that scripts have taken so far."""
    metrics: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(float(each["value"]) for each in metrics if each["name"] == "ScriptDuration")
