"""What each page is made of, served by a server of its own: compressed, from memory, without a wait."""

import gzip
import subprocess
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from tests.servers import ROOT

BUNDLE: Final = ROOT / "chanx_asyncapi" / "static" / "chanx_asyncapi"
REACT: Final = ROOT / "tests" / "node_modules" / "@asyncapi" / "react-component"
#: Installed below the folder of ``--peers``; nothing of ours needs it.
SCALAR: Final = "@scalar/api-reference@1.76.0"

_HEAD: Final = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".html": "text/html"}


@dataclass(frozen=True, slots=True)
class Target:
    """A page that shows ``/asyncapi.json``."""

    html: str
    #: By the path at which the page asks for them.
    files: Mapping[str, Path]
    #: A text of the document that is there when the reader can begin.
    shown: str


def own() -> Target:
    """chanx's, as its template has it."""
    return Target(
        f'{_HEAD}<link rel="stylesheet" href="/page.css">'
        '<link rel="preload" href="/asyncapi.json" as="fetch" crossorigin="use-credentials">'
        '<script type="module" src="/page.js"></script>'
        '<div id="chanx-page" data-document-url="/asyncapi.json"></div>',
        {f"/{path.name}": path for path in BUNDLE.iterdir()},
        "post_message",
    )


def react() -> Target:
    """AsyncAPI's own component, as its documentation says."""
    return Target(
        f'{_HEAD}<link rel="stylesheet" href="/default.css"><div id="root"></div><script src="/index.js"></script>'
        '<script>fetch("/asyncapi.json").then((answer) => answer.text()).then((schema) => '
        'AsyncApiStandalone.render({schema}, document.getElementById("root")))</script>',
        {
            "/index.js": REACT / "browser" / "standalone" / "index.js",
            "/default.css": REACT / "styles" / "default.min.css",
        },
        "post_message",
    )


def scalar(folder: Path) -> Target:
    """Scalar's, without the fonts that it would load from another host. Raises CalledProcessError when npm fails."""
    package = folder / "node_modules" / "@scalar" / "api-reference"
    if not package.exists():
        command = ["npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", SCALAR]
        subprocess.run(command, check=True)
    return Target(
        f'{_HEAD}<div id="app"></div><script src="/standalone.js"></script>'
        '<script>Scalar.createApiReference("#app", {url: "/asyncapi.json", withDefaultFonts: false})</script>',
        {"/standalone.js": package / "dist" / "browser" / "standalone.js"},
        "post_message",
    )


@contextmanager
def serving(target: Target, document: str) -> Generator[str]:
    """The page on a free port of the loopback; gives its address. Raises RuntimeError when its files are not there."""
    missing = [str(file) for file in target.files.values() if not file.is_file()]
    if missing or not target.files:
        raise RuntimeError(f"Missing: {', '.join(missing) or BUNDLE}. Run `make page` and `make setup`.")
    answers = {path: (_TYPES.get(file.suffix, "text/plain"), file.read_bytes()) for path, file in target.files.items()}
    answers["/"] = ("text/html", target.html.encode())
    answers["/asyncapi.json"] = ("application/json", document.encode())
    compressed = {path: (kind, gzip.compress(content)) for path, (kind, content) in answers.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = compressed.get(self.path, ("text/plain", b""))
            self.send_response(200 if self.path in compressed else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Not a word."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
