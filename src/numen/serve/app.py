"""The ASGI application: collections behind HTTP, and the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import groupby

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from numen.errors import InputError
from numen.search import Collection
from numen.serve.answers import Answer, to_bytes
from numen.serve.guard import Guard, passing
from numen.serve.keys import Keys
from numen.serve.limits import Limits
from numen.serve.logs import Log
from numen.serve.openapi import openapi
from numen.serve.operation import Methods
from numen.serve.operations import operations
from numen.serve.page_files import PageFiles
from numen.serve.refusal import Refusal
from numen.serve.service import Service

__all__ = ["LOOPBACK", "create_app"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The names of this machine for itself."""


def create_app(
    collections: Mapping[str, Collection],
    *,
    keys: Keys | None = None,
    limits: Limits | None = None,
    hosts: frozenset[str] | None = LOOPBACK,
    read_only: bool = False,
    log: Log | None = None,
    ready: Callable[[], None] | None = None,
) -> ASGIApp:
    """An ASGI application that serves these collections by name, and closes them when it stops.

    keys: who may read and who may write; without any, everybody who reaches it may both, so let nobody reach it but
    this machine. hosts: the names by which it may be called, None for any. read_only: nothing can be changed through
    it. log: where it tells what happens; standard error without one. ready: called once searches are answered.
    InputError for a name that is no part of a path.
    """
    for name in collections:
        if not name or not all(c.isascii() and (c.isalnum() or c in "_-.") for c in name) or name.startswith("."):
            raise InputError(f"a collection is to be served as {name!r}; use letters, digits, _, - and .")
    if not collections:
        raise InputError("there is no collection to serve")
    service = Service(limits or Limits(), keys or Keys(), log or Log(), read_only=read_only, ready=ready)
    all_of_them = operations(service.limits)
    document = to_bytes(openapi(all_of_them, () if service.keys else list(collections), keyed=bool(service.keys)))

    async def described(scope: Scope, receive: Receive, send: Send) -> None:
        passing(scope).operation = "openapi"
        if scope["method"] != "GET":
            raise Refusal("wrong_method", "this path takes GET", {"allow": "GET"})
        await Answer(document)(scope, receive, send)

    async def lost(scope: Scope, receive: Receive, send: Send) -> None:
        raise Refusal("unknown_path", "there is nothing under this path; GET /openapi.json says what there is")

    @asynccontextmanager
    async def lifespan(app: object) -> AsyncIterator[None]:
        service.host(collections)
        warming = asyncio.create_task(service.warm())
        try:
            yield
        finally:
            service.state = "stopping"
            await warming
            await service.close()

    page = PageFiles()
    routes = [Route("/", page), Route("/page/{file}", page), Route("/openapi.json", _Raw(described))]
    known: dict[str, tuple[Methods, dict[str, str]]] = {}
    for path, some in groupby(sorted(all_of_them, key=lambda one: one.path), key=lambda one: one.path):
        pattern = path.replace("{id}", "{id:path}")
        methods = Methods(service, list(some))
        routes.append(Route(pattern, methods))
        if "{id}" not in path:
            known |= {path.format(collection=name): (methods, {"collection": name}) for name in collections}
    routes.sort(key=lambda route: "{id:path}" in route.path)  # last the one that takes paths of any length
    router = Router(routes, redirect_slashes=False, default=lost, lifespan=lifespan)
    return Guard(_Known(known, router), service, hosts)


class _Known:
    """An ASGI application that looks a path up before it has routes tried in turn: most paths are known as a whole."""

    def __init__(self, known: Mapping[str, tuple[ASGIApp, dict[str, str]]], router: ASGIApp) -> None:
        self._known, self._router = known, router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._known.get(scope["path"]) if scope["type"] == "http" and not scope.get("root_path") else None
        if found is None:
            await self._router(scope, receive, send)
        else:
            app, scope["path_params"] = found
            await app(scope, receive, send)


class _Raw:
    """An ASGI function as a value that a route takes for one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
