"""A load generator: requests at a fixed rate over some connections, as a process of its own.

The rate does not wait for answers, and a latency begins when its request was due, not when it could be sent: a server
that stalls is charged for all that it keeps waiting. Reads a JSON object from standard input, writes one to standard
output.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Plan", "main", "run"]


@dataclass
class Plan:
    """host, port, path: what is asked. bodies: JSON bodies, asked in turn from `first` on. rate: requests a second;
    0: as fast as answers come. seconds: how long. connections: open at a time. method: POST or PUT. stopped: seconds
    in which this process itself did not run: then its figures say little."""

    port: int
    path: str
    bodies: list[Any]
    rate: float
    seconds: float
    connections: int
    method: str = "POST"
    first: int = 0
    host: str = "127.0.0.1"
    milliseconds: list[float] = field(default_factory=list)
    refused_milliseconds: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    retry_after: int = 0
    stopped: float = 0.0
    acknowledged: list[int] = field(default_factory=list)


async def _one(plan: Plan, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, due: float) -> None:
    body = json.dumps(plan.bodies[number % len(plan.bodies)]).encode()
    head = (
        f"{plan.method} {plan.path} HTTP/1.1\r\nhost: {plan.host}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    lines = answer.decode("latin-1").lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    await reader.readexactly(int(headers["content-length"]))
    took = (time.perf_counter() - due) * 1000
    status = lines[0].split(" ")[1]
    plan.statuses[status] = plan.statuses.get(status, 0) + 1
    if status == "200":
        plan.milliseconds.append(took)
        plan.acknowledged.append(number)
    else:
        plan.refused_milliseconds.append(took)
        plan.retry_after += "retry-after" in headers


async def run(plan: Plan) -> None:
    """Carries the plan out; what came of it stands in it."""
    began = time.perf_counter()
    total = int(plan.rate * plan.seconds) if plan.rate else 0
    numbers = iter(range(total)) if plan.rate else iter(range(1 << 60))

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.05)
            plan.stopped += max(0.0, time.perf_counter() - before - 0.3)

    async def connection() -> None:
        reader = writer = None
        for number in numbers:
            now = time.perf_counter()
            due = began + number / plan.rate if plan.rate else now
            if not plan.rate and now - began > plan.seconds:
                return
            if due > now:
                await asyncio.sleep(due - now)
            try:
                if writer is None or reader is None:
                    reader, writer = await asyncio.open_connection(plan.host, plan.port)
                await _one(plan, plan.first + number, reader, writer, due)
            except (OSError, asyncio.IncompleteReadError):
                plan.statuses["broken"] = plan.statuses.get("broken", 0) + 1
                reader = writer = None

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(connection() for _ in range(plan.connections)))
    watching.cancel()


def main() -> None:
    plan = Plan(**json.load(sys.stdin))
    asyncio.run(run(plan))
    json.dump({**vars(plan), "bodies": len(plan.bodies)}, sys.stdout)


if __name__ == "__main__":
    main()
