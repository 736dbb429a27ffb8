"""The documents that the settings name."""

from chanx.document_settings import NamedDocument
from chanx.settings import chanx_settings


class UnknownDocumentError(LookupError):
    """A name that ``CHANX["DOCUMENTS"]`` does not have; ``str()`` says which ones there are."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name = name
        self.known = known

    def __str__(self) -> str:
        known = ", ".join(map(repr, self.known)) or "none"
        return f"no document is called {self.name!r}; CHANX['DOCUMENTS'] has {known}."


def named_document(name: str | None) -> NamedDocument:
    """What the settings say of a document; nothing about that of the whole service, whose name is None.

    Raises :class:`UnknownDocumentError`.
    """
    documents = chanx_settings.DOCUMENTS
    if name is None:
        return {}
    if name not in documents:
        raise UnknownDocumentError(name, tuple(documents))
    return documents[name]
