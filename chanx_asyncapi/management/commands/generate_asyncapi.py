"""``manage.py generate_asyncapi``: arguments and exit codes."""

from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chanx.settings import chanx_settings
from chanx_asyncapi.codegen.files import FilesError, write_files
from chanx_asyncapi.codegen.language import Options as ClientOptions
from chanx_asyncapi.codegen.language import OptionsError
from chanx_asyncapi.codegen.languages import EXTRAS, LANGUAGES, Client, generate
from chanx_asyncapi.describe import Options, describe
from chanx_asyncapi.describe.named_documents import named_document
from chanx_asyncapi.diff import FAIL_ON, DiffError, FailOn, diff, failing, render_changes
from chanx_asyncapi.management.progress import Progress
from chanx_asyncapi.problems import Problem
from chanx_asyncapi.reading import UnreadableDocumentError, format_of, read_document
from chanx_asyncapi.render import FORMATS, Format, render
from chanx_asyncapi.reporting import Report, UnknownCodeError, report
from chanx_asyncapi.spec import DEFAULT_VERSION, VERSIONS, Document
from chanx_asyncapi.text_difference import text_difference
from chanx_asyncapi.validation import validate

_HELP: Final = """\
Writes the AsyncAPI document of the WebSocket services of this project, or checks that a file still holds it, or tells
what has changed since a file was written. With --client, writes a client for the services.

Problems go to standard error, one a line: code, where, what, and what to do about it. With --check and with --diff,
what has changed goes to standard output.

exit codes:
  0  the document was written; with --check, the file is current; with --diff, the changes were written;
     with --client, the client was written
  1  it was written, but there are errors (or, with --fail-on-warn, warnings) among the problems;
     with --check also: the file is stale or missing;
     with --diff and --fail-on also: some changes are of that class or a worse one
  2  nothing was written, checked or compared: the arguments or the file are wrong
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
            "--diff", metavar="FILE", help="write no document, but what has changed since that in FILE, class by class"
        )
        parser.add_argument(
            "--fail-on",
            choices=FAIL_ON,
            help="with --diff: end with 1 for changes of this class, or a worse one, to existing clients",
        )
        parser.add_argument("--client", choices=[*LANGUAGES], help="write a client in this language, into --out")
        parser.add_argument("--out", metavar="FOLDER", help="with --client: the folder to write into")
        parser.add_argument("--package", metavar="NAME", help="with --client: make a package of it, to be published")
        for extra, about in EXTRAS.items():
            parser.add_argument(f"--{extra}", action="store_true", help=f"with --client: add {about}")
        parser.add_argument(
            "--document", metavar="NAME", help="a document of CHANX['DOCUMENTS']; by default that of the whole service"
        )
        parser.add_argument(
            "--app", metavar="LABEL", action="append", default=[], help="only consumers of this application; repeatable"
        )
        parser.add_argument(
            "--tag", metavar="NAME", action="append", default=[], help="only what has this tag; repeatable"
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
        output, check, old = (
            None if options[name] is None else Path(options[name]) for name in ("output", "check", "diff")
        )
        _refuse_contradictions(options)
        format = _format(options["format"], output or check)
        document, problems = self._describe(options)
        found = _report(problems, options["silence"])
        failures: list[str] = []
        if old is not None:
            failures += self._diff(old, document, options["fail_on"])
        elif check is not None:
            failures += self._compare(check, render(document, format=format))
        elif output is not None:
            _write(output, render(document, format=format))
        elif options["client"] is None:
            self.stdout.write(render(document, format=format), ending="")
        if options["client"] is not None:
            client = _client(document, options)
            problems += client.problems
            found = _report(problems, options["silence"])
        for problem in found.problems:
            self.stderr.write(str(problem))
        if found.fails(on_warnings=options["fail_on_warn"]):
            failures.append(str(found))
        if failures:
            raise CommandError("\n".join(failures), returncode=1)

    def _describe(self, options: dict[str, Any]) -> tuple[Document, list[Problem]]:
        chosen = _options(options)
        with Progress(self.stderr, "Describing the service") as progress:
            description = describe(options=chosen)
            problems = [*description.problems]
            if options["validate"]:
                progress.stage = "Validating the document"
                problems += validate(description.document)
        return description.document, problems

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

    def _diff(self, file: Path, document: Document, fail_on: FailOn | None) -> list[str]:
        """Shows what has changed since ``file``; returns what is wrong with that, in a list of none or one."""
        try:
            changes = diff(read_document(file), document)
        except (UnreadableDocumentError, DiffError) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(render_changes(changes), ending="")
        count = failing(changes, fail_on)
        return [f"Changes since {file} that --fail-on {fail_on} refuses: {count}."] if count else []


def _refuse_contradictions(options: dict[str, Any]) -> None:
    """Not groups of argparse: call_command() would not look at them."""
    given = [f"--{name}" for name in ("output", "check", "diff") if options[name] is not None]
    if len(given) > 1:
        raise CommandError(f"{' and '.join(given)} are different things to do: give one of them.", returncode=2)
    if options["client"] is not None and (options["out"] is None or options["check"] or options["diff"]):
        raise CommandError(
            "--client writes into a folder: give --out FOLDER with it, and neither --check nor --diff. To check a "
            "folder, give the document to `chanx client LANGUAGE FILE --out FOLDER --check`.",
            returncode=2,
        )
    if options["client"] is None and (given := _client_options(options)):
        raise CommandError(f"{', '.join(given)} is about clients: give --client LANGUAGE with it.", returncode=2)
    if options["fail_on"] is not None and options["diff"] is None:
        raise CommandError("--fail-on is about changes: give --diff FILE with it.", returncode=2)


def _client_options(options: dict[str, Any]) -> list[str]:
    """The options given that only --client gives a meaning."""
    return [f"--{name}" for name in ("out", "package", *EXTRAS) if options[name]]


def _client(document: Document, options: dict[str, Any]) -> Client:
    """The client that was written."""
    language = LANGUAGES[options["client"]]
    wanted = frozenset(name for name in EXTRAS if options[name])
    if unknown := sorted(wanted - set(language.extras)):
        raise CommandError(f"A client in {language.title} has no {', '.join(unknown)}.", returncode=2)
    try:
        client = generate(document, language, ClientOptions(package=options["package"], extras=wanted))
        write_files(client.files, Path(options["out"]))
    except (FilesError, OptionsError) as error:
        raise CommandError(str(error), returncode=2) from error
    except OSError as error:
        raise CommandError(f"{options['out']} cannot be written: {error.strerror}.", returncode=2) from error
    return client


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
        tags=tuple(given["tag"]),
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
