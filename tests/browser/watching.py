"""A page that is watched: whatever it does wrong fails the test that uses it."""

from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

_TELL_VIOLATIONS = (
    "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective, e.blockedURI))"
)


@contextmanager
def watched(browser: Browser, *, origin: str | None = None, permissions: tuple[str, ...] = ()) -> Generator[Page]:
    """A page in a context of its own that in the end has broken no policy, thrown nothing and logged no error.

    With ``origin`` it has asked nobody else either. What the browser says itself about an answer that is an error, such
    as one that the test wanted, counts only without it.
    """
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, permissions=permissions)
    context.add_init_script(_TELL_VIOLATIONS)
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    foreign: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if origin is None or origin in request.url else foreign.append(request.url))
    yield page
    context.close()
    if origin is not None:
        complaints = [text for text in complaints if not text.startswith("Failed to load resource")]
    assert complaints == []
    assert foreign == []
