"""Which part of a service a document is about: the filters of its settings, and those of whoever asks for it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chanx.registry import ConsumerSpec
from chanx.routing import Route
from chanx_asyncapi.describe.conversations import Conversation, Received, Sent
from chanx_asyncapi.describe.named_documents import named_document
from chanx_asyncapi.describe.options import Options
from chanx_asyncapi.describe.overridden import method_of
from chanx_asyncapi.describe.tags import application_label, tags_of
from chanx_asyncapi.overrides import override_of
from chanx_asyncapi.problems import Code, Problem


class Selection:
    """Chooses what a document is about. A filter of the options narrows what that of the settings has left."""

    def __init__(self, options: Options) -> None:
        said = named_document(options.document)
        self._apps = _filters(said.get("APPS"), options.apps)
        self._tags = _filters(said.get("TAGS"), options.tags)

    @property
    def filters(self) -> bool:
        """Whether it may leave anything out."""
        return bool(self._apps or self._tags)

    def admits(self, route: Route) -> bool:
        """Whether the document is about a route; all are in one without filters."""
        if self._apps:
            label = _label(route)
            if not all(label in labels for labels in self._apps):
                return False
        if self._tags:
            return route.spec is not None and self._has_tags(_all_tags(route.spec))
        return True

    def part_of(self, talk: Conversation, tags: tuple[str, ...]) -> Conversation:
        """What the document shows of a conversation, when ``tags`` are those of the consumer.

        Of what the server receives, that for which the filters are. Of what it sends of its own accord, everything:
        clients get it, whatever they are interested in.
        """
        if not self._tags:
            return talk
        received = tuple(each for each in talk.received if self._has_tags(_tags(each, tags)))
        frames = {
            *(each.frame for each in received),
            *(reply for each in received for reply in each.replies),
            *(each.frame for each in talk.sent),
        }
        return replace(
            talk,
            received=received,
            keys={frame: key for frame, key in talk.keys.items() if frame in frames},
            relayed=talk.relayed & frames,
            numbered=talk.numbered & frames,
        )

    def nothing_left(self) -> Problem:
        """The problem of a document whose filters leave nothing."""
        return Problem(
            code=Code.EMPTY_SELECTION,
            where=("routing",),
            text="the filters leave no channel, so the document is empty.",
            way_out="Filter by the label of an application whose consumers are routed, or by a tag that they have.",
        )

    def _has_tags(self, tags: Iterable[str]) -> bool:
        return all(not wanted.isdisjoint(tags) for wanted in self._tags)


def _filters(*filters: Sequence[str] | None) -> list[frozenset[str]]:
    return [frozenset(each) for each in filters if each]


def _label(route: Route) -> str | None:
    application = route.application
    return application_label(application if isinstance(application, type) else type(application))


def _all_tags(spec: ConsumerSpec) -> set[str]:
    """The tags of a consumer and of all of its operations."""
    handlers = (*spec.message_handlers.values(), *spec.event_handlers.values())
    own = (override_of(method_of(spec, handler)).tags or () for handler in handlers)
    return {*tags_of(spec.consumer), *(tag for tags in own for tag in tags)}


def _tags(operation: Received | Sent, tags: tuple[str, ...]) -> tuple[str, ...]:
    own = operation.override.tags
    return tags if own is None else own
