"""The MCP door: a client of the real package lists the tools and calls them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from numen import Collection

pytest.importorskip("mcp", reason="mcp is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

from numen.doors.mcp import create_server, main  # noqa: E402


def test_a_client_searches_and_asks_why(collection: Collection) -> None:
    from mcp import Client

    async def whole() -> None:
        async with Client(create_server({"c": collection})) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert tools == {"search", "explain", "document", "collections"}

            async def call(tool: str, **given: Any) -> Any:
                return await client.call_tool(tool, given)

            def value(result: Any) -> Any:
                found = result.structured_content
                return found.get("result", found) if found is not None else json.loads(result.content[0].text)

            hits = value(await call("search", collection="c", query="boundry layer", where="year < 1970"))
            assert [hit["id"] for hit in hits] == ["1"]
            why = value(await call("explain", collection="c", query="heat zzz", id="2"))
            assert why["legs"][0]["missing"] == ["zzz"]
            assert why["legs"][0]["parts"][0]["met"] == ["heat"]
            assert value(await call("document", collection="c", id="3"))["text"] == "Nothing but supersonic nozzles"
            (about,) = value(await call("collections"))
            assert (about["documents"], [field["name"] for field in about["fields"]]) == (3, ["year"])
            wrong = await call("search", collection="other", query="x")
            assert wrong.is_error
            assert "there are: c" in wrong.content[0].text

    asyncio.run(whole())


def test_without_a_folder_it_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["/nowhere/at/all"]) == 2
    said = capsys.readouterr().err
    assert "usage:" in said
    assert "numen: error:" in said
