"""The way in: the server reached, the token accepted and others refused, the version chosen and the modules found.

Here: the requirements of the groups `connection` and `versions`. Not here: what the modules give.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from linda_pipeline.ocpi.address import foreign_address
from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.ocpi.failures import OriginNotNamed, PullFailed, TokenUnusable
from linda_pipeline.ocpi.foreign import text_of
from linda_pipeline.ocpi.gate import is_this_machine
from linda_pipeline.ocpi.probing.desk import Desk, Outcome, Told
from linda_pipeline.ocpi.probing.requirement import MODULES
from linda_pipeline.ocpi.probing.wire import Asker, Reply, led_elsewhere

_FORM = {"base64": Told("in base64", "in base64"), "plain": Told("zoals hij is", "as it is")}


def enter(desk: Desk, asker: Asker, versions_url: str, *, may_be_http: bool) -> Reply | None:
    """Knock at the versions address; on 401 once more with the token in its other form. None: no answer."""
    _encrypted(desk, versions_url, may_be_http)
    if not desk.may_test("reachable"):
        return None
    reply = asker.ask(versions_url)
    if not reply.reached:
        desk.failed("reachable", reply.said)
        return None
    desk.passed("reachable", Told("De server antwoordt.", "The server answers."))
    if reply.status == 401:
        reply = _in_other_form(asker, versions_url) or reply
    if reply.is_good:
        form = _FORM[asker.token.encoding]
        desk.passed("token_accepted", Told(f"De sleutel werkt {form.nl}.", f"The token works {form.en}."))
    elif reply.elsewhere is not None:
        desk.untestable("token_accepted", reply.said)
    elif reply.status in (200, None):
        # What came tells nothing of the token: the fault is told where it lies.
        name = "envelope" if reply.is_damaged else "versions_listed" if reply.status else "answers_steadily"
        desk.failed(name, reply.said) if reply.page is None else desk.failed("token_accepted", reply.said)
        desk.untestable("token_accepted", reply.said)
    else:
        desk.failed("token_accepted", reply.said)
    return reply


def _in_other_form(asker: Asker, url: str) -> Reply | None:
    before = asker.token
    try:
        asker.token = before.in_form(before.other_encoding)
    except TokenUnusable:
        return None
    refused = asker.replies.pop()
    reply = asker.ask(url)
    if reply.is_good:
        return reply
    asker.token = before
    asker.replies[-1:] = [refused]
    return None


def _encrypted(desk: Desk, url: str, may_be_http: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https":
        seen = Told("Het adres is https.", "The address is https.")
    elif is_this_machine(parts.hostname or ""):
        seen = Told(
            "Het adres is http, maar op deze machine zelf: er gaat niets over een netwerk.",
            "The address is http, but on this very machine: nothing travels over a network.",
        )
    elif may_be_http:
        seen = Told(
            "Het adres is http; afgesproken is dat de lijn anders is afgesloten.",
            "The address is http; it was agreed that the line is closed in another way.",
        )
    else:
        seen = Told(
            "Het adres is http. Wij sturen de sleutel niet over een open lijn.",
            "The address is http. We do not send the token over an open line.",
        )
        desk.failed("encrypted", seen)
        return
    desk.passed("encrypted", seen)


def choose_version(desk: Desk, asker: Asker, reply: Reply | None, wanted: str) -> str | None:
    """The address of the details of the version to speak; None where there is none."""
    if reply is None or not desk.may_test("versions_listed"):
        return None
    offered = {}
    entries = reply.envelope.get("data")
    wrapped = isinstance(entries, Mapping)
    if isinstance(entries, Mapping) and isinstance(entries.get("versions"), list):
        entries = entries["versions"]  # the pull reads this as well, but OCPI wants the bare list
    for entry in entries if isinstance(entries, list) else []:
        url = foreign_address(entry.get("url")) if isinstance(entry, Mapping) else None
        if url is not None and isinstance(entry.get("version"), str):
            offered[text_of(entry["version"])] = url
    whole = isinstance(entries, list) and len(offered) == len(entries) and not wrapped
    names = ", ".join(asker.token.quoted(name, 12) for name in list(offered)[:8])
    more = len(offered) - 8
    also = Told(f" en nog {more}", f" and {more} more") if more > 0 else Told("", "")
    desk.judge(
        "versions_listed",
        [] if offered and whole else [_no_list(offered)],
        Told(f"De server biedt aan: {names}{also.nl}.", f"The server offers: {names}{also.en}."),
    )
    spoken = [one for one in (VERSIONS if wanted == "newest" else (wanted,)) if one in offered]
    if not spoken:
        shown = names or "-"
        desk.failed(
            "version_spoken",
            Told(f"De server biedt aan: {shown}{also.nl}.", f"The server offers: {shown}{also.en}."),
        )
        return None
    desk.version = spoken[-1]
    desk.passed("version_spoken", Told(f"Wij toetsen OCPI {spoken[-1]}.", f"We test OCPI {spoken[-1]}."))
    return offered[spoken[-1]]


def _no_list(offered: Mapping[str, str]) -> Told:
    if offered:
        return Told(
            "De lijst is niet zoals OCPI haar beschrijft: ze is ingepakt, of een regel mist version of url.",
            "The list is not as OCPI describes it: it is wrapped, or an entry lacks version or url.",
        )
    return Told("Er staat geen bruikbare versie in data.", "There is no usable version in data.")


def find_modules(desk: Desk, asker: Asker, details_url: str) -> dict[str, str]:
    """The address of each module that the version announces and that may be asked."""
    reply = asker.ask(details_url)
    if reply.elsewhere is not None:
        desk.untestable("version_details", reply.said)
        return {}
    data = reply.envelope.get("data") if reply.is_good else None
    endpoints = data.get("endpoints") if isinstance(data, Mapping) else None
    if not isinstance(endpoints, list):
        seen = Told("Er staat geen lijst endpoints in data.", "There is no list endpoints in data.")
        desk.failed("version_details", seen if reply.is_good else reply.said)
        return {}
    told = data.get("version") if isinstance(data, Mapping) else None
    count = len(endpoints)
    wrong = Told(
        f"Het adres van {desk.version} noemt een andere versie of geen.",
        f"The address of {desk.version} names another version or none.",
    )
    desk.judge(
        "version_details",
        [] if told == desk.version else [wrong],
        Told(f"{desk.version} heeft {count} endpoints.", f"{desk.version} has {count} endpoints."),
    )
    found = {}
    for module in MODULES:
        url = _endpoint(desk, [entry for entry in endpoints if isinstance(entry, Mapping)], module)
        if url is not None and _may_be_asked(desk, asker, module, url, details_url):
            found[module] = url
    return found


def _endpoint(desk: Desk, endpoints: list[Mapping[str, Any]], module: str) -> str | None:
    """Where a module is read; None, and noted why, where it is not announced as it should be."""
    named = [one for one in endpoints if text_of(one.get("identifier")).lower() == module]
    has_roles = desk.version != "2.1.1"
    senders = [one for one in named if not has_roles or text_of(one.get("role")).upper() == "SENDER"]
    roleless = [one for one in named if has_roles and not one.get("role")]
    for one in [*senders, *roleless]:
        url = foreign_address(one.get("url"))
        if url is None:
            desk.failed(
                "module_announced",
                Told("De module heeft geen volledig adres.", "The module has no whole address."),
                module,
            )
            return None
        if one in senders:
            desk.passed("module_announced", Told("De module is aangekondigd.", "The module is announced."), module)
            return url
        desk.failed("module_announced", Told("De rol ontbreekt.", "The role is missing."), module)
        return None
    desk.failed("module_announced", _absent(module, named, endpoints), module)
    return None


def _absent(module: str, named: list[Mapping[str, Any]], endpoints: list[Mapping[str, Any]]) -> Told:
    if named:
        return Told("De module staat er alleen als RECEIVER.", "The module is there as RECEIVER only.")
    if module == "cdrs" and any(text_of(one.get("identifier")).lower() == "sessions" for one in endpoints):
        return Told(
            "Er is wel een module sessions, maar geen module cdrs. LINDA neemt afgesloten sessies af als CDR's, die niet "
            "meer veranderen, en leest de module sessions niet. Bied ook cdrs aan.",
            "There is a module sessions, but no module cdrs. LINDA takes finished sessions as CDRs, which no longer change, "
            "and does not read the module sessions. Offer cdrs as well.",
        )
    return Told("De module staat niet in endpoints.", "The module is not in endpoints.")


def _may_be_asked(desk: Desk, asker: Asker, module: str, url: str, details_url: str) -> bool:
    """Whether a module's address may be asked; noted why where it may not."""
    try:
        asker.gate.check(url, "", details_url)
    except OriginNotNamed as refused:
        origin = asker.token.quoted(refused.origin, 120)
        asker.elsewhere.append(origin)
        desk.untestable("module_answers", led_elsewhere(origin), module)
        return False
    except PullFailed:
        desk.untestable(
            "module_answers",
            Told(
                "Het adres van de module is http: daar sturen wij de sleutel niet heen.",
                "The address of the module is http: we do not send the token there.",
            ),
            module,
        )
        return False
    return True


def token_form(desk: Desk, asker: Asker, versions_url: str) -> None:
    """Whether the token may come in the form that the version prescribes."""
    if not desk.may_test("token_form"):
        return
    prescribed = "plain" if desk.version == "2.1.1" else "base64"
    form = _FORM[prescribed]
    fine = Told(f"De sleutel werkt {form.nl}.", f"The token works {form.en}.")
    used = asker.token
    if used.encoding == prescribed:
        desk.passed("token_form", fine)
        return
    try:
        asker.token = used.in_form(prescribed)
        reply = asker.ask(versions_url)
        asker.replies.pop()
    except TokenUnusable:
        seen = "Deze sleutel bevat tekens die zo niet te versturen zijn."
        desk.failed("token_form", Told(seen, "This token has characters that cannot be sent as they are."))
        return
    if reply.is_good:
        desk.passed("token_form", fine)
        return
    asker.token = used
    other = _FORM[used.encoding]
    desk.failed(
        "token_form",
        Told(
            f"De sleutel werkt alleen {other.nl}, en niet {form.nl}.",
            f"The token works only {other.en}, and not {form.en}.",
        ),
    )


def refusals(desk: Desk, asker: Asker, addresses: Mapping[str, str]) -> None:
    """Knock with an unknown token, and with none, at every address found. `addresses`: name -> address."""
    for name, credential in (("wrong_token_refused", "unknown"), ("no_token_refused", "none")):
        if desk.outcome("token_accepted") is not Outcome.PASSED:
            return
        wrong, unanswered = [], []
        for place, url in addresses.items():
            reply = asker.ask(url, "unknown" if credential == "unknown" else "none")
            if reply.status is None and reply.elsewhere is None:
                unanswered.append(Told(f"{place}: {reply.said.nl}", f"{place}: {reply.said.en}"))
            elif reply.is_good:
                wrong.append(Told(f"{place}: de server gaf zijn gegevens.", f"{place}: the server gave its data."))
            elif reply.status != 401:
                seen = _instead_of_401(reply)
                wrong.append(Told(f"{place}: {seen.nl}", f"{place}: {seen.en}"))
        if unanswered and not wrong:
            desk.untestable(name, unanswered[0])
            continue
        places = ", ".join(addresses)
        desk.judge(name, wrong, Told(f"HTTP 401 op {places}.", f"HTTP 401 at {places}."))


def _instead_of_401(reply: Reply) -> Told:
    """What a server did that neither gave its data in a whole envelope nor answered with 401. Never taken for a refusal where
    nothing in it refuses.
    """
    if reply.elsewhere is not None:
        return Told(f"een verwijzing naar {reply.elsewhere}.", f"a redirect to {reply.elsewhere}.")
    status = f"HTTP {reply.status}"
    if reply.status != 200:
        if 400 <= (reply.status or 0) < 500:
            return Told(f"geweigerd, maar met {status}.", f"refused, but with {status}.")
        return Told(f"{status} in plaats van HTTP 401.", f"{status} in place of HTTP 401.")
    if reply.page is not None:
        status += f" / OCPI {reply.page.status_code}"
        return Told(f"geweigerd, maar met {status}.", f"refused, but with {status}.")
    if reply.unreadable is not None and reply.unreadable.holds_data:
        return Told(
            "de server gaf zijn gegevens, in een envelop zonder goede status_code.",
            "the server gave its data, in an envelope without a good status_code.",
        )
    return Told(f"HTTP 200, en geen weigering. {reply.said.nl}", f"HTTP 200, and no refusal. {reply.said.en}")
