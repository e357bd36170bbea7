"""How `numen serve` does under load: real queries against arxiv-recent over loopback, from another process.

    python benchmarks/serve.py --data ../shared/data [--seconds 300] [--only steady,adding,...] [--leg words=auto]

overhead: what HTTP adds to the call in Python, query by query. steady: 50 and 100 requests a second over 16
connections. adding: the same while 100 documents a second are added, then kill -9, a restart, and a look for every
acknowledged document. overload: ten times what it can do, then 50 a second again. hostile: 50 a second beside 1,000
idle connections, half requests and nonsense. schema: schemathesis, 2,000 cases and more. Writes
benchmarks/results/serve.json.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from numen import Collection
from numen.sources import read_source
from record import RESULTS, circumstances, write

STEPS = ("overhead", "steady", "adding", "overload", "hostile", "schema")
CONNECTIONS = 16
PACKAGES = ["numpy", "numba", "starlette", "uvicorn", "httptools", "uvloop", "orjson"]
ROUNDS = 5  # services whose overhead is measured
TURN = 15  # seconds of searches alone, and of searches while documents are added, in turn
HERE = Path(__file__).resolve().parent


class Server:
    """`numen serve` on a folder, as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.log = Path(tempfile.mkstemp(suffix=".log")[1])
        command = [sys.executable, "-m", "numen", "serve", f"c={folder}", "--port", "0"]
        with self.log.open("w", encoding="utf-8") as out:
            self.process = subprocess.Popen(command, stderr=out)
        while not (found := re.search(r":(\d+)/", self.log.read_text(encoding="utf-8"))):
            if self.process.poll() is not None:
                raise SystemExit(self.log.read_text(encoding="utf-8"))
            time.sleep(0.1)
        self.port = int(found[1])
        try:
            while self.ask("GET", "/ready")[0] != 200:
                time.sleep(0.1)
        except BaseException:
            self.process.kill()
            raise

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {} if body is None else {"content-type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data

    def resident(self) -> float:
        """MB of memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait()


def load(
    server: Server, bodies: list[Any], rate: float, seconds: float, path: str, connections: int, first: int = 0
) -> Any:
    """A load generator that has begun, with the body of number `first`."""
    plan = {
        "port": server.port,
        "path": path,
        "bodies": bodies,
        "rate": rate,
        "seconds": seconds,
        "connections": connections,
        "first": first,
    }
    process = subprocess.Popen(
        [sys.executable, str(HERE / "load.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if process.stdin is None:
        raise SystemExit("the load generator has no input")
    process.stdin.write(json.dumps(plan))
    process.stdin.close()
    process.stdin = None
    return process


def outcome(process: Any) -> dict[str, Any]:
    """What a load generator wrote when it ended."""
    found: dict[str, Any] = json.loads(process.communicate()[0])
    return found


def figures(found: dict[str, Any], server: Server) -> dict[str, Any]:
    """The percentiles of a run, in milliseconds, and what was answered."""
    times = sorted(found["milliseconds"])
    refused = sorted(found["refused_milliseconds"])
    answers = sum(found["statuses"].values())
    out = {
        "requests": answers,
        "asked_per_second": found["rate"],
        "answered_per_second": round(len(times) / found["seconds"], 1),
        "statuses": found["statuses"],
        **{f"p{p}": percentile(times, p) for p in (50, 95, 99)},
        "resident_mb": server.resident(),
        "load_average": round(os.getloadavg()[0], 1),
    }
    if found["stopped"]:
        out["generator_stopped_seconds"] = round(found["stopped"], 1)
    if refused:
        out |= {"refused_p50": percentile(refused, 50), "refused_p99": percentile(refused, 99)}
        out["refused_with_retry_after"] = found["retry_after"] / len(refused)
    return out


def percentile(ordered: list[float], p: int) -> float | None:
    """The p-th percentile of ascending values; None of none."""
    return round(ordered[min(len(ordered) - 1, len(ordered) * p // 100)], 2) if ordered else None


class Wire:
    """One connection that is kept, and as little as can be between it and the clock."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, body: bytes) -> bytes:
        """The body of the answer to a search."""
        head = "POST /collections/c/search HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        self._socket.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        answer = self._socket.recv(1 << 20)
        while b"\r\n\r\n" not in answer:
            answer += self._socket.recv(1 << 20)
        head_bytes, _, got = answer.partition(b"\r\n\r\n")
        length = int(head_bytes.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(got) < length:
            got += self._socket.recv(1 << 20)
        return got


def overhead(folder: Path, queries: list[str]) -> dict[str, Any]:
    """Milliseconds that a search takes over HTTP, to the last byte of the answer, and in Python, in turn.

    The median of several services and openings of the collection: where the memory of a process lies makes a search
    some tenths of a millisecond faster or slower, as long as the process lives.
    """
    rounds = []
    for _ in range(ROUNDS):
        server = Server(folder)
        try:
            rounds.append(_overhead(server, folder, queries))
        finally:
            server.stop()
    median = {name: round(statistics.median(one[name] for one in rounds), 3) for name in rounds[0]}
    each = [one["http_less_python_p50"] for one in rounds]
    return {**median, "http_less_python_p50_of_each": each, "load_average": round(os.getloadavg()[0], 1)}


def _overhead(server: Server, folder: Path, queries: list[str]) -> dict[str, float]:
    """The figures of one service; the first queries are to warm both."""
    wire = Wire(server.port)
    over, inside, difference = [], [], []
    with Collection.open(folder, read_only=True) as collection:
        for number, query in enumerate([*queries[:50], *queries]):
            began = time.perf_counter()
            collection.search(query)
            python = (time.perf_counter() - began) * 1000
            body = json.dumps({"query": query}).encode()
            began = time.perf_counter()
            answer = wire.ask(body)
            took = (time.perf_counter() - began) * 1000
            if number >= 50:
                over.append(took)
                inside.append(python)
                difference.append(took - json.loads(answer)["milliseconds"])
    return {
        "http_p50": round(statistics.median(over), 3),
        "python_p50": round(statistics.median(inside), 3),
        "http_less_python_p50": round(statistics.median(over) - statistics.median(inside), 3),
        "http_less_search_inside_the_service_p50": round(statistics.median(difference), 3),
    }


def adding(
    server: Server, folder: Path, source: Path, bodies: list[Any], seconds: float
) -> tuple[dict[str, Any], Server]:
    """50 searches a second, alone and while 100 documents a second are added, ten at a time, in turn; then kill -9 and
    a look for every document that was acknowledged."""
    texts = [document.text for document, _ in zip(read_source(str(source)), range(2000), strict=False)]
    batches = [
        {"documents": [{"id": f"new-{batch}-{n}", "text": texts[(batch * 10 + n) % len(texts)]} for n in range(10)]}
        for batch in range(int(10 * seconds))
    ]
    before = server.resident()
    turns = max(1, round(seconds / TURN))
    each = seconds / turns
    alone: dict[str, Any] = {}
    found: dict[str, Any] = {}
    written: dict[str, Any] = {}
    for turn in range(turns):
        first = int(turn * each * 50)
        alone = joined(alone, outcome(load(server, bodies, 50, each, "/collections/c/search", CONNECTIONS, first)))
        first += int(seconds * 50)
        searching = load(server, bodies, 50, each, "/collections/c/search", CONNECTIONS, first)
        writing = load(server, batches, 10, each, "/collections/c/documents", 2, int(turn * each * 10))
        written = joined(written, outcome(writing))
        found = joined(found, outcome(searching))
    out: dict[str, Any] = {
        "alone": figures(alone, server),
        "search": figures(found, server),
        "add": figures(written, server),
        "resident_mb_before": before,
    }
    out["p99_over_alone"] = round(out["search"]["p99"] / out["alone"]["p99"], 2)
    server.stop(signal.SIGKILL)
    server = Server(folder)
    ids = [f"new-{batch}-{n}" for batch in written["acknowledged"] for n in range(10)]
    lost = 0
    for at in range(0, len(ids), 500):
        answer = json.loads(server.ask("POST", "/collections/c/get_many", {"ids": ids[at : at + 500]})[1])
        lost += sum(one is None for one in answer["documents"])
    out |= {"acknowledged": len(ids), "lost_after_kill": lost}
    return out, server


def joined(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Two runs of the same load as one."""
    out = dict(found)
    for name in ("milliseconds", "refused_milliseconds", "acknowledged"):
        out[name] = before.get(name, []) + found[name]
    for name in ("seconds", "retry_after", "stopped"):
        out[name] = before.get(name, 0) + found[name]
    statuses = before.get("statuses", {})
    out["statuses"] = {s: statuses.get(s, 0) + found["statuses"].get(s, 0) for s in {*statuses, *found["statuses"]}}
    return out


def overload(server: Server, bodies: list[Any], seconds: float) -> dict[str, Any]:
    """As fast as it can; ten times that; and 50 a second again."""
    can = figures(outcome(load(server, bodies, 0, min(seconds, 20), "/collections/c/search", 4)), server)
    rate = 10 * can["answered_per_second"]
    process = load(server, bodies, rate, min(seconds, 60), "/collections/c/search", 256)
    memory: list[float] = []
    while process.poll() is None and len(memory) < min(seconds, 60):
        memory.append(server.resident())
        time.sleep(1)
    over = figures(outcome(process), server)
    after = figures(outcome(load(server, bodies, 50, min(seconds, 30), "/collections/c/search", CONNECTIONS)), server)
    return {"alone": can, "ten_times": over, "resident_mb": memory[::5], "after": after}


def hostile(server: Server, bodies: list[Any], seconds: float) -> dict[str, Any]:
    """50 searches a second while others only connect, begin and stop, send bodies without end, or no HTTP at all."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    head = b"POST /collections/c/search HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    kinds = {
        "idle": (1000, b""),
        "half_head": (100, b"POST /coll"),
        "half_body": (100, head + b"content-length: 50\r\n\r\n{"),
        "huge_head": (100, b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: " + b"y" * 60_000),
        "nonsense": (100, b"\x16\x03\x01\x02\x00\x01"),
        "endless": (20, head + b"transfer-encoding: chunked\r\n\r\n" + 60 * (b"3e8\r\n" + b" " * 1000 + b"\r\n")),
    }
    alone = figures(outcome(load(server, bodies, 50, min(seconds, 20), "/collections/c/search", CONNECTIONS)), server)
    searching = load(server, bodies, 50, min(seconds, 60), "/collections/c/search", CONNECTIONS)
    open_ones: list[tuple[str, socket.socket]] = []
    for name, (n, sent) in kinds.items():
        for _ in range(n):
            sock = socket.create_connection(("127.0.0.1", server.port), timeout=60)
            sock.sendall(sent)
            open_ones.append((name, sock))
    found = figures(outcome(searching), server)
    told: dict[str, dict[str, int]] = {name: {} for name in kinds}
    for name, sock in open_ones:
        try:
            answer = sock.recv(65536)
        except OSError:
            answer = b"cut off"
        status = answer.split(b" ", 2)[1].decode() if answer.startswith(b"HTTP") else answer.decode() or "closed"
        told[name][status] = told[name].get(status, 0) + 1
        sock.close()
    return {"alone": alone, "meanwhile": found, "told": told}


def schema(server: Server, examples: int) -> dict[str, Any]:
    """What schemathesis finds over the whole document."""
    with tempfile.TemporaryDirectory() as place:
        settings = Path(place) / "schemathesis.toml"
        fitting = "positive_data_acceptance.expected-statuses = ['2xx', 401, 403, 404, 409, 422]"
        settings.write_text(f"[checks]\n{fitting}\n", encoding="utf-8")
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run"]
        options = ["--phases", "examples,coverage,fuzzing", "--max-examples", str(examples), "--seed", "1"]
        options.append("--suppress-health-check=too_slow")  # of its own data, on a busy machine
        address = f"http://127.0.0.1:{server.port}/openapi.json"
        done = subprocess.run([*command, address, *options], capture_output=True, text=True, cwd=place, check=False)
    cases = re.search(r"([\d,]+) generated", done.stdout)
    passed = re.search(r"([\d,]+) generated, ([\d,]+) passed", done.stdout)
    text = server.log.read_text(encoding="utf-8")
    out = {
        "exit_code": done.returncode,
        "cases": cases[1] if cases else "",
        "passed": passed[2] if passed else "",
        "answers_5xx": len(re.findall(r'"status": 5\d\d', text)) - len(re.findall(r'"refused": "starting"', text)),
    }
    if done.returncode:
        print(done.stdout[-6000:])
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared" / "data")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--only", default=",".join(STEPS))
    parser.add_argument("--leg", default="words=auto")
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="a folder to make the collection in, or to find it in")
    asked = parser.parse_args()
    steps = [step for step in STEPS if step in asked.only.split(",")]
    source = asked.data / "arxiv-recent" / "corpus.jsonl.gz"
    with gzip.open(asked.data / "query-logs" / "queries.tsv.gz", "rt", encoding="utf-8") as lines:
        queries = [line.rstrip("\n").split("\t")[1] for line in lines][1:]
    queries = random.Random(7).sample(queries, 5000)
    bodies = [{"query": query} for query in queries]
    place = asked.keep or Path(tempfile.mkdtemp(prefix="numen-serve-"))
    if not (place / "base").exists():
        name, _, encoder = asked.leg.partition("=")
        with Collection.create(place / "base", legs={name: encoder}, fields=("text",)) as made:
            made.add(read_source(str(source)))
    folder = place / "c"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(place / "base", folder)
    old = RESULTS / "serve.json"
    results: dict[str, Any] = json.loads(old.read_text(encoding="utf-8"))["steps"] if old.exists() else {}
    server = Server(folder)
    try:
        for step in steps:
            match step:
                case "overhead":
                    results[step] = overhead(folder, queries[:500])
                case "steady":
                    results[step] = {
                        str(rate): figures(
                            outcome(load(server, bodies, rate, asked.seconds, "/collections/c/search", CONNECTIONS)),
                            server,
                        )
                        for rate in (50, 100)
                    }
                case "adding":
                    results[step], server = adding(server, folder, source, bodies, asked.seconds)
                case "overload":
                    results[step] = overload(server, bodies, asked.seconds)
                case "hostile":
                    results[step] = hostile(server, bodies, asked.seconds)
                case "schema":
                    results[step] = schema(server, asked.examples)
            print(json.dumps({step: results[step]}, indent=2), flush=True)
            write(
                "serve",
                {**circumstances(PACKAGES, source.parent), "leg": asked.leg,
                 "cores": os.cpu_count(), "seconds": asked.seconds, "steps": results},
            )  # fmt: skip
    finally:
        server.stop()
        if asked.keep is None:
            shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
