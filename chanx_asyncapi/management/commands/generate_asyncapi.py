"""``manage.py generate_asyncapi``: arguments and exit codes."""

from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chanx_asyncapi.describe import describe
from chanx_asyncapi.problems import Problem
from chanx_asyncapi.render import FORMATS, Format, render
from chanx_asyncapi.spec import DEFAULT_VERSION, VERSIONS
from chanx_asyncapi.validation import validate

_SUFFIXES: Final[dict[str, Format]] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}

_HELP: Final = """\
Writes the AsyncAPI document of the WebSocket services of this project.

Problems go to standard error, one a line: code, where, what, and what to do about it.

exit codes:
  0  the document was written
  1  it was written, but there are errors (or, with --fail-on-warn, warnings) among the problems
  2  nothing was written: the arguments or the output file are wrong
"""


class Command(BaseCommand):
    help = _HELP
    # The routing is read by describing it; what the checks say about anything else is not the document's concern.
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs.setdefault("formatter_class", RawDescriptionHelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--output", "-o", type=Path, metavar="FILE", help="file to write; by default standard output"
        )
        parser.add_argument("--format", choices=FORMATS, help="by default what FILE ends in, or else json")
        parser.add_argument(
            "--spec-version", choices=VERSIONS, default=DEFAULT_VERSION, help="version of AsyncAPI (%(default)s)"
        )
        parser.add_argument("--validate", action="store_true", help="hold the document against the rules of AsyncAPI")
        parser.add_argument("--fail-on-warn", action="store_true", help="end with 1 when there is any problem")

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        text, problems = self._describe(_format(options["format"], output), options)
        if output is None:
            self.stdout.write(text, ending="")
        else:
            try:
                output.write_text(text, encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{output} cannot be written: {error.strerror}.", returncode=2) from error
        for problem in problems:
            self.stderr.write(str(problem))
        errors = sum(problem.severity == "error" for problem in problems)
        warnings = len(problems) - errors
        if errors or (warnings and options["fail_on_warn"]):
            raise CommandError(f"Errors: {errors}, warnings: {warnings}.", returncode=1)

    def _describe(self, format: Format, options: dict[str, Any]) -> tuple[str, list[Problem]]:
        description = describe(spec_version=options["spec_version"])
        problems = [*description.problems]
        if options["validate"]:
            problems += validate(description.document)
        return render(description.document, format=format), problems


def _format(given: Format | None, output: Path | None) -> Format:
    if given is not None:
        return given
    if output is None:
        return "json"
    try:
        return _SUFFIXES[output.suffix.lower()]
    except KeyError:
        raise CommandError(
            f"{output} does not say by its suffix which format it has: add --format json or --format yaml.",
            returncode=2,
        ) from None
