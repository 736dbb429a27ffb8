"""Each change of a document outside of its schemas."""

import pytest

from chanx_asyncapi.diff import Rule, diff
from tests.chanx_asyncapi.diff.document_table import DOCUMENT_CHANGES
from tests.chanx_asyncapi.diff.schema_table import SCHEMA_CHANGES
from tests.chanx_asyncapi.diff.table import DocumentChange, SchemaChange, drop, put, service, verdicts

#: What no single change leads to: these follow from several, and have tests of their own.
ELSEWHERE = {Rule.ALTERNATIVES_OVERLAP, Rule.TOO_LARGE}


@pytest.mark.parametrize("row", DOCUMENT_CHANGES, ids=lambda row: row.name)
def test_classes(row: DocumentChange) -> None:
    found = diff(*row.documents)

    assert {(change.rule.value, verdicts(change)) for change in found} == {(row.rule, row.expected)}, found
    assert len(found) == 1


@pytest.mark.parametrize("row", DOCUMENT_CHANGES, ids=lambda row: row.name)
def test_the_verdict_of_the_server_is_that_of_clients_read_backwards(row: DocumentChange) -> None:
    old, new = row.documents

    there, back = ([verdicts(change) for change in diff(*pair)] for pair in ((old, new), (new, old)))

    assert sorted(pair[::-1] for pair in there) == sorted(back)


def test_credentials_are_demanded_of_those_who_were_let_in_without() -> None:
    old, new = service(), service()
    put("operations lobby.send.notice security", [{"$ref": "#/components/securitySchemes/token"}])(new)

    # x-security-optional: they are offered and not demanded.
    assert [(change.rule, verdicts(change)) for change in diff(old, new)] == [("security-added", "sb")]

    for document in (old, new):
        drop("channels lobby x-security-optional")(document)
    assert [(change.rule, verdicts(change)) for change in diff(old, new)] == [("security-demanded", "bs")]
    assert [(change.rule, verdicts(change)) for change in diff(new, old)] == [("security-dropped", "sb")]


def test_a_default_content_type_counts_for_each_message_without_one() -> None:
    old, new = service(), service()
    drop("defaultContentType")(new)

    unsaid, default = diff(old, new)

    assert (unsaid.rule, verdicts(unsaid), len(unsaid.also)) == ("content-type-changed", "uu", 3)
    assert (default.rule, verdicts(default), default.where) == ("text-changed", "ss", ("defaultContentType",))


def test_the_tables_have_each_rule_and_each_name_once() -> None:
    rows: list[DocumentChange | SchemaChange] = [*DOCUMENT_CHANGES, *SCHEMA_CHANGES]
    assert {row.rule for row in rows} | ELSEWHERE == {*Rule}
    assert len({row.name for row in rows}) == len(rows) > 250
