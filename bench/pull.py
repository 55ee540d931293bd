"""Two million CDRs pulled on loopback: peak memory, and CPU beside the least that the same bytes can cost, in the same run.

    python bench/pull.py --records 2000000

A server in a process of its own makes the pages as they are asked (zipped, as CPOs send them). Then, each in a process of its
own: the pull station; and the least work: httpx iter_raw to disk, gunzipping what came (with the same library), and a scan of
the ids. Only the ratio of one run means anything. `--plain` sends pages that are not zipped: then the least work zips them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
from isal import igzip

from linda_pipeline.calendar import window_bounds
from linda_pipeline.pulling.pull import pull
from linda_pipeline.register.cpos import parse_register
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.storage.lake import Lake

WINDOW = date(2026, 11, 9)
PULLED_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
TOKEN = "bench"
PAGE = 1000
MARK = b"BENCHMARK-0000000000"


def pool() -> list[tuple[bytes, bytes]]:
    """CDRs as the simulator makes them, of about 2 kB each: what stands before and after the id."""
    start, end = window_bounds(WINDOW)
    plan = Plan("NL-ABC", locations=40, start=start + timedelta(hours=1), until=end)
    bodies = [msgspec.json.decode(sent.body) for sent in feeds_of(plan)["cdrs"].records]
    marked = [msgspec.json.encode(body | {"id": MARK.decode()}) for body in bodies]
    largest = sorted(marked, key=len)[-250:]
    return [(head, tail) for head, _, tail in (body.partition(MARK) for body in largest)]


def serve(records: int, is_zipped: bool) -> None:
    """Answer as a CPO with so many CDRs; prints its versions URL."""
    bodies = pool()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            headers = {}
            if parts.path == "/versions":
                data = json.dumps([{"version": "2.2.1", "url": f"{base}/details"}]).encode()
            elif parts.path == "/details":
                endpoint = {"identifier": "cdrs", "role": "SENDER", "url": f"{base}/cdrs"}
                data = json.dumps({"version": "2.2.1", "endpoints": [endpoint]}).encode()
            else:
                first = int(query["offset"])
                last = min(records, first + min(PAGE, int(query["limit"])))
                around = (bodies[(n * 7 + n // 250) % len(bodies)] for n in range(first, last))
                records_sent = (
                    head + b"BENCHMARK-%010d" % n + tail
                    for n, (head, tail) in zip(range(first, last), around, strict=True)
                )
                data = b"[" + b",".join(records_sent) + b"]"
                headers = {"X-Total-Count": str(records), "X-Limit": str(PAGE)}
            body = b'{"status_code":1000,"timestamp":"2026-11-23T03:00:00Z","data":' + data + b"}"
            if is_zipped:
                body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
            self.send_response(200)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    base = f"http://127.0.0.1:{server.server_port}"
    print(f"{base}/versions", flush=True)
    server.serve_forever()


def by_us(url: str, folder: Path) -> dict[str, float]:
    """The pull station."""
    permission = {"document": "b", "owner": "b", "owner_kind": "cpo", "from": date(2020, 1, 1)}
    block = {"name": "Bench", "versions_url": url, "ocpi": "2.2.1", "permission": [permission]}
    cpo = parse_register({"cpo": {"NL-ABC": block}})["NL-ABC"]
    lake, began = Lake(folder / "lake"), time.process_time()
    got = pull(lake, cpo, "cdrs", WINDOW, token=TOKEN, pulled_at=PULLED_AT, limit=PAGE)
    assert got.complete
    assert got.proof == "count"
    return {"records": got.records, "bytes": got.body_bytes, "pull_s": time.process_time() - began}


class _Id(msgspec.Struct, gc=False):
    id: str


class _Envelope(msgspec.Struct):
    status_code: int
    data: list[_Id]


def least(url: str, folder: Path) -> dict[str, float]:
    """What no client can do without, in CPU seconds: from the wire to disk, gzip, and the ids looked at."""
    cpu = dict.fromkeys(("to_disk_s", "gzip_s", "scan_s"), 0.0)
    base, offset, size, decoder = url.removesuffix("/versions"), 0, 0, msgspec.json.Decoder(_Envelope)
    with httpx.Client(trust_env=False, timeout=60) as client:
        while True:
            before = time.process_time()
            path = folder / f"page-{offset}"
            with client.stream("GET", f"{base}/cdrs?offset={offset}&limit={PAGE}") as response, path.open("wb") as file:
                pieces = []
                for piece in response.iter_raw():
                    file.write(piece)
                    pieces.append(piece)
                total = int(response.headers["X-Total-Count"])
            fetched = time.process_time()
            received = b"".join(pieces)
            body = igzip.decompress(received) if received.startswith(b"\x1f\x8b") else received
            if body is received:
                gzip.compress(body, 6)
            unzipped = time.process_time()
            ids = {record.id for record in decoder.decode(body).data}
            scanned = time.process_time()
            path.unlink()
            cpu["to_disk_s"] += fetched - before
            cpu["gzip_s"] += unzipped - fetched
            cpu["scan_s"] += scanned - unzipped
            offset, size = offset + len(ids), size + len(body)
            if offset >= total:
                return {"records": offset, "bytes": size, **cpu}


def main() -> None:
    """Start the server, then measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--one", choices=["serve", "us", "least"], help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one == "serve":
        serve(options.records, not options.plain)
    if options.one:
        with tempfile.TemporaryDirectory() as folder:
            found = (by_us if options.one == "us" else least)(options.url, Path(folder))
        found["cpu_s"] = time.process_time()
        found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(found))
        return
    run = [sys.executable, __file__, f"--records={options.records}", *(["--plain"] if options.plain else [])]
    server = subprocess.Popen([*run, "--one=serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    try:
        found = {}
        for one in ("least", "us"):
            began = time.monotonic()
            said = subprocess.run([*run, f"--one={one}", f"--url={url}"], check=True, stdout=subprocess.PIPE, text=True)
            found[one] = json.loads(said.stdout)
            print(f"{one}: {json.dumps(found[one])} in {time.monotonic() - began:.0f} s", flush=True)
    finally:
        server.kill()
        server.wait()
    needed_s = sum(found["least"][name] for name in ("to_disk_s", "gzip_s", "scan_s"))
    print(
        f"{found['us']['records']:,.0f} CDRs, {found['us']['bytes'] / 1e9:.2f} GB: {found['us']['pull_s']:.1f} s of CPU beside "
        f"{needed_s:.1f} s, ratio {found['us']['pull_s'] / needed_s:.2f}; peak memory {found['us']['peak_mb']:.0f} MB"
    )


if __name__ == "__main__":
    main()
