"""What holds for every answer: envelope, content type, message ids, steadiness; and the moments in the records.

Here: judging the answers that the other tests got. Not here: any request.
"""

from __future__ import annotations

from collections.abc import Iterable

from linda_pipeline.ocpi.probing.desk import Desk, Outcome, Told
from linda_pipeline.ocpi.probing.module import Looked
from linda_pipeline.ocpi.probing.moment import moment_of
from linda_pipeline.ocpi.probing.wire import Asker, Reply


def judge(desk: Desk, asker: Asker) -> None:
    """Judge all answers that were whole, and where the server led us."""
    if asker.elsewhere:
        desk.judge("known_origins", map(_unknown, asker.elsewhere), Told("", ""))
    elif desk.may_test("known_origins"):
        desk.passed(
            "known_origins", Told("Overal dezelfde of een bekende server.", "The same or a known server everywhere.")
        )
    if desk.outcome("token_accepted") is not Outcome.PASSED:
        return
    whole = [reply for reply in asker.replies if reply.is_good]
    count = len(whole)
    fine = Told(f"Gezien bij {count} antwoorden.", f"Seen at {count} answers.")
    desk.judge("envelope", _envelopes(whole, asker), fine)
    desk.judge("content_type", _content_types(whole, asker), fine)
    if desk.may_test("message_ids"):
        desk.judge("message_ids", _message_ids(whole), fine)
    asked = Told(f"{asker.asked} verzoeken, alle beantwoord.", f"{asker.asked} requests, all answered.")
    desk.judge("answers_steadily", asker.hiccups, asked)


def _unknown(origin: str) -> Told:
    return Told(
        f"{origin} is niet bekend en is niet gevraagd. Met --origin {origin} wel; in het register is dat "
        f'origins = ["{origin}"].',
        f"{origin} is not known and was not asked. With --origin {origin} it is; in the register that is "
        f'origins = ["{origin}"].',
    )


def _envelopes(replies: Iterable[Reply], asker: Asker) -> Iterable[Told]:
    for reply in replies:
        envelope = reply.envelope
        if not envelope:
            continue  # only the patient reader can follow it
        if "data" not in envelope:
            yield Told("data ontbreekt.", "data is missing.")
        moment = envelope.get("timestamp")
        if moment is None:
            yield Told("timestamp ontbreekt.", "timestamp is missing.")
        elif moment_of(moment) is None:
            text = _shown(asker, moment)
            yield Told(f"timestamp is {text}.", f"timestamp is {text}.")


def _shown(asker: Asker, value: object) -> str:
    """A value of a record or an envelope, as short as a sentence wants it."""
    if isinstance(value, str | int | float):
        return asker.token.quoted(str(value), 40)
    return "-"


def _content_types(replies: Iterable[Reply], asker: Asker) -> Iterable[Told]:
    for reply in replies:
        kind = reply.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "application/json":
            shown = asker.token.quoted(kind, 60)
            yield Told(f"Content-Type is {shown or 'leeg'}.", f"Content-Type is {shown or 'empty'}.")
        said = "gzip" in reply.headers.get("content-encoding", "").lower()
        if said != reply.is_gzip:
            yield Told("Content-Encoding past niet bij het antwoord.", "Content-Encoding does not fit the answer.")


def _message_ids(replies: Iterable[Reply]) -> Iterable[Told]:
    for reply in replies:
        for name, sent in (("X-Request-ID", reply.request_id), ("X-Correlation-ID", reply.correlation_id)):
            got = reply.headers.get(name)
            if sent and got is None:
                yield Told(f"{name} ontbreekt in het antwoord.", f"{name} is missing from the answer.")
            elif sent and got != sent:
                yield Told(f"{name} komt anders terug.", f"{name} comes back changed.")


def last_updated(desk: Desk, asker: Asker, looked: Looked) -> None:
    """Whether every record seen says when it was last updated."""
    if not looked.records:
        desk.untestable("last_updated_readable", looked.empty, looked.module)
        return
    wrong = [record.last_updated for record in looked.records if record.moment is None]
    count = len(looked.records)
    if not wrong:
        desk.passed(
            "last_updated_readable", Told(f"Gezien bij {count} records.", f"Seen at {count} records."), looked.module
        )
        return
    example = _shown(asker, wrong[0])
    seen = Told(
        f"Niet bij {len(wrong)} van {count} records, bijvoorbeeld: {example}.",
        f"Not at {len(wrong)} of {count} records, for example: {example}.",
    )
    desk.failed("last_updated_readable", seen, looked.module)
