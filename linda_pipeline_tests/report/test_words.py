"""Both languages: the same names, numbers and dates as people write them, singular and plural right."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from linda_pipeline.judging import holding
from linda_pipeline.ledger.entry import BUCKETS, Counts
from linda_pipeline.report.words import shown
from linda_pipeline.report.words_en import English
from linda_pipeline.report.words_nl import Dutch

NL, EN = Dutch(), English()
PULLED_AT = datetime(2026, 11, 9, 2, 2, tzinfo=UTC)


def _counts(received: int, rejected: int = 0, held_back: int = 0) -> Counts:
    return Counts(received, received - rejected - held_back, rejected, 0, held_back)


def _names(words: type) -> set[str]:
    """What templates and pages may ask for."""
    return {name for name in dir(words) if not name.startswith("_")}


def test_both_languages_have_the_same_words() -> None:
    names = _names(Dutch)
    assert names == _names(English)
    for name in names:
        dutch, english = getattr(Dutch, name), getattr(English, name)
        if isinstance(dutch, dict):
            assert dutch.keys() == english.keys(), name
        elif isinstance(dutch, tuple):
            assert len(dutch) == len(english), name


@pytest.mark.parametrize(
    ("counts", "nl", "en"),
    [
        (
            _counts(12345, 212),
            "Van de 12.345 laadsessies die u op 9 november 2026 aanleverde, zijn er 212 afgekeurd.",
            "Of the 12,345 charging sessions that you delivered on 9 November 2026, 212 were rejected.",
        ),
        (
            _counts(12345, 1),
            "Van de 12.345 laadsessies die u op 9 november 2026 aanleverde, is er 1 afgekeurd.",
            "Of the 12,345 charging sessions that you delivered on 9 November 2026, 1 was rejected.",
        ),
        (_counts(3210), "Alle 3.210 CDR's zijn goedgekeurd.", "All 3,210 CDRs were accepted."),
        (_counts(1), "De CDR die u aanleverde, is goedgekeurd.", "The CDR that you delivered was accepted."),
        (
            _counts(1, held_back=1),
            "De CDR die u aanleverde, is niet afgekeurd.",
            "The CDR that you delivered was not rejected.",
        ),
        (
            _counts(1, 1),
            "De laadsessie die u op 9 november 2026 aanleverde, is afgekeurd.",
            "The charging session that you delivered on 9 November 2026 was rejected.",
        ),
        (
            _counts(2, 2),
            "Beide laadsessies die u op 9 november 2026 aanleverde, zijn afgekeurd.",
            "Both charging sessions that you delivered on 9 November 2026 were rejected.",
        ),
        (
            _counts(20, held_back=5),
            "Van de 20 CDR's die u op 9 november 2026 aanleverde, is er geen afgekeurd.",
            "Of the 20 CDRs that you delivered on 9 November 2026, none was rejected.",
        ),
        (_counts(0), "U leverde in deze periode geen CDR's aan.", "You delivered no CDRs in this period."),
    ],
)
def test_the_verdict_is_one_sentence(counts: Counts, nl: str, en: str) -> None:
    assert NL.verdict("cdrs", counts, PULLED_AT) == nl
    assert EN.verdict("cdrs", counts, PULLED_AT) == en


def test_what_is_to_be_done_names_the_last_day() -> None:
    due = date(2026, 12, 7)
    assert NL.due("cdrs", _counts(9, 1), due) == (
        "Corrigeer deze CDR in uw bronsysteem en lever deze uiterlijk 7 december 2026 opnieuw aan."
    )
    assert NL.due("cdrs", _counts(9, 2), due).endswith("lever ze uiterlijk 7 december 2026 opnieuw aan.")
    assert EN.due("cdrs", _counts(9, 2), due) == (
        "Correct these CDRs in your source system and deliver them again by 7 December 2026."
    )
    assert "elke nacht" in NL.due("locations", _counts(9, 2), due)


def test_numbers_dates_and_times_are_written_as_the_language_writes_them() -> None:
    assert (NL.number(12345.6, 1), EN.number(12345.6, 1)) == ("12.345,6", "12,345.6")
    assert (NL.day(date(2026, 3, 1)), EN.day(date(2026, 3, 1))) == ("1 maart 2026", "1 March 2026")
    summer = datetime(2026, 7, 6, 22, 30, tzinfo=UTC)
    assert NL.pulled(summer) == "opgehaald op 7 juli 2026 om 00.30 uur (Nederlandse tijd)"
    assert EN.pulled(summer) == "fetched on 7 July 2026 at 00:30 (Dutch time)"


def test_a_period_names_no_more_than_it_needs() -> None:
    assert NL.period("cdrs", date(2026, 11, 9), date(2026, 11, 22)) == "periode 9 t/m 22 november 2026"
    assert NL.period("cdrs", date(2026, 11, 23), date(2026, 12, 6)) == "periode 23 november t/m 6 december 2026"
    assert EN.period("cdrs", date(2026, 12, 21), date(2027, 1, 3)) == "period 21 December 2026 to 3 January 2027"
    assert NL.period("locations", date(2026, 11, 23), date(2026, 11, 23)) == "nacht van 23 november 2026"


def test_a_share_is_never_rounded_to_nothing_or_to_all() -> None:
    assert [NL.share(part, 10_000) for part in (0, 1, 212, 9_999, 10_000)] == [
        "0%",
        "< 0,1%",
        "2,1%",
        "> 99,9%",
        "100%",
    ]
    assert NL.share(0, 0) == "–"


def test_one_is_singular() -> None:
    assert (NL.counted(1, "cdr"), NL.counted(2, "cdr"), NL.counted(1, "evse")) == ("1 CDR", "2 CDR's", "1 laadpunt")
    assert NL.held("cdr", "no_permission", 1).startswith("1 CDR is nog niet opgenomen. ")
    assert NL.held("cdr", "no_permission", 1234).startswith("1.234 CDR's zijn nog niet opgenomen. ")
    assert (NL.findings(1), NL.findings(2)) == ("1 bevinding", "2 bevindingen")
    assert NL.costs(2, 2, "cdr") == "2 CDR's afgekeurd, alleen hierom"
    assert NL.costs(2, 1, "cdr") == "2 CDR's afgekeurd, waarvan 1 alleen hierom"
    assert NL.costs(2, 0, "cdr") == "2 CDR's afgekeurd, altijd samen met een ander gebrek"
    assert EN.outside("cdrs", "2.2.1", 1) == (
        "We also received 1 CDR with a last_updated outside this period. Your server sent more than we asked for. It belongs "
        "to another delivery and does not count here."
    )
    assert "aan elke kant een dag extra. Die horen bij een andere levering" in NL.outside("cdrs", "2.1.1", 2)


@pytest.mark.parametrize("words", [NL, EN], ids=["nl", "en"])
def test_every_reason_to_hold_a_record_back_is_explained(words: Dutch | English) -> None:
    reasons = {
        *(holding.NO_PERMISSION, holding.RESERVATION_ONLY, holding.HOME_CHARGING),
        *(holding.NOT_PUBLIC, holding.SCOPE_UNREADABLE),
    }
    named = {value for name, value in vars(holding).items() if name.isupper() and isinstance(value, str)}
    assert reasons == set(words.held_texts) == named - {holding.DRIVEWAY}


@pytest.mark.parametrize("words", [NL, EN], ids=["nl", "en"])
def test_a_self_check_counts_in_the_same_buckets_under_other_names(words: Dutch | English) -> None:
    assert words.checked_buckets.keys() == words.buckets.keys()
    assert list(words.checked_meanings) == list(words.bucket_meanings) == list(BUCKETS)


@pytest.mark.parametrize(
    ("counts", "nl", "en"),
    [
        (
            _counts(3),
            "Alle 3 laadpunten in uw bestanden zouden worden goedgekeurd.",
            "All 3 charge points in your files would",
        ),
        (
            _counts(2),
            "Beide laadpunten in uw bestanden zouden worden goedgekeurd.",
            "Both charge points in your files would",
        ),
        (_counts(1), "Het laadpunt in uw bestanden zou worden goedgekeurd.", "The charge point in your files would"),
        (_counts(1, 1), "Het laadpunt in uw bestanden zou worden afgekeurd.", "The charge point in your files would"),
        (_counts(3, 1), "Van de 3 laadpunten in uw bestanden zou er 1 worden afgekeurd.", "Of the 3 charge points in"),
        (
            _counts(3, 0, 1),
            "Van de 3 laadpunten in uw bestanden zou er geen worden afgekeurd.",
            "Of the 3 charge points in",
        ),
        (_counts(0), "In uw bestanden staan geen laadpunten.", "Your files hold no charge points."),
    ],
)
def test_a_self_check_is_one_sentence(counts: Counts, nl: str, en: str) -> None:
    assert NL.checked("evses", counts) == nl
    assert EN.checked("evses", counts).startswith(en)


def test_invisible_and_turning_characters_are_told_by_their_code() -> None:
    assert shown("a\u202eb\x00c") == "a\\u202eb\\u0000c"
    assert shown("\ufeff\u00a0a\u2028b\u3164") == "\\ufeff\\u00a0a\\u2028b\\u3164"
    assert shown("\U000e0041") == "\\U000e0041"
    assert shown("x" * 500) == "x" * 100 + "…"
    assert shown("Súdwest-Fryslân") == "Súdwest-Fryslân"
