"""The files of the page, read once, with tags by which a browser knows that it has them."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from numen.serve.guard import passing
from numen.serve.refusal import Refusal

__all__ = ["PageFiles"]

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


class PageFiles:
    """An ASGI application over the files of the package's folder `page`: none other can be asked for."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, str, str]] = {}
        for file in (files("numen.serve") / "page").iterdir():
            kind = _TYPES.get(file.name.rpartition(".")[2])
            if kind is not None:
                content = file.read_bytes()
                self._files[file.name] = content, kind, f'"{hashlib.sha256(content).hexdigest()[:24]}"'

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        passing(scope).operation = "page"
        if scope["method"] not in ("GET", "HEAD"):
            raise Refusal("wrong_method", "this path takes GET, HEAD", {"allow": "GET, HEAD"})
        found = self._files.get(scope["path_params"].get("file", "index.html"))
        if found is None:
            raise Refusal("unknown_path", "there is nothing under this path")
        content, kind, tag = found
        headers = {"etag": tag, "cache-control": "no-cache"}
        asked = dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1")
        if asked == tag:
            response = Response(status_code=304, headers=headers)
        else:
            body = content if scope["method"] == "GET" else b""
            response = Response(body, headers={**headers, "content-length": str(len(content))}, media_type=kind)
        await response(scope, receive, send)
