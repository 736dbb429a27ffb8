"""Documents by their names in the settings."""

import pytest

from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import UnknownDocumentError
from chanx_asyncapi.describe.named_documents import named_document


def test_the_settings_of_a_document() -> None:
    with override_chanx_settings(DOCUMENTS={"public": {"APPS": ["chat"]}}):
        assert named_document("public") == {"APPS": ["chat"]}
        assert named_document(None) == {}


@pytest.mark.parametrize(("documents", "known"), [({}, "none"), ({"a": {}, "b": {}}, "'a', 'b'")])
def test_an_unknown_name_is_answered_with_the_known_ones(documents: dict[str, dict[str, str]], known: str) -> None:
    with override_chanx_settings(DOCUMENTS=documents), pytest.raises(UnknownDocumentError) as refusal:
        named_document("c")

    assert str(refusal.value) == f"no document is called 'c'; CHANX['DOCUMENTS'] has {known}."
