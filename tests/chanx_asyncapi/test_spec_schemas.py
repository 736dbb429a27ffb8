"""The official schemas: unchanged copies, which say where they come from."""

import hashlib
from importlib.resources import files
from typing import get_args

import pytest

from chanx_asyncapi.spec import DEFAULT_VERSION, VERSIONS, Version, official_schema
from tests.contract.npm_parser import NODE_MODULES, MissingToolError

_SPECS = NODE_MODULES / "@asyncapi" / "specs"
_OURS = files("chanx_asyncapi.spec.schemas")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_schema_is_an_unchanged_copy_whose_hash_is_written_down(version: Version) -> None:
    if not _SPECS.is_dir():
        raise MissingToolError("the npm package @asyncapi/specs is missing in tests/node_modules; run: make setup")
    ours = _OURS.joinpath(f"asyncapi-{version}.json").read_bytes()
    assert ours == (_SPECS / "schemas" / f"{version}-without-$id.json").read_bytes()
    assert hashlib.sha256(ours).hexdigest() in _OURS.joinpath("README.md").read_text(encoding="utf-8")


def test_the_licence_stands_beside_them() -> None:
    assert _OURS.joinpath("LICENSE").read_text(encoding="utf-8") == (_SPECS / "LICENSE").read_text(encoding="utf-8")
    assert _OURS.joinpath("NOTICE").read_text(encoding="utf-8") == (_SPECS / "NOTICE").read_text(encoding="utf-8")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_schema_is_for_documents_of_its_version(version: Version) -> None:
    assert official_schema(version)["properties"]["asyncapi"]["const"] == version


def test_the_versions_are_the_ones_of_the_type() -> None:
    assert get_args(Version) == VERSIONS
    assert DEFAULT_VERSION == VERSIONS[-1] == "3.1.0"
