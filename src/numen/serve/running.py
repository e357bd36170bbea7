"""A service that runs until it is stopped: uvicorn with the limits of numen, and where it may listen."""

from __future__ import annotations

import gc
import ipaddress
import logging
import signal
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress

from numen.errors import InputError, MissingExtra
from numen.search import Collection
from numen.serve.keys import Keys
from numen.serve.limits import Limits
from numen.serve.logs import Log

__all__ = ["check_listening", "is_loopback", "serve"]

_SWITCH_SECONDS = 0.0005
"""How long a thread keeps Python's lock while another waits; at Python's own 5 ms the thread that talks to the network
would wait so long behind each search."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches this address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_listening(host: str, keys: Keys) -> None:
    """Raises InputError where others could reach a service without keys."""
    if not keys and not is_loopback(host):
        raise InputError(
            f"--host {host} lets other machines in, which takes keys: give --keys FILE with lines `read KEY` or "
            f"`write KEY`, or leave --host out to serve this machine alone"
        )


def serve(
    collections: Mapping[str, Collection],
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    keys: Keys | None = None,
    limits: Limits | None = None,
    hosts: Sequence[str] = (),
    read_only: bool = False,
    log: Log | None = None,
    began: Callable[[str], None] | None = None,
) -> None:
    """Serve these collections until the process is told to stop (SIGINT, SIGTERM), then finish what is going on.

    hosts: further names by which it may be called. began: called with the address once it listens. InputError where
    it cannot listen there; MissingExtra without uvicorn.
    """
    try:
        import uvicorn

        from numen.serve.app import LOOPBACK, create_app
        from numen.serve.protocol import bounded
    except ImportError as error:
        raise MissingExtra(error.name or "starlette", "serve", "numen serve") from None
    keys, limits, log = keys or Keys(), limits or Limits(), log or Log()
    check_listening(host, keys)
    named = None if keys and not hosts else LOOPBACK | {host.lower()} | {name.lower() for name in hosts}
    app = create_app(collections, keys=keys, limits=limits, hosts=named, read_only=read_only, log=log, ready=_settle)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=bounded(limits),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=limits.headers,
        timeout_keep_alive=max(1, round(limits.idle)),
        timeout_graceful_shutdown=max(1, round(limits.stop)),
        backlog=limits.connections,
    )

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Generator[None]:
            """SIGINT and SIGTERM end it, once: uvicorn's own way raises them again when all is done."""
            if threading.current_thread() is not threading.main_thread():
                yield
                return
            before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)}
            try:
                yield
            finally:
                for one, handler in before.items():
                    signal.signal(one, handler)

        async def startup(self, sockets: object = None) -> None:
            await super().startup()
            if self.started:
                early.give(handler)
            if began is not None and self.started:
                address = self.servers[0].sockets[0].getsockname()
                shown = f"[{address[0]}]" if ":" in address[0] else address[0]
                began(f"http://{shown}:{address[1]}/")

    logger, handler, early = logging.getLogger("uvicorn.error"), log.handler(), _Early()
    logger.addHandler(early)
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    _more_files(limits.connections)
    try:
        Server(config).run()
    except SystemExit:
        raise InputError(
            f"cannot listen on {host}, port {port}: {early.last()}; --host and --port name others"
        ) from None
    finally:
        sys.setswitchinterval(before)
        gc.unfreeze()
        for one in (early, handler):
            logger.removeHandler(one)


class _Early(logging.Handler):
    """Keeps what uvicorn says until it listens: if it never does, one line tells why."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)

    def give(self, handler: logging.Handler) -> None:
        """From now on `handler` takes what is said, and what was said by now."""
        logger = logging.getLogger("uvicorn.error")
        logger.removeHandler(self)
        logger.addHandler(handler)
        for record in self._records:
            handler.handle(record)

    def last(self) -> str:
        """The reason at the end of what was said last: of an error of the system, what follows the address."""
        return self._records[-1].getMessage().rpartition("): ")[2] if self._records else "no reason is known"


def _settle() -> None:
    """Take what is loaded by now, code above all, out of what Python looks through for garbage: that would halt
    everything for a tenth of a second now and then."""
    gc.collect()
    gc.freeze()


def _more_files(connections: int) -> None:
    """Have this process open as many files as it may, if it needs them for so many connections."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = connections * 2 + 256
        if soft != resource.RLIM_INFINITY and soft < wanted:
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
