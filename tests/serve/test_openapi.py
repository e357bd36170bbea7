"""The OpenAPI document is true: schemathesis asks what it says and what it does not, and looks at the answers."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from numen import Collection
from numen.search import CollectionInfo, Explanation, FieldInfo, LegExplanation, LegInfo, Part, WordShare
from numen.search.explanation import ClassWord
from numen.serve import Limits
from numen.serve.answers import SCHEMAS
from numen.serve.openapi import openapi
from numen.serve.operations import operations
from numen.serve.requests import Bodies
from numen.types import AddReport


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    text = json.dumps(openapi(operations(Limits()), keyed=True))
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named == set(SCHEMAS)


@pytest.mark.parametrize(
    "value", [AddReport, ClassWord, CollectionInfo, Explanation, FieldInfo, LegExplanation, LegInfo, Part, WordShare]
)
def test_values_of_python_are_told_field_by_field(value: type) -> None:
    told = {"CollectionInfo": "Info", "FieldInfo": "Field", "LegInfo": "Leg"}.get(value.__name__, value.__name__)
    names = {field.name for field in fields(value)} - {"path"} | ({"name", "writable"} if told == "Info" else set())
    assert set(SCHEMAS[told]["properties"]) == names


def test_names_and_defaults_are_those_of_python() -> None:
    import inspect

    body = Bodies.of(Limits()).search
    python = inspect.signature(Collection.search).parameters
    own = {"text", "explain", "highlights"}
    # `rerank` names a model to load: that is for who runs the service to choose, not for who asks it.
    assert set(body.fields) - own == set(python) - {"self", "rerank"}
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


def test_schemathesis_finds_no_answer_that_is_not_as_told(collection: Collection, tmp_path: Path, running: Any) -> None:
    pytest.importorskip("schemathesis")
    with Collection.create(tmp_path / "c", legs={"words": "bm25", "grams": "numen:256"}) as made:
        made.add(collection.documents())
    settings = tmp_path / "schemathesis.toml"
    fitting = "positive_data_acceptance.expected-statuses = ['2xx', 401, 403, 404, 409, 422]"
    settings.write_text(f"[checks]\n{fitting}\n", encoding="utf-8")
    with running(tmp_path / "c") as process:
        options = ["--phases", "fuzzing", "--max-examples", "12", "--generation-deterministic"]
        options.append("--suppress-health-check=too_slow")  # that is the machine's, not the service's
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run"]
        done = subprocess.run(
            [*command, f"{process.base}/openapi.json", *options],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
        assert '"event": "error"' not in process.written()
