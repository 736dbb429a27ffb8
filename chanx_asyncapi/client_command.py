"""``chanx client LANGUAGE``: a client for the service that a document describes."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from chanx_asyncapi.codegen.files import FilesError, compare_files, write_files
from chanx_asyncapi.codegen.language import Language, Options, OptionsError
from chanx_asyncapi.codegen.languages import LANGUAGES, generate
from chanx_asyncapi.reading import UnreadableDocumentError, read_document
from chanx_asyncapi.reporting import Report, UnknownCodeError, report
from chanx_asyncapi.source import UnsupportedVersionError

#: Seconds between two looks at a file that is watched.
_WATCH_SECONDS: Final = 0.5
_PATH: Final = click.Path(path_type=Path)


class ClientError(Exception):
    """Nothing was written or compared; ``str()`` says why."""


def client_commands() -> click.Group:
    """The group of commands, one for each language."""
    group = click.Group(
        "client",
        help="Make a client for the service that a document describes, in one of the languages below.",
        short_help="Make a client for a service, in a language.",
    )
    for language in LANGUAGES.values():
        group.add_command(_command(language))
    return group


def _command(language: Language) -> click.Command:
    params: list[click.Parameter] = [
        click.Argument(["file"], type=_PATH),
        click.Option(["--out"], type=_PATH, metavar="FOLDER", required=True, help="Folder to write into."),
        click.Option(["--check"], is_flag=True, help="Write nothing; end with 1 when FOLDER is not what it would be."),
        click.Option(["--watch"], is_flag=True, help="Write again whenever FILE changes, until Control-C."),
        click.Option(["--package"], metavar="NAME", help="Make a package of this name, to be published."),
        *(click.Option([f"--{name}"], is_flag=True, help=f"Add {about}.") for name, about in language.extras.items()),
        click.Option(["--fail-on-warn"], is_flag=True, help="End with 1 when there is any problem."),
        click.Option(["--silence"], metavar="CODE", multiple=True, help="Do not tell such problems; repeatable."),
    ]

    def run(
        file: Path,
        out: Path,
        check: bool,
        watch: bool,
        package: str | None,
        fail_on_warn: bool,
        silence: tuple[str, ...],
        **extras: bool,
    ) -> None:
        options = Options(package=package, extras=frozenset(name for name, wanted in extras.items() if wanted))
        if check and watch:
            raise click.UsageError("--check and --watch are different things to do: give one of them.")
        try:
            if watch:
                _watch(file, lambda: _tell(_make(file, language, options, out, silence)))
                return
            found, stale = _make(file, language, options, out, silence, check=check)
        except ClientError as error:
            click.echo(f"Error: {error}", err=True)
            raise click.exceptions.Exit(2) from error
        _tell((found, stale))
        if found.fails(on_warnings=fail_on_warn) or (check and stale):
            raise click.exceptions.Exit(1)

    return click.Command(
        language.name,
        params=params,
        callback=run,
        short_help=f"A client in {language.title}.",
        help=f"""Make a client in {language.title} for the service that the AsyncAPI document in FILE describes.

        What was made into FOLDER before is replaced; other files there are left alone. The same document makes the
        same files. What the client lacks goes to standard error, one problem a line.

        \b
        Exit codes:
          0  the client was written; with --check: FOLDER holds it
          1  it was written, but there are errors among the problems (with --fail-on-warn: or warnings);
             with --check also: FOLDER does not hold it
          2  nothing was written or compared: the arguments, the file or the folder are wrong
        """,
    )


def _make(
    file: Path, language: Language, options: Options, out: Path, silence: tuple[str, ...], *, check: bool = False
) -> tuple[Report, list[str]]:
    """Write a client, or with ``check`` compare; returns the problems, and a line for each file that is not right.

    :raises ClientError: when nothing was written or compared.
    """
    try:
        client = generate(read_document(file), language, options)
        found = report(client.problems, silence)
        if check:
            return found, [
                f"{difference}: {out / path}" for path, difference in compare_files(client.files, out).items()
            ]
        return found, [f"written: {out / path}" for path in write_files(client.files, out)]
    except UnsupportedVersionError as error:
        raise ClientError(f"{file}: {error}") from error
    except RecursionError as error:
        raise ClientError(f"{file}: its values are nested too deeply.") from error
    except (FilesError, OptionsError, UnreadableDocumentError, UnknownCodeError) as error:
        raise ClientError(str(error)) from error
    except OSError as error:
        raise ClientError(f"{out} cannot be written: {error.strerror}.") from error


def _tell(made: tuple[Report, list[str]]) -> None:
    found, lines = made
    for problem in found.problems:
        click.echo(str(problem), err=True)
    for line in lines:
        click.echo(line)


def _watch(file: Path, make: Callable[[], None]) -> None:
    """Call ``make`` now and whenever ``file`` has changed. What is wrong is told, and may be right next time."""
    last: object = None
    try:
        while True:
            try:
                state = file.stat()
                now: object = (state.st_mtime_ns, state.st_size)
            except OSError as error:
                now = error.strerror
            if now != last:
                last = now
                try:
                    make()
                except ClientError as error:
                    click.echo(f"Error: {error}", err=True)
            time.sleep(_WATCH_SECONDS)
    except KeyboardInterrupt:
        click.echo()
