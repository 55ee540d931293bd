"""The runbook's steps that need no browser, carried out as docs/operator.md writes them.

    python bench/runbook.py --out FOLDER

A CPO added; an upgrade with runs in the queue; a restore from backup; all but raw lost and made again, byte for byte; a
permission that ends in the register, and the deliveries that are judged again by themselves. Stops with an error where a step
does not lead to what the runbook promises.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
from pathlib import Path

from house import ENDED, PROGRAMS, House, plan
from kills import fingerprint

OLD, NEW = "NL-AAA", "NL-BBB"
WINDOWS = ("2026-08-31", "2026-09-14", "2026-09-28", "2026-10-12")
ALL = ("raw_cdrs", "validated_cdrs", "rejected_cdrs", "quality_report")
FROM_JUDGING = ("validated_cdrs", "rejected_cdrs", "quality_report")


def main() -> None:
    """The steps, in the order of a year."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    shutil.rmtree(options.out, ignore_errors=True)
    with House(options.out / "house", {OLD: plan(OLD, 1), NEW: plan(NEW, 2, defects=0.2)}) as house:
        a_cpo_is_added(house)
        an_upgrade(house)
        a_restore(house, options.out / "backup")
        only_raw_is_left(house)
        a_permission_ends(house)


def a_cpo_is_added(house: House) -> None:
    """Its block, `linda check-cpos`, its token, a restart; a minute later it can be picked."""
    register = house.folder / "cpos.toml"
    whole = register.read_text()
    register.write_text(whole[: whole.index(f"[cpo.{NEW}]")])
    house.start()
    house.wait(lambda: known(house, OLD) and not known(house, NEW), 120)
    register.write_text(whole)
    linda(house, "check-cpos")
    house.stop()
    house.start()
    took = house.wait(lambda: known(house, NEW), 120)
    print(f"a CPO added: can be picked {took:.0f} s after the restart", flush=True)


def an_upgrade(house: House) -> None:
    """Stop with runs in the queue, migrate, start: they go on."""
    house.backfill([f"{cpo}|{window}" for cpo in (OLD, NEW) for window in WINDOWS])
    house.wait(lambda: sum(one["status"] in ENDED for one in house.runs()) >= 2, 200)
    house.stop()
    told = subprocess.run(
        [str(PROGRAMS / "dagster"), "instance", "migrate"],
        cwd=house.folder, env=house.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    print(f"an upgrade: migrate says {told.stderr.splitlines()[-1:] or told.stdout.splitlines()[-1:]}", flush=True)
    house.start()
    wanted = len(WINDOWS) * 2
    house.wait(lambda: len(ended(house)) >= wanted and published(house), 400)
    print(f"an upgrade: {[(one['jobName'], one['status']) for one in house.runs()]}", flush=True)
    again(house)


def again(house: House) -> None:
    """What was cut off by the stop is repeated, as a person would, and what was judged without it is judged again."""
    lake = house.folder / "lake" / "ledger" / "cdrs"
    missing = [
        f"{cpo}|{window}"
        for cpo in (OLD, NEW)
        for window in WINDOWS
        if not (lake / f"cpo={cpo}" / f"window={window}" / "judgement.json").exists()
    ]
    if missing:
        without = later_than(missing)
        repeat(house, missing, ALL)
        repeat(house, without, FROM_JUDGING)
        print(f"  cut off by the stop, pulled: {missing}; judged again: {without}", flush=True)


def repeat(house: House, keys: list[str], assets: tuple[str, ...]) -> None:
    """A backfill of these partitions, until nothing is under way."""
    if not keys:
        return
    before = len(house.runs())
    house.backfill(keys, assets)
    house.wait(lambda: len(house.runs()) > before and not under_way(house), 300)


def later_than(missing: list[str]) -> list[str]:
    """The windows that were judged before an earlier one of the same CPO came in."""
    first: dict[str, str] = {}
    for one in missing:
        cpo, window = one.split("|")
        first[cpo] = min(window, first.get(cpo, window))
    later = [f"{cpo}|{window}" for cpo, since in first.items() for window in WINDOWS if window > since]
    return [one for one in later if one not in missing]


def a_restore(house: House, backup: Path) -> None:
    """Folders away, folders back, start: the history and the lake are as they were."""
    house.wait(lambda: not under_way(house), 200)
    runs = len(house.runs())
    house.stop()
    before = fingerprint(house.folder / "lake")
    for name in ("lake", "data"):
        shutil.copytree(house.folder / name, backup / name)
        shutil.rmtree(house.folder / name)
        shutil.copytree(backup / name, house.folder / name)
    house.start()
    assert fingerprint(house.folder / "lake") == before
    assert len(house.runs()) >= runs
    assert "as it was received" in linda(house, "deliveries", "--module", "cdrs", "--verify", fine=(0, 1))
    print(f"a restore: {len(house.runs())} runs and {len(before)} fingerprints as before", flush=True)


def only_raw_is_left(house: House) -> None:
    """Everything but raw is gone: judge and publish again, and it is the same."""
    house.stop()
    lake = house.folder / "lake"
    before = fingerprint(lake)
    for one in lake.iterdir():
        if one.name == "raw":
            continue
        if one.is_dir():
            shutil.rmtree(one)
        else:
            one.unlink()
    house.start()
    publishings = sum(one["jobName"] == "publish" for one in house.runs())
    house.backfill([f"{cpo}|{window}" for cpo in (OLD, NEW) for window in WINDOWS], FROM_JUDGING)
    house.wait(
        lambda: (
            sum(one["jobName"] == "publish" and one["status"] in ENDED for one in house.runs()) > publishings
            and not under_way(house)
        ),
        400,
    )
    after = fingerprint(lake)
    differing = sorted(name for name in before | after if before.get(name) != after.get(name))
    print(
        f"only raw left, all made again: {len(before) - len(differing)} of {len(before)} the same; not: {differing}",
        flush=True,
    )


def a_permission_ends(house: House) -> None:
    """The register says that a permission ended in September; the deliveries are judged again without a hand."""
    register = house.folder / "cpos.toml"
    text = register.read_text()
    at = text.index(f"[cpo.{OLD}]")
    began = "from = 2026-01-01\n"
    register.write_text(text[:at] + text[at:].replace(began, f"{began}until = 2026-09-20\n", 1))
    before = {one["runId"] for one in house.runs()}
    house.wait(
        lambda: any(one["runId"] not in before and one["jobName"] == "publish" for one in house.runs()), 2400, 5.0
    )
    house.wait(lambda: not under_way(house), 200)
    new = [one for one in house.runs() if one["runId"] not in before]
    print(
        f"a permission ended: {[(one['jobName'], one['tags'].get('dagster/partition'), one['status']) for one in new]}"
    )
    print(linda(house, "held", fine=(0, 1))[-800:], flush=True)


def known(house: House, cpo: str) -> bool:
    """Whether a CPO can be picked."""
    told = house.ask(
        '{assetNodeOrError(assetKey:{path:["raw_cdrs"]}){...on AssetNode{partitionKeysByDimension{name partitionKeys}}}}'
    )
    return any(cpo in one["partitionKeys"] for one in told["assetNodeOrError"]["partitionKeysByDimension"])


def ended(house: House) -> list[str]:
    """The partitions whose runs have ended."""
    return [
        one["tags"]["dagster/partition"]
        for one in house.runs()
        if one["status"] in ENDED and one["jobName"] != "publish"
    ]


def under_way(house: House) -> bool:
    """Whether a run has not ended."""
    return any(one["status"] not in ENDED for one in house.runs())


def published(house: House) -> bool:
    """Whether all was published after the last delivery."""
    newest = house.runs()[0]
    return newest["jobName"] == "publish" and newest["status"] in ENDED


def linda(house: House, *options: str, fine: tuple[int, ...] = (0,)) -> str:
    """A command of ours, as an operator types it."""
    told = subprocess.run(
        [str(PROGRAMS / "linda"), *options], cwd=house.folder, env=house.environment(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert told.returncode in fine, (told.returncode, told.stdout, told.stderr)
    return told.stdout


if __name__ == "__main__":
    main()
