"""The command ``chanx``: what can be done with a document alone, where no Django project is installed."""

from pathlib import Path
from typing import Any, NoReturn

import click

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
from chanx_asyncapi.reading import UnreadableDocumentError, read_document
from chanx_asyncapi.render import FORMATS, Format, render
from chanx_asyncapi.reporting import UnknownCodeError, report
from chanx_asyncapi.validation import validate

_FILE = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chanx")
def main() -> None:
    """Works on AsyncAPI documents in files, JSON or YAML: what the suffix says, or else the content."""


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
