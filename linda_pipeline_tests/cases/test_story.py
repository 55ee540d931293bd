"""Six fortnights of one CPO that mends, ignores, credits, objects twice, breaks again what it mended, and sends a window late
and twice: its cases at every step, on SQLite and on a real PostgreSQL; and a kill at every moment of taking in.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from linda_pipeline.cases.case import CaseState
from linda_pipeline.cases.for_analysts import copies
from linda_pipeline.cases.lookup import Asked, Standing, list_cases
from linda_pipeline.cases.objections import answer, object_to_case, object_to_rule, objected
from linda_pipeline_tests.cases.followed import WINDOWS, Followed, broken, followed_on, in_window, pull_moment
from linda_pipeline_tests.cases.test_taking_in import CREDIT


@pytest.fixture(params=["sqlite", "postgresql"])
def road(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Followed]:
    with followed_on(request.param, tmp_path) as made:
        yield made


def states(road: Followed) -> dict[str, int]:
    return dict(Counter(state for _, state in road.states()))


def test_six_fortnights(road: Followed) -> None:
    one, two, three, four, five, six = WINDOWS
    road.deliver(one, *(broken(number) for number in range(1, 9)), in_window(20))
    assert states(road) == {"open": 8}

    credit = in_window(30, two, credit_reference_id="CDR-000003", **CREDIT)
    road.deliver(two, in_window(1, two), in_window(2, two), credit, broken(4, two))
    assert states(road) == {"open": 5, "corrected": 2, "withdrawn": 1}
    assert road.told(4) == ["opened", "refused_again"]

    at = pull_moment(two) + timedelta(days=1)
    with road.database.writing() as session:
        for number in (5, 6):
            object_to_case(session, number, "Onze meter telt anders.", at=at, actor="cpo")
    with road.database.writing() as session:
        answer(session, [5], "U heeft gelijk.", is_upheld=True, at=at, actor="ndw")
        answer(session, [6], "De regel klopt.", is_upheld=False, at=at, actor="ndw")
    assert states(road) == {"open": 4, "corrected": 2, "withdrawn": 1, "upheld": 1}

    road.deliver(four, broken(1, four), in_window(4, four), in_window(6, four))  # the third window is late
    assert states(road) == {"open": 1, "overdue": 2, "corrected": 4, "withdrawn": 1, "upheld": 1}
    assert [(case.id, case.previous_id) for case in road.cases() if case.previous_id] == [(9, 1)]
    assert road.told(6) == ["opened", "objected", "dropped", "overdue", "corrected"]

    late = pull_moment(five) - timedelta(hours=2)
    again = 24 * 14  # pulled in the night of the fourth
    road.deliver(three, broken(4, three), broken(10, three), in_window(7, three), again=again, now=late)
    assert (
        road.deliver(three, broken(4, three), broken(10, three), in_window(7, three), again=again + 1, now=late) == {}
    )
    assert states(road) == {"open": 2, "overdue": 1, "corrected": 5, "withdrawn": 1, "upheld": 1}
    ten = next(case for case in road.cases() if case.record_id == "CDR-000010")
    assert ten.due_date == (pull_moment(three) + timedelta(hours=again, days=28)).date()

    road.deliver(five, in_window(1, five, total_energy_kwh=-1.0), in_window(8, five))
    road.deliver(six, in_window(10, six), broken(4, six))
    assert road.take_in(pull_moment(six) + timedelta(days=1)) == {"overdue": 1}
    final = {case.id: case for case in road.cases()}
    assert [final[number].state for number in range(1, 11)] == [
        *("corrected", "corrected", "withdrawn", "corrected", "upheld", "corrected", "corrected", "corrected"),
        *("overdue", "corrected"),
    ]
    assert (final[11].state, final[11].previous_id, final[11].record_id) == ("open", 4, "CDR-000004")
    assert final[8].closed_by == "cdrs/NL-ABC/2027-01-04"
    standing = Standing.of(road.database, pull_moment(six) + timedelta(days=1))
    assert (standing.without_event, standing.overdue_unmarked) == (0, 0)
    assert standing.overdue_by_cpo == {"NL-ABC": 1}
    with road.database.reading() as session:
        every = Asked(states=[state.value for state in CaseState], rule="total_energy_not_negative")
        assert [row[0] for row in list_cases(session, every)] == [9]
        assert [row[0] for row in list_cases(session, Asked(cpo="NL-ABC", due_before=date(2027, 2, 2)))] == [9]
    with road.database.writing() as session:
        opened_by = "cdrs/NL-ABC/2027-01-18"
        assert object_to_rule(session, "total_time_matches", opened_by, "Nee.", at=pull_moment(six), actor="cpo") == [
            11
        ]
        assert objected(session, "total_time_matches", opened_by) == [11]
    copied = copies(road.database)
    assert [one["state"] for one in copied["redelivery_case"].to_pylist()] == [case.state for case in road.cases()]
    assert copied["redelivery_case"]["first_seen"][0].as_py() == pull_moment(one)
    opened = [event for event in copied["case_event"].to_pylist() if event["action"] == "opened"]
    assert [event["delivery_id"] for event in opened] == [case.delivery_id for case in road.cases()]


KILLED = """
import os, signal, sys
from pathlib import Path
from linda_pipeline.cases.case_law import CaseLaw
from linda_pipeline.ledger.follow_up import FollowUp
from linda_pipeline_tests.cases.followed import WINDOWS, Followed, pull_moment

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

close, moment = CaseLaw.close, sys.argv[2]
if moment == "taken in":
    FollowUp.done = die
elif moment == "opened":
    CaseLaw.close = die
else:
    CaseLaw.close = lambda *given: (close(*given), die())
Followed.at(Path(sys.argv[1])).take_in(pull_moment(WINDOWS[1]))
"""


@pytest.mark.parametrize("moment", ["opened", "closed", "taken in"])
def test_a_kill_while_a_judgement_is_taken_in_loses_no_case_and_closes_none_twice(tmp_path: Path, moment: str) -> None:
    road = Followed.at(tmp_path)
    road.deliver(WINDOWS[0], broken(1), broken(2))
    road.judge(road.pull(WINDOWS[1], in_window(1, WINDOWS[1]), broken(3, WINDOWS[1])).delivery)
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), moment], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    road.take_in(pull_moment(WINDOWS[1]))
    assert road.states() == [("CDR-000001", "corrected"), ("CDR-000002", "open"), ("CDR-000003", "open")]
    assert [road.told(number) for number in (1, 2, 3)] == [["opened", "corrected"], ["opened"], ["opened"]]
    assert road.lake.follow_ups() == []
    road.database.close()
