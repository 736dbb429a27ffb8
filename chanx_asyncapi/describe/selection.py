"""Which part of a service a document is about: the filters of its settings, and those of whoever asks for it."""

from chanx.routing import Route
from chanx_asyncapi.describe.named_documents import named_document
from chanx_asyncapi.describe.options import Options
from chanx_asyncapi.describe.tags import application_label
from chanx_asyncapi.problems import Code, Problem


class Selection:
    """Chooses the routes that a document is about. A filter of the options narrows what the settings have left."""

    def __init__(self, options: Options) -> None:
        self._apps = [set(labels) for labels in (named_document(options.document).get("APPS"), options.apps) if labels]

    @property
    def filters(self) -> bool:
        """Whether it may leave anything out."""
        return bool(self._apps)

    def admits(self, route: Route) -> bool:
        """Whether the document is about a route; all are in one without filters."""
        if not self._apps:
            return True
        label = _label(route)
        return all(label in labels for labels in self._apps)

    def nothing_left(self) -> Problem:
        """The problem of a document whose filters leave nothing."""
        return Problem(
            code=Code.EMPTY_SELECTION,
            where=("routing",),
            text="the filters leave no channel, so the document is empty.",
            way_out="Filter by the label of an application whose consumers are routed.",
        )


def _label(route: Route) -> str | None:
    application = route.application
    return application_label(application if isinstance(application, type) else type(application))
