"""Paging put to the test: limits, totals, order, offsets and next links of one module.

Here: the requirements of the group `pages`, on a first page of up to 100 records and a walk over a few small pages. Not
here: date filters (dates.py). Every record is known by its id; what it says is the judge's affair.
"""

from __future__ import annotations

from collections.abc import Iterator

from linda_pipeline.ocpi.address import query_of
from linda_pipeline.ocpi.probing.desk import Desk, Outcome, Told
from linda_pipeline.ocpi.probing.module import SAMPLE, Looked, NoPage, PageSeen, address, ask_page, seen_page
from linda_pipeline.ocpi.probing.wire import Asker

_SMALL = 25
_WALKED = 6
"""Small pages that are walked at most."""


def judge(desk: Desk, asker: Asker, looked: Looked) -> None:
    """Test the paging of a module."""
    module = looked.module
    if not looked.records:
        _empty(desk, looked)
        return
    steps: list[PageSeen] = []
    try:
        _order(desk, asker, looked)
        _offset(desk, asker, looked)
        steps = _walk(desk, asker, looked)
        _next_links(desk, asker, looked, steps)
    except NoPage:
        pass
    _limits(desk, looked)
    _complete(desk, looked, steps)
    _totals(desk, asker, looked, steps)
    lost = Told("Een pagina die hiervoor nodig was, kwam niet.", "A page that this needs did not come.")
    for name in ("order_stable", "offset_honoured", "pages_complete", "next_link", "total_count"):
        if desk.may_test(name, module):
            desk.untestable(name, lost, module)


def _empty(desk: Desk, looked: Looked) -> None:
    for name in (
        "limit_honoured",
        "limit_told",
        "total_count",
        "order_stable",
        "offset_honoured",
        "pages_complete",
        "next_link",
    ):
        desk.untestable(name, looked.empty, looked.module)


def _order(desk: Desk, asker: Asker, looked: Looked) -> None:
    again = ask_page(asker, looked, looked.first.url, SAMPLE)
    count = len(again.records)
    other = Told(
        "De tweede keer kwamen andere records, of in een andere volgorde.",
        "The second time other records came, or in another order.",
    )
    desk.judge(
        "order_stable",
        [] if again.keys == looked.first.keys else [other],
        Told(f"Tweemaal dezelfde {count} records.", f"Twice the same {count} records."),
        looked.module,
    )


def _offset(desk: Desk, asker: Asker, looked: Looked) -> None:
    keys = looked.first.keys
    if len(keys) < 2:
        seen = Told("Daarvoor zijn twee records nodig.", "This takes two records.")
        desk.untestable("offset_honoured", seen, looked.module)
        return
    middle = len(keys) // 2
    page = ask_page(asker, looked, address(looked, middle, 1), 1)
    _limits_of(desk, looked, [looked.first, page])
    if not desk.may_test("offset_honoured", looked.module):
        return
    wrong = Told(
        f"offset={middle} geeft een ander record dan het {middle + 1}e.",
        f"offset={middle} gives another record than number {middle + 1}.",
    )
    fine = Told(
        f"offset={middle} geeft het {middle + 1}e record.", f"offset={middle} gives record number {middle + 1}."
    )
    desk.judge("offset_honoured", [] if page.keys[:1] == keys[middle : middle + 1] else [wrong], fine, looked.module)


def _walk(desk: Desk, asker: Asker, looked: Looked) -> list[PageSeen]:
    """A few small pages by offset; the last may be empty, which proves that the end was reached."""
    if desk.outcome("offset_honoured", looked.module) is not Outcome.PASSED:
        return []
    limit = max(1, min(_SMALL, -(-len(looked.records) // 3)))
    steps: list[PageSeen] = []
    given = 0
    while len(steps) < _WALKED:
        steps.append(ask_page(asker, looked, address(looked, given, limit), limit))
        given += len(steps[-1].records)
        if not steps[-1].records:
            break
    return steps


def _next_links(desk: Desk, asker: Asker, looked: Looked, steps: list[PageSeen]) -> None:
    """Follow the links over the same small pages, and compare with what the offsets gave."""
    if not desk.may_test("next_link", looked.module):
        return
    full = [page for page in steps if page.records]
    if not full:
        full = [looked.first]
    truth = [key for page in full for key in page.keys]
    at_end = bool(steps) and not steps[-1].records
    if at_end and len(full) == 1:
        seen = Told("Alles past op één pagina.", "Everything fits on one page.")
        desk.untestable("next_link", seen, looked.module)
        return
    wrong: list[Told] = []
    page, keys, asked = full[0], list(full[0].keys), {full[0].url}
    followed = 0
    while not wrong and len(keys) < len(truth):
        problem = _problem(page.link, asker, looked, asked)
        if problem is not None or page.link is None:
            wrong.append(
                problem
                or Told(
                    "Link ontbreekt terwijl er meer records zijn.", "Link is missing though there are more records."
                )
            )
            break
        asked.add(page.link)
        known = next((one for one in steps if _same_question(one.url, page.link or "")), None)
        if known is None or followed < 2:  # the first links are followed in earnest, the others compared
            reply = asker.ask(page.link)
            followed += 1
            if not reply.is_good:
                wrong.append(
                    Told(
                        f"De volgende pagina komt niet. {reply.said.nl}",
                        f"The next page does not come. {reply.said.en}",
                    )
                )
                break
            known = seen_page(page.link, page.limit, reply)
            looked.pages.append(known)
        page = known
        keys += page.keys
        if (page.keys and keys != truth[: len(keys)]) or not page.keys:
            wrong.append(Told("De link slaat records over of herhaalt ze.", "The link skips records or repeats them."))
    if not wrong and at_end and full[-1].link is not None:
        wrong.append(Told("De laatste pagina wijst nog een volgende aan.", "The last page still points to a next one."))
    count = len(full)
    desk.judge(
        "next_link", wrong, Told(f"Gevolgd over {count} pagina's.", f"Followed over {count} pages."), looked.module
    )


def _problem(link: str | None, asker: Asker, looked: Looked, asked: set[str]) -> Told | None:
    """What is wrong with a next link before it is followed."""
    if link is None:
        return None
    if not asker.gate.names(link):
        return Told(
            "De link wijst naar een andere server of een ander protocol.",
            "The link points to another server or scheme.",
        )
    if link in asked:
        return Told(
            "De link wijst terug naar een pagina die al geweest is.",
            "The link points back to a page that was there before.",
        )
    values = query_of(link)
    if "offset" in values and any(values.get(name) != value for name, value in looked.filters.items()):
        names = ", ".join(looked.filters)
        return Told(
            f"De link laat een filter van het verzoek weg ({names}).",
            f"The link leaves out a filter of the request ({names}).",
        )
    return None


def _same_question(one: str, other: str) -> bool:
    return one.partition("?")[0] == other.partition("?")[0] and query_of(one) == query_of(other)


def _limits(desk: Desk, looked: Looked) -> None:
    _limits_of(desk, looked, looked.pages)
    told: list[Told] = []
    for page in looked.pages:
        if page.told_limit is None:
            told.append(Told("X-Limit ontbreekt of is geen getal.", "X-Limit is missing or no number."))
        elif page.told_limit < len(page.records):
            told.append(
                Told(
                    f"X-Limit is {page.told_limit}, maar de pagina heeft {len(page.records)} records.",
                    f"X-Limit is {page.told_limit}, but the page has {len(page.records)} records.",
                )
            )
        elif page.link is not None and len(page.records) < min(page.limit, page.told_limit):
            told.append(
                Told(
                    f"X-Limit is {page.told_limit}, maar de server geeft er {len(page.records)} terwijl er meer zijn.",
                    f"X-Limit is {page.told_limit}, but the server gives {len(page.records)} though there are more.",
                )
            )
    largest = looked.first.told_limit
    desk.judge(
        "limit_told",
        told,
        Told(f"Op {SAMPLE} gevraagde records: X-Limit {largest}.", f"At {SAMPLE} records asked: X-Limit {largest}."),
        looked.module,
    )


def _limits_of(desk: Desk, looked: Looked, pages: list[PageSeen]) -> None:
    if not desk.may_test("limit_honoured", looked.module):
        return
    wrong = [
        Told(
            f"Gevraagd {page.limit}, gekregen {len(page.records)} records.",
            f"Asked {page.limit}, got {len(page.records)} records.",
        )
        for page in pages
        if len(page.records) > page.limit
    ]
    desk.judge("limit_honoured", wrong, Told("Nooit meer dan gevraagd.", "Never more than asked."), looked.module)


def _complete(desk: Desk, looked: Looked, steps: list[PageSeen]) -> None:
    if not steps or not desk.may_test("pages_complete", looked.module):
        return
    keys = [key for page in steps for key in page.keys]
    known = looked.first.keys
    together = min(len(keys), len(known))
    wrong = []
    if keys[:together] != known[:together]:
        wrong.append(
            Told(
                "In kleine pagina's komen andere records dan in één grote pagina.",
                "Small pages give other records than one large page.",
            )
        )
    elif not steps[-1].records and len(keys) < len(known):
        wrong.append(
            Told(
                "In kleine pagina's komen minder records dan in één grote pagina.",
                "Small pages give fewer records than one large page.",
            )
        )
    elif any(_comes_again(page, steps[:place]) for place, page in enumerate(steps)):
        wrong.append(Told("Een pagina herhaalt een eerdere.", "A page repeats an earlier one."))
    pages = len([page for page in steps if page.records])
    fine = Told(
        f"{len(keys)} records over {pages} pagina's, elk één keer.",
        f"{len(keys)} records over {pages} pages, each once.",
    )
    desk.judge("pages_complete", wrong, fine, looked.module)


def _comes_again(page: PageSeen, earlier: list[PageSeen]) -> bool:
    """Whether most of a page was there before. A record or two may really come twice: that is for the judge to say."""
    before = {key for one in earlier for key in one.keys}
    return 2 * len(before & set(page.keys)) > len(page.records)


def _totals(desk: Desk, asker: Asker, looked: Looked, steps: list[PageSeen]) -> None:
    if not desk.may_test("total_count", looked.module):
        return
    own = [page for page in looked.pages if all(query_of(page.url).get(k) == v for k, v in looked.filters.items())]
    totals = [page.total for page in own]
    told = sorted({total for total in totals if total is not None})
    wrong: list[Told] = []
    if None in totals:
        wrong.append(Told("X-Total-Count ontbreekt of is geen getal.", "X-Total-Count is missing or no number."))
    elif len(told) > 1:
        numbers = ", ".join(str(number) for number in told[:4])
        wrong.append(Told(f"Het totaal verschilt per pagina: {numbers}.", f"The total differs by page: {numbers}."))
    else:
        try:
            wrong += _against(asker, looked, steps, told[0])
        except NoPage:
            return
    total = told[0] if told else 0
    desk.judge("total_count", wrong, Told(f"Totaal: {total}.", f"Total: {total}."), looked.module)


def _against(asker: Asker, looked: Looked, steps: list[PageSeen], total: int) -> Iterator[Told]:
    """What speaks against a total: the records themselves, or a look just before and just after the end."""
    if steps and not steps[-1].records:
        found = sum(len(page.records) for page in steps)
        if found != total:
            yield Told(
                f"Het totaal is {total}, maar er zijn {found} records.",
                f"The total is {total}, but there are {found} records.",
            )
        return
    walked = max(sum(len(page.records) for page in steps), len(looked.records))
    if total < walked:
        yield Told(
            f"Het totaal is {total}, maar er kwamen {walked} records.",
            f"The total is {total}, but {walked} records came.",
        )
    elif steps:
        last = ask_page(asker, looked, address(looked, max(0, total - 1), 2), 2)
        beyond = ask_page(asker, looked, address(looked, total, 2), 2)
        if len(last.records) != 1 or beyond.records:
            yield Told(f"Bij record {total} houdt de lijst niet op.", f"The list does not end at record {total}.")
