"""The OpenAPI document is true: schemathesis asks what it says, and what it does not, and holds the answers against it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from numen import Collection
from numen.serve import Keys, Limits
from numen.serve.answers import SCHEMAS
from numen.serve.limits import Limits as _Limits
from numen.serve.openapi import openapi
from numen.serve.operations import operations
from numen.serve.requests import Bodies


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    text = json.dumps(openapi(operations(Limits()), keyed=True))
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named == set(SCHEMAS)


def test_names_and_defaults_are_those_of_python() -> None:
    import inspect

    body = Bodies.of(_Limits()).search
    python = inspect.signature(Collection.search).parameters
    own = {"text", "explain", "highlights"}
    assert set(body.fields) - own == set(python) - {"self"}
    for name, default in body.defaults.items():
        if name not in own:
            assert default == python[name].default, name


def test_keys_are_told_where_they_are_needed() -> None:
    for keyed in (False, True):
        document = openapi(operations(Limits()), keyed=keyed)
        search = document["paths"]["/collections/{collection}/search"]["post"]
        assert ("security" in search) is keyed
        assert ("401" in search["responses"]) is keyed
        assert "security" not in document["paths"]["/health"]["get"]


def test_schemathesis_finds_no_broken_answer(collection: Collection, serving: Any) -> None:
    pytest.importorskip("schemathesis")
    from tests_schemathesis import problems  # type: ignore[import-not-found]

    asyncio.run(problems(collection, serving, 200))


def test_bool_of_keys() -> None:
    assert not Keys()
