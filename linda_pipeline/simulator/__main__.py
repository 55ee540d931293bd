"""`python -m linda_pipeline.simulator`: one simulated CPO from the command line, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import re
import threading
from datetime import UTC, datetime
from pathlib import Path

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.simulator.clock import seconds, text
from linda_pipeline.simulator.faults import FAULTS, faults_of
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.simulator.process import READY, TOKEN_VARIABLE, end_with_parent
from linda_pipeline.simulator.replay import FILES
from linda_pipeline.simulator.server import HABITS, OcpiServer, ServedCpo


def main() -> None:
    """Read the options, make the records, and serve."""
    parser = _parser()
    options = parser.parse_args()
    if options.until_stdin_ends:
        threading.Thread(target=end_with_parent, daemon=True).start()
    token = os.environ.get(options.token_env, "")
    if not token:
        parser.error(f"set the environment variable {options.token_env} to the token that clients must send")
    try:
        plan = _plan(options)
        faults, habits = faults_of(plan.faults)
        feeds = feeds_of(plan)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    try:
        cpo = ServedCpo(plan.ocpi, token, feeds, text(seconds(plan.now)), plan.page_limit, faults, habits)
        server = OcpiServer(cpo, options.port)
    except OSError as error:
        parser.error(f"cannot listen on 127.0.0.1 port {options.port}: {error}")
    print(f"{READY}{server.versions_url}", flush=True)
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        server.server_close()


def _plan(options: argparse.Namespace) -> Plan:
    name, _, path = (options.replay or "").partition("=")
    return Plan(
        party=options.party,
        ocpi=options.ocpi,
        operator=options.operator,
        seed=options.seed,
        locations=options.locations,
        per_evse_day=options.per_evse_day,
        start=options.start,
        until=options.until,
        pulled_at=options.pulled_at,
        defects=options.defects,
        mends_after_days=options.mends_after_days,
        replay=name or None,
        replay_file=Path(path) if path else None,
        fill_parking_time=not options.no_parking_time,
        page_limit=options.page_limit,
        faults=tuple(options.fault),
    )


def _parser() -> argparse.ArgumentParser:
    default = Plan("NL-SIM")
    parser = argparse.ArgumentParser(
        prog="python -m linda_pipeline.simulator",
        description="A charge point operator that speaks OCPI over HTTP on 127.0.0.1, made-up or replayed.",
        epilog="It prints its versions URL when it is ready. What it was asked stands at /simulator/requests.",
    )
    add = parser.add_argument
    add("--party", type=_party, default=default.party, help="country code and party id (default: %(default)s)")
    add("--operator", default=default.operator, help="its name (default: %(default)s)")
    add("--ocpi", choices=VERSIONS, default=default.ocpi, help="the version that it speaks (default: %(default)s)")
    add("--seed", type=int, default=default.seed, help="the same seed gives the same records (default: %(default)s)")
    add("--locations", type=int, default=default.locations, help="how many Locations (default: %(default)s)")
    add(
        "--per-evse-day",
        type=float,
        default=default.per_evse_day,
        help="sessions per EVSE a day (%(default)s)",
    )
    add(
        "--from",
        dest="start",
        type=_moment,
        default=default.start,
        help="first start (default: %(default)s)",
    )
    add("--until", type=_moment, default=default.until, help="what has ended by then is sent (default: %(default)s)")
    add("--pulled-at", type=_moment, help="what follows is the future, for defects (default: --until)")
    add(
        "--mends-after-days",
        type=int,
        default=0,
        help="every second refused CDR comes again, mended, after so many days",
    )
    add("--defects", type=_share, default=default.defects, help="share of records wrong on purpose, such as 0.15")
    add(
        "--replay",
        metavar="SET=FILE",
        type=_replay,
        help=f"send a file instead; SET is {' or '.join(FILES)}",
    )
    add("--no-parking-time", action="store_true", help="leave total_parking_time out of a replay")
    add("--page-limit", type=int, default=default.page_limit, help="most records in a page (default: %(default)s)")
    add(
        "--fault",
        action="append",
        default=[],
        metavar="MODULE:NAME[@PAGE][xTIMES]",
        help=f"misbehave, such as cdrs:http_503@3x2; may be repeated. Names: {', '.join(sorted(FAULTS))}; "
        f"on the whole server: {', '.join(HABITS)}",
    )
    add("--token-env", default=TOKEN_VARIABLE, help="environment variable with the token (default: %(default)s)")
    add("--port", type=int, default=0, help="port to listen on (default: any that is free)")
    add("--until-stdin-ends", action="store_true", help="end when the standard input or the parent process ends")
    return parser


def _party(value: str) -> str:
    if re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{3}", value) is None:
        raise argparse.ArgumentTypeError("must be country code, dash, party id in capitals, such as NL-ABC")
    return value


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a day or a moment, such as 2026-11-09T12:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _share(value: str) -> float:
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("must be a number from 0 to 1, such as 0.15")
    return share


def _replay(value: str) -> str:
    if value.partition("=")[0] not in FILES or not value.partition("=")[2]:
        raise argparse.ArgumentTypeError(f"must be a set ({' or '.join(FILES)}), an equals sign and the file")
    return value


if __name__ == "__main__":
    main()
