"""The command ``chanx``: what can be done with a document alone, where no Django project is installed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from chanx_asyncapi.client_command import client_commands
from chanx_asyncapi.diff import (
    FAIL_ON,
    OUTPUT_FORMATS,
    DiffError,
    FailOn,
    OutputFormat,
    diff,
    failing,
    render_changes,
)
from chanx_asyncapi.problems import one_line
from chanx_asyncapi.reading import UnreadableDocumentError, read_document
from chanx_asyncapi.render import FORMATS, Format, render
from chanx_asyncapi.reporting import UnknownCodeError, report
from chanx_asyncapi.source import UnsupportedVersionError
from chanx_asyncapi.validation import validate

_FILE = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chanx")
def main() -> None:
    """Works on AsyncAPI documents in files, JSON or YAML: what the suffix says, or else the content."""


main.add_command(client_commands())


@main.command("validate", short_help="Hold a document against the rules of AsyncAPI.")
@click.argument("file", type=_FILE)
@click.option("--fail-on-warn", is_flag=True, help="End with 1 when there is any problem.")
@click.option("--silence", metavar="CODE", multiple=True, help="Do not tell problems with this code; repeatable.")
def validate_command(file: Path, fail_on_warn: bool, silence: tuple[str, ...]) -> None:
    """Hold the document in FILE against the official JSON Schema and the rules that no schema can express.

    Problems go to standard output, one a line: code, where, what, and what to do about it.

    \b
    Exit codes:
      0  no errors (with --fail-on-warn: nor warnings)
      1  there are some
      2  nothing was validated: the arguments or the file are wrong
    """
    document = _read(file)
    try:
        found = report(validate(document), silence)
    except RecursionError:
        _fail(f"{file}: its values are nested too deeply.")
    except UnknownCodeError as error:
        _fail(str(error))
    for problem in found.problems:
        click.echo(str(problem))
    click.echo(str(found), err=True)
    if found.fails(on_warnings=fail_on_warn):
        raise click.exceptions.Exit(1)


@main.command("render", short_help="Write a document as JSON or as YAML.")
@click.argument("file", type=_FILE)
@click.option("--format", "format_", type=click.Choice(FORMATS), required=True, help="What to write.")
@click.option("--output", "-o", type=_FILE, metavar="FILE", help="File to write; by default standard output.")
def render_command(file: Path, format_: Format, output: Path | None) -> None:
    """Write the document in FILE as JSON or YAML: the same data in the same order. It is not validated.

    \b
    Exit codes:
      0  the document was written
      2  nothing was written: the arguments or one of the files are wrong
    """
    document = _read(file)
    try:
        # Whatever the encoding of the terminal is, both formats are exchanged as UTF-8.
        text = render(document, format=format_).encode()
    except RecursionError:
        _fail(f"{file}: its values are nested too deeply.")
    except ValueError as error:
        _fail(f"{file} cannot be rendered: {error}.")
    _write(text, output)


@main.command("diff", short_help="Tell what a new document means to clients of the old one.")
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option("--format", "format_", type=click.Choice(OUTPUT_FORMATS), default="text", help="What to write (text).")
@click.option("--output", "-o", type=_FILE, metavar="FILE", help="File to write; by default standard output.")
@click.option("--fail-on", type=click.Choice(FAIL_ON), help="End with 1 for changes of this class or a worse one.")
def diff_command(old: Path, new: Path, format_: OutputFormat, output: Path | None, fail_on: FailOn | None) -> None:
    """Compare the document in OLD with that in NEW: every change, and whether it is breaking, safe or unknown.

    The class of a change, and --fail-on, are about clients that follow OLD and meet a server that follows NEW. What it
    means to the old server and new clients is told as well.

    \b
    Exit codes:
      0  the changes were written; with --fail-on, none is of that class or a worse one
      1  they were written, and some are
      2  nothing was compared or written: the arguments or one of the files are wrong
    """
    documents = _read(old), _read(new)
    try:
        changes = diff(*documents)
    except DiffError as error:
        _fail(str(error))
    _write(render_changes(changes, format=format_).encode(), output)
    if failing(changes, fail_on):
        raise click.exceptions.Exit(1)


@main.command("mock", short_help="Serve a document's channels without the service.")
@click.argument("file", type=_FILE)
@click.option("--script", type=_FILE, metavar="FILE", help="What to do differently: YAML or JSON, see the guide.")
@click.option("--seed", type=int, default=0, show_default=True, help="Two runs with the same one choose alike.")
@click.option(
    "--push",
    "push_every",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    metavar="SECONDS",
    help="Send messages that nobody has asked for, about as often; 0: none.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8900, show_default=True, help="0: any that is free.")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Pages that may connect where the host is no loopback address; repeatable.",
)
@click.option("--max-connections", type=click.IntRange(min=1), default=100, show_default=True, help="At a time.")
@click.option("--verbose", "-v", is_flag=True, help="Tell of each connection and each frame.")
def mock_command(
    file: Path,
    script: Path | None,
    seed: int,
    push_every: float,
    host: str,
    port: int,
    origins: tuple[str, ...],
    max_connections: int,
    verbose: bool,
) -> None:
    """Serve every channel of the document in FILE: for clients, while the service is not at hand.

    Frames are validated and answered as chanx does it, with what the document has as examples, or with what can be
    made of its schemas. SIGINT and SIGTERM end it.

    \b
    Exit codes:
      0  it was served until a signal came
      2  nothing was served: the arguments or one of the files are wrong, or the port is taken
    """
    document = _read(file)
    try:
        from chanx_asyncapi.mock.script import ScriptError, read_script
        from chanx_asyncapi.mock.server import MockServer, run
        from chanx_asyncapi.mock.service import NothingToServeError
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "websockets":
            raise
        _fail("The mock stands on the library websockets: pip install 'chanx[mock]'.")
    try:
        mock = MockServer(
            document,
            script=None if script is None else read_script(script),
            seed=seed,
            host=host,
            port=port,
            push_every=push_every,
            max_connections=max_connections,
            origins=origins,
            log=_tell if verbose else None,
        )
        run(mock, lambda: _tell_addresses(mock.addresses))
    except UnsupportedVersionError as error:
        _fail(f"{file} cannot be served: {error}")
    except (NothingToServeError, ScriptError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{host}:{port} cannot be listened at: {error.strerror}.")


def _tell(text: str) -> None:
    # What clients send is anybody's, and may steer a terminal.
    click.echo(one_line(text))


def _tell_addresses(addresses: Sequence[tuple[str, str]]) -> None:
    for key, address in addresses:
        _tell(f"{address}  {key}")
    click.echo("Ctrl-C ends it.", err=True)


def _write(text: bytes, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        _fail(f"{output} cannot be written: {error.strerror}.")


def _read(file: Path) -> dict[str, Any]:
    try:
        return read_document(file)
    except UnreadableDocumentError as error:
        _fail(str(error))


def _fail(text: str) -> NoReturn:
    click.echo(f"Error: {text}", err=True)
    raise click.exceptions.Exit(2)
