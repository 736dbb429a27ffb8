"""The languages that there are, and clients in one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from chanx_asyncapi.codegen import python, typescript
from chanx_asyncapi.codegen.files import GeneratedFile
from chanx_asyncapi.codegen.language import Language, Options
from chanx_asyncapi.codegen.lower import lower
from chanx_asyncapi.problems import Problem
from chanx_asyncapi.spec import Document

#: By the names that the command line knows.
LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {language.name: language for language in (typescript.LANGUAGE, python.LANGUAGE)}
)

#: What clients may have besides, in one language or another, each with one line about it.
EXTRAS: Final[Mapping[str, str]] = MappingProxyType(
    {name: about for language in LANGUAGES.values() for name, about in language.extras.items()}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A generated client."""

    files: tuple[GeneratedFile, ...]
    #: What it lacks, or cannot rely on.
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationSnippet:
    """Code that sends one message, in one language."""

    #: The key of the operation in the document.
    operation: str
    #: The key of the channel.
    channel: str
    #: The action that is sent.
    action: str
    #: The name of the language, and what people call it.
    language: str
    title: str
    #: The code up to the payload, the payload of the message's example, and the code behind it. ``payload`` is empty
    #: for a message that has none.
    before: str
    payload: str
    after: str


def snippets(document: Document | Mapping[str, Any]) -> tuple[OperationSnippet, ...]:
    """Examples of code for all that clients may send, in all languages, in the order of the document.

    :raises UnsupportedVersionError: for another version of AsyncAPI than 3.
    :raises RecursionError: for a document whose values are nested too deeply.
    """
    api = lower(document).api
    return tuple(
        OperationSnippet(
            operation=sending.key,
            channel=channel.key,
            action=sending.message.actions[0],
            language=language.name,
            title=language.title,
            before=made.before,
            payload=made.payload,
            after=made.after,
        )
        for channel in api.channels
        for sending in channel.sends
        for language in LANGUAGES.values()
        for made in (language.snippet(api, channel, sending),)
    )


def generate(document: Document | Mapping[str, Any], language: Language, options: Options) -> Client:
    """A client for the service that ``document`` describes: the same files for the same data.

    :raises OptionsError: when no client can be made as it is wanted.
    :raises UnsupportedVersionError: for another version of AsyncAPI than 3.
    :raises RecursionError: for a document whose values are nested too deeply.
    """
    lowered = lower(document)
    return Client(files=tuple(language.render(lowered.api, options)), problems=lowered.problems)
