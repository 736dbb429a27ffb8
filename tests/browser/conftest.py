"""A real browser, and the page as it is built."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "chanx_asyncapi" / "static" / "chanx_asyncapi"
#: Its console runs on what is shipped to users of generated clients.
RUNTIME = ROOT / "chanx_asyncapi" / "codegen" / "typescript" / "runtime" / "runtime.ts"
#: Without the last five, Chromium asks its maker's servers for things that no test needs.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, of one module: Playwright keeps an event loop running, in which no other asynchronous test could."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        raise RuntimeError("The browser tests need Chromium: install the package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def bundle() -> Path:
    """The built page; a stale one would test what nobody ships."""
    script = BUNDLE / "page.js"
    sources = [path for path in (ROOT / "static" / "src").rglob("*") if path.is_file()] + [RUNTIME]
    newest = max(path.stat().st_mtime for path in sources)
    if not script.exists() or script.stat().st_mtime < newest:
        raise RuntimeError(f"{script} is missing or older than its sources: run `npm run build` in static/.")
    return BUNDLE
