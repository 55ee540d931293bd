"""The date filters of CDRs put to the test, on the moments of records that were seen.

Here: the requirements of the group `dates`. Not here: paging (pages.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from linda_pipeline.ocpi.probing.desk import Desk, Outcome, Told
from linda_pipeline.ocpi.probing.module import SAMPLE, Looked, NoPage, PageSeen, address, ask_page
from linda_pipeline.ocpi.probing.moment import as_asked
from linda_pipeline.ocpi.probing.wire import Asker

_NAMES = ("dates_honoured", "date_from_inclusive", "date_to_exclusive")


def judge(desk: Desk, asker: Asker, looked: Looked) -> None:
    """Test the date filters."""
    moments = sorted({record.moment for record in looked.records if record.moment is not None})
    if len(moments) < 3:
        few = Told(
            "Daarvoor zijn records nodig met drie verschillende momenten in last_updated.",
            "This takes records with three different moments in last_updated.",
        )
        for name in _NAMES:
            if desk.may_test(name, "cdrs"):
                desk.untestable(name, few, "cdrs")
        return
    whole = [moment for moment in moments if not moment.microsecond]
    moments = whole if len(whole) >= 3 else moments
    low, middle, high = moments[len(moments) // 4], moments[len(moments) // 2], moments[-1 - len(moments) // 4]
    if not low < middle < high:
        low, middle, high = moments[0], moments[len(moments) // 2], moments[-1]
    try:
        _honoured(desk, asker, looked, low, high)
        _edges(desk, asker, looked, middle)
    except NoPage:
        lost = Told("Een antwoord dat hiervoor nodig was, kwam niet.", "An answer that this needs did not come.")
        for name in _NAMES:
            if desk.may_test(name, "cdrs"):
                desk.untestable(name, lost, "cdrs")


def _honoured(desk: Desk, asker: Asker, looked: Looked, low: datetime, high: datetime) -> None:
    if not desk.may_test("dates_honoured", "cdrs"):
        return
    page = _between(asker, looked, low, high)
    strays = [r for r in page.records if r.moment is not None and not low <= r.moment <= high]
    expected = {r.key for r in looked.records if r.moment is not None and low < r.moment < high}
    missing = expected - set(page.keys) if _is_whole(page) else set()
    wrong = []
    if strays:
        wrong.append(
            Told(
                f"{len(strays)} records vallen buiten de gevraagde datums.",
                f"{len(strays)} records lie outside the dates asked.",
            )
        )
    if missing:
        wrong.append(
            Told(
                f"{len(missing)} records binnen de gevraagde datums ontbreken.",
                f"{len(missing)} records within the dates asked are missing.",
            )
        )
    fine = Told(
        f"{len(page.records)} records, alle binnen de gevraagde datums.",
        f"{len(page.records)} records, all within the dates asked.",
    )
    desk.judge("dates_honoured", wrong, fine, "cdrs")


def _edges(desk: Desk, asker: Asker, looked: Looked, moment: datetime) -> None:
    """Whether the records of one moment come when it is date_from, and stay away when it is date_to."""
    if desk.outcome("dates_honoured", "cdrs") is not Outcome.PASSED:
        return
    here = {record.key for record in looked.records if record.moment == moment}
    shown = as_asked(moment)
    if desk.may_test("date_from_inclusive", "cdrs"):
        page = _between(asker, looked, moment, moment + timedelta(seconds=1))
        missing = here - set(page.keys) if _is_whole(page) or not here & set(page.keys) else set()
        desk.judge(
            "date_from_inclusive",
            [
                Told(
                    f"Met date_from={shown} ontbreekt het record van dat moment.",
                    f"With date_from={shown} the record of that moment is missing.",
                )
            ]
            if missing
            else [],
            Told(
                f"Met date_from={shown} komt het record van dat moment mee.",
                f"With date_from={shown} the record of that moment is included.",
            ),
            "cdrs",
        )
    if desk.may_test("date_to_exclusive", "cdrs"):
        page = _between(asker, looked, moment - timedelta(seconds=1), moment)
        extra = here & set(page.keys)
        desk.judge(
            "date_to_exclusive",
            [
                Told(
                    f"Met date_to={shown} komt het record van dat moment toch mee.",
                    f"With date_to={shown} the record of that moment is included all the same.",
                )
            ]
            if extra
            else [],
            Told(
                f"Met date_to={shown} blijft het record van dat moment weg.",
                f"With date_to={shown} the record of that moment stays away.",
            ),
            "cdrs",
        )


def _between(asker: Asker, looked: Looked, low: datetime, high: datetime) -> PageSeen:
    url = address(looked, 0, SAMPLE, date_from=as_asked(low), date_to=as_asked(high))
    return ask_page(asker, looked, url, SAMPLE)


def _is_whole(page: PageSeen) -> bool:
    """Whether the page holds all that the server has for the question."""
    return page.link is None and (page.total is None or page.total <= len(page.records))
