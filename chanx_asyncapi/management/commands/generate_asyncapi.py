"""``manage.py generate_asyncapi``: arguments and exit codes."""

from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chanx.settings import chanx_settings
from chanx_asyncapi.describe import Options, describe
from chanx_asyncapi.describe.named_documents import named_document
from chanx_asyncapi.problems import Problem
from chanx_asyncapi.reading import format_of
from chanx_asyncapi.render import FORMATS, Format, render
from chanx_asyncapi.reporting import Report, UnknownCodeError, report
from chanx_asyncapi.spec import DEFAULT_VERSION, VERSIONS
from chanx_asyncapi.text_difference import text_difference
from chanx_asyncapi.validation import validate

_HELP: Final = """\
Writes the AsyncAPI document of the WebSocket services of this project, or checks that a file still holds it.

Problems go to standard error, one a line: code, where, what, and what to do about it. With --check, what has changed
goes to standard output.

exit codes:
  0  the document was written; with --check, the file is current
  1  it was written, but there are errors (or, with --fail-on-warn, warnings) among the problems;
     with --check also: the file is stale or missing
  2  nothing was written or checked: the arguments or the file are wrong
"""


class Command(BaseCommand):
    help = _HELP
    # The routing is read by describing it; what the checks say about anything else is not the document's concern.
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs.setdefault("formatter_class", RawDescriptionHelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", "-o", metavar="FILE", help="file to write; by default standard output")
        parser.add_argument(
            "--check", metavar="FILE", help="write nothing; end with 1 when FILE is not what would be written"
        )
        parser.add_argument(
            "--document", metavar="NAME", help="a document of CHANX['DOCUMENTS']; by default that of the whole service"
        )
        parser.add_argument(
            "--app", metavar="LABEL", action="append", default=[], help="only consumers of this application; repeatable"
        )
        parser.add_argument("--format", choices=FORMATS, help="by default what FILE ends in, or else json")
        parser.add_argument("--title", help="title of the API; by default that of the settings")
        parser.add_argument(
            "--api-version", metavar="VERSION", help="version of the API; by default that of the settings"
        )
        parser.add_argument(
            "--spec-version", choices=VERSIONS, default=DEFAULT_VERSION, help="version of AsyncAPI (%(default)s)"
        )
        parser.add_argument("--validate", action="store_true", help="hold the document against the rules of AsyncAPI")
        parser.add_argument("--fail-on-warn", action="store_true", help="end with 1 when there is any problem")
        parser.add_argument(
            "--silence",
            metavar="CODE",
            action="append",
            default=[],
            help="do not tell problems with this code, nor fail for them; repeatable",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # call_command() hands over what it was given, which is a str or a Path.
        output, check = (None if options[name] is None else Path(options[name]) for name in ("output", "check"))
        if output is not None and check is not None:
            # Not a group of argparse: call_command() would not look at it.
            raise CommandError("--output writes a file and --check writes none: give one of them.", returncode=2)
        format = _format(options["format"], output or check)
        text, problems = self._describe(format, options)
        found = _report(problems, options["silence"])
        failures = [] if check is None else self._compare(check, text)
        if output is not None:
            _write(output, text)
        elif check is None:
            self.stdout.write(text, ending="")
        for problem in found.problems:
            self.stderr.write(str(problem))
        if found.fails(on_warnings=options["fail_on_warn"]):
            failures.append(str(found))
        if failures:
            raise CommandError("\n".join(failures), returncode=1)

    def _describe(self, format: Format, options: dict[str, Any]) -> tuple[str, list[Problem]]:
        description = describe(options=_options(options))
        problems = [*description.problems]
        if options["validate"]:
            problems += validate(description.document)
        return render(description.document, format=format), problems

    def _compare(self, file: Path, text: str) -> list[str]:
        """Shows how ``file`` differs from ``text``; returns what is wrong with it, in a list of none or one."""
        accept = f"To accept the document as it is now, run the same command with --output {file} instead of --check."
        current = _read(file)
        if current is None:
            return [f"{file} does not exist. {accept}"]
        if current == text:
            return []
        self.stdout.write(text_difference(current, text, old_name=str(file), new_name=f"{file} (now)"), ending="")
        return [f"{file} is stale. {accept}"]


def _report(problems: list[Problem], silence: Iterable[str]) -> Report:
    try:
        return report(problems, [*chanx_settings.SILENCED_PROBLEMS, *silence])
    except UnknownCodeError as error:
        raise CommandError(str(error), returncode=2) from error


def _options(given: dict[str, Any]) -> Options:
    try:
        named_document(given["document"])
        for label in given["app"]:
            apps.get_app_config(label)
    except LookupError as error:
        raise CommandError(str(error), returncode=2) from error
    return Options(
        spec_version=given["spec_version"],
        title=given["title"],
        api_version=given["api_version"],
        document=given["document"],
        apps=tuple(given["app"]),
    )


def _read(file: Path) -> str | None:
    """The text of ``file``, its line ends as "\\n"; None when there is no such file."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=2) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} cannot be read: it is no text in UTF-8.", returncode=2) from error


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.", returncode=2) from error


def _format(given: Format | None, file: Path | None) -> Format:
    if given is not None:
        return given
    if file is None:
        return "json"
    found = format_of(file)
    if found is None:
        raise CommandError(
            f"{file} does not say by its suffix which format it has: add --format json or --format yaml.",
            returncode=2,
        )
    return found
