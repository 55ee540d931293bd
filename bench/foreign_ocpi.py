"""The pull against OCPI servers that this project did not write: extrawest-ocpi and py-ocpi from the Python Package Index.

    python -m venv elsewhere && elsewhere/bin/pip install extrawest-ocpi uvicorn
    python -m venv other && other/bin/pip install py-ocpi uvicorn
    python bench/foreign_ocpi.py elsewhere/bin/python other/bin/python

Each runs in an environment of its own and is given records of our simulator to serve through its own schemas, paging and
authentication. Prints, per version and module, how the pull ended, what proved it, and what the server's headers were.
py-ocpi always announces https, so it is served with a certificate of its own (by openssl), which the register names.
"""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import msgspec

from linda_pipeline.calendar import local_date, window_bounds
from linda_pipeline.ocpi.failures import PullFailed
from linda_pipeline.ocpi.limits import Patience
from linda_pipeline.pulling.pull import pull
from linda_pipeline.register.cpos import parse_register
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.storage.lake import Lake

WINDOW = date(2026, 11, 9)
PULLED_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
TOKEN = "foreign-token-7f3a"
COUNT = 130
LIMIT = 50
SERVER = """
import json, os, sys
from py_ocpi import get_application
from py_ocpi.core.authentication.authenticator import Authenticator
from py_ocpi.core.enums import ModuleID, RoleEnum
from py_ocpi.modules.versions.enums import VersionNumber
import uvicorn

RECORDS = json.load(open(sys.argv[1]))
if sys.argv[2] == "2.1.1":
    # What its own 2.1.1 schemas demand, and OCPI 2.1.1 does not: without it, it answers 3000 to every page.
    for cdr in RECORDS["cdrs"]:
        cdr["end_date_time"] = cdr.pop("stop_date_time")
    for place in [*RECORDS["locations"], *(cdr["location"] for cdr in RECORDS["cdrs"])]:
        for evse in place["evses"]:
            for connector in evse["connectors"]:
                connector.setdefault("tariff_id", "T")

class Tokens(Authenticator):
    @classmethod
    async def get_valid_token_c(cls):
        return [os.environ["TOKEN"]]
    @classmethod
    async def get_valid_token_a(cls):
        return []

class Records:
    @classmethod
    async def list(cls, module, role, filters, *args, **kwargs):
        found = RECORDS[module.value]
        first, last = filters["date_from"], filters["date_to"]
        if first:
            found = [one for one in found if one["last_updated"] >= first.strftime("%Y-%m-%dT%H:%M:%SZ")]
        if last:
            found = [one for one in found if one["last_updated"] < last.strftime("%Y-%m-%dT%H:%M:%SZ")]
        page = found[filters["offset"]:filters["offset"] + filters["limit"]]
        return page, len(found), filters["offset"] + filters["limit"] >= len(found)

app = get_application([VersionNumber(sys.argv[2])], [RoleEnum.cpo], Records, [ModuleID.locations, ModuleID.cdrs], Tokens)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[3]), log_level="warning")
"""
OTHER_SERVER = """
import json, os, sys
from py_ocpi import get_application
from py_ocpi.core.enums import RoleEnum
from py_ocpi.modules.cdrs.v_2_2_1.schemas import Cdr
from py_ocpi.modules.locations.v_2_2_1.schemas import Location
from py_ocpi.modules.versions.enums import VersionNumber
import uvicorn

RECORDS = json.load(open(sys.argv[1]))

class Records:
    @classmethod
    async def list(cls, module, role, filters, *args, **kwargs):
        found = RECORDS[module.value]
        first, last = filters["date_from"], filters["date_to"]
        if first:
            found = [one for one in found if one["last_updated"] >= first.strftime("%Y-%m-%dT%H:%M:%SZ")]
        if last:
            found = [one for one in found if one["last_updated"] < last.strftime("%Y-%m-%dT%H:%M:%SZ")]
        page = found[filters["offset"]:filters["offset"] + filters["limit"]]
        return page, len(found), filters["offset"] + filters["limit"] >= len(found)

    @classmethod
    async def do(cls, module, role, action, *args, auth_token=None, **kwargs):
        return "known" if auth_token == os.environ["TOKEN"] else None

class Shapes:
    cdr_adapter = staticmethod(lambda data: Cdr(**data))
    location_adapter = staticmethod(lambda data: Location(**data))

app = get_application([VersionNumber(sys.argv[2])], [RoleEnum.cpo], Records, Shapes)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[3]), log_level="warning", ssl_keyfile="key", ssl_certfile="certificate")
"""


def records(version: str) -> dict[str, list[dict[str, object]]]:
    """Records of the simulator, all changed in the window."""
    start, end = window_bounds(WINDOW)
    plan = Plan("NL-ABC", version, locations=COUNT, start=start + timedelta(hours=1), until=end)
    return {
        name: [msgspec.json.decode(one.body) for one in feed.records[:COUNT]] for name, feed in feeds_of(plan).items()
    }


def try_version(python: str, version: str, protocol: str, folder: Path, *, other: bool = False) -> None:
    """Serve one version and pull both modules; `other`: by py-ocpi."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sent = records(version)
    (folder / "records.json").write_bytes(msgspec.json.encode(sent))
    (folder / "server.py").write_text(OTHER_SERVER if other else SERVER)
    environment = {
        "PATH": os.environ["PATH"], "TOKEN": TOKEN, "OCPI_HOST": f"127.0.0.1:{port}", "PROTOCOL": protocol,
        "COUNTRY_CODE": "NL", "PARTY_ID": "ABC",
    }  # fmt: skip
    command = [python, "server.py", "records.json", version, str(port)]
    trust: dict[str, str] = {}
    if other:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key", "-out", folder / "certificate"],
            check=True, capture_output=True,
        )  # fmt: skip
        trust = {"ca_bundle": str(folder / "certificate")}
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        scheme = "https" if other else "http"
        url = f"{scheme}://127.0.0.1:{port}/ocpi/versions"
        context = ssl.create_default_context(cafile=trust.get("ca_bundle"))
        for _ in range(150):
            try:
                httpx.get(url, trust_env=False, verify=context)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        permission = {"document": "b", "owner": "b", "owner_kind": "cpo", "from": date(2020, 1, 1)}
        for encoding in ("plain", "base64"):
            block = {"name": "F", "versions_url": url, "ocpi": version, "permission": [permission], **trust}
            cpo = parse_register({"cpo": {"NL-ABC": block | {"token_encoding": encoding}}})["NL-ABC"]
            for module in ("cdrs", "locations"):
                told = f"{version} {protocol} {encoding:6} {module:9}"
                window = WINDOW if module == "cdrs" else local_date(PULLED_AT)
                lake = Lake(folder / f"lake-{version}-{protocol}-{encoding}")
                patience = Patience(tries=2, first_wait_s=0.1, longest_wait_s=0.2)
                try:
                    got = pull(
                        lake, cpo, module, window, token=TOKEN, pulled_at=PULLED_AT, patience=patience, limit=LIMIT
                    )
                except PullFailed as failure:
                    print(f"{told}: {type(failure).__name__}: {failure}", flush=True)
                    continue
                ids = {msgspec.json.decode(record)["id"].upper() for _, page in got.pages() for record in page}
                whole = ids == {str(one["id"]).upper() for one in sent[module]}
                print(
                    f"{told}: {got.records} records in {len(got.files)} pages, complete={got.complete}, "
                    f"proof={got.proof}, doubt={got.doubt}, all ids there: {whole}; last page {got.files[-1].url}",
                    flush=True,
                )
        header = {"Authorization": f"Token {TOKEN}" if version == "2.1.1" else "Token Zm9yZWlnbi10b2tlbi03ZjNh"}
        address = f"{scheme}://127.0.0.1:{port}/ocpi/cpo/{version}/cdrs/?limit=50"
        page = httpx.get(address, headers=header, trust_env=False, verify=context)
        print(
            f"   its headers: HTTP {page.status_code}",
            {name: page.headers.get(name) for name in ("link", "x-total-count", "x-limit")},
        )
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Both versions that the first speaks, announcing http and (as is its default) https; the one that the other speaks."""
    for version in ("2.1.1", "2.2.1"):
        for protocol in ("http", "https"):
            with tempfile.TemporaryDirectory() as folder:
                print(f"extrawest-ocpi {version}, announcing {protocol}")
                try_version(str(Path(sys.argv[1]).absolute()), version, protocol, Path(folder))
    for python in sys.argv[2:]:
        with tempfile.TemporaryDirectory() as folder:
            print("py-ocpi 2.2.1, announcing https")
            try_version(str(Path(python).absolute()), "2.2.1", "https", Path(folder), other=True)


if __name__ == "__main__":
    main()
