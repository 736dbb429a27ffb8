"""Who may read documents: the classes that the settings name, or everybody in DEBUG and users otherwise."""

from collections.abc import Sequence

import pytest
from rest_framework.permissions import AllowAny, IsAdminUser, IsAuthenticated

from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.permissions import DocumentPermission, permission_classes

ANY, ADMIN, USER = (f"rest_framework.permissions.{each.__name__}" for each in (AllowAny, IsAdminUser, IsAuthenticated))


@pytest.mark.parametrize(
    ("service", "document", "expected"),
    [
        (None, {}, [DocumentPermission]),
        ([USER], {}, [IsAuthenticated]),
        (None, {"PERMISSION_CLASSES": [ADMIN]}, [IsAdminUser]),
        ([USER], {"PERMISSION_CLASSES": [ANY]}, [AllowAny]),
        ([USER], {"PERMISSION_CLASSES": []}, []),
        ([USER, ADMIN], {}, [IsAuthenticated, IsAdminUser]),
    ],
)
def test_a_document_has_its_own_classes_or_those_of_the_service(
    service: Sequence[str] | None, document: dict[str, list[str]], expected: list[type]
) -> None:
    with override_chanx_settings(DOCUMENT_PERMISSION_CLASSES=service, DOCUMENTS={"part": document}):
        assert permission_classes("part") == expected
        assert permission_classes(None) == permission_classes("nowhere")


def test_the_document_of_the_service() -> None:
    with override_chanx_settings(DOCUMENT_PERMISSION_CLASSES=[ADMIN], DOCUMENTS={"a": {"PERMISSION_CLASSES": [ANY]}}):
        assert permission_classes(None) == [IsAdminUser]


def test_a_class_that_cannot_be_imported() -> None:
    with override_chanx_settings(DOCUMENT_PERMISSION_CLASSES=["nowhere.Class"]), pytest.raises(ImportError):
        permission_classes(None)
