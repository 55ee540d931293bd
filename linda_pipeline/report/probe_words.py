"""The words around a connection test, Dutch and English, with the same names in both.

Here: headings and sentences. Not here: the texts of the requirements; each stands with its requirement (ocpi.probing).
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from linda_pipeline.calendar import AMSTERDAM
from linda_pipeline.report.words_en import English
from linda_pipeline.report.words_nl import Dutch


class DutchProbe(Dutch):
    """The connection test's Dutch."""

    probe_file = "ketentest.html"
    other_probe_file = "probe.html"
    other_probe_label = "This test in English"
    title = "Ketentest"
    outcomes: ClassVar[dict[str, str]] = {
        "passed": "voldoet",
        "failed": "voldoet niet",
        "not_testable": "niet te toetsen",
    }
    outcome_headings: ClassVar[dict[str, str]] = {
        "failed": "Hieraan voldoet de koppeling niet",
        "not_testable": "Dit konden wij niet toetsen",
        "passed": "Hieraan voldoet de koppeling",
    }
    groups: ClassVar[dict[str, str]] = {
        "connection": "Verbinding en sleutel",
        "versions": "Versies en modules",
        "answers": "Antwoorden",
        "pages": "Bladeren",
        "dates": "Datumfilters",
        "records": "Records",
    }
    modules: ClassVar[dict[str, str]] = {"cdrs": "CDR's", "locations": "Laadlocaties"}
    requirement, outcome, seen, module = "Eis", "Uitkomst", "Wat wij zagen", "Module"
    about_test = "Over deze test"
    passed_list = "Bekijk deze eisen"
    stored = (
        "Deze test bewaart niets: de records zijn alleen in het geheugen bekeken. In dit rapport staan geen gegevens van "
        "bestuurders."
    )
    untested_note = (
        "Wat op iets rust dat niet voldoet, is niet te toetsen. Herstel dat eerst en doe de test daarna opnieuw."
    )
    again = "Herstel wat hieronder staat en doe de test opnieuw."
    admitted = "Uw koppeling is klaar om te worden aangesloten."
    partly = "Wat wij konden toetsen, is goed. Lees hieronder wat nog niet te toetsen was."
    unreachable = "Wij konden uw server niet bereiken. Herstel dat eerst en doe de test daarna opnieuw."

    def when(self, moment: datetime) -> str:
        """When the test was done."""
        local = moment.astimezone(AMSTERDAM)
        return f"getest op {self.day(local.date())} om {local:%H.%M} uur (Nederlandse tijd)"

    def result(self, passed: int, failed: int, untested: int) -> str:
        """The test in one sentence."""
        tested = passed + failed
        noun = "eis" if tested == 1 else "eisen"
        if failed == 0:
            rest = "" if untested == 0 else f" {untested} konden wij niet toetsen."
            return f"De koppeling voldoet aan alle {tested} getoetste {noun}.{rest}"
        return f"De koppeling voldoet aan {passed} van de {tested} getoetste {noun}, en aan {failed} niet."

    def sample(self, records: int, refused: int, module: str) -> str:
        """What became of a sample."""
        noun = self.nouns[module].for_count(records)
        if refused == 0:
            return f"{self.number(records)} {noun} beoordeeld, geen afgekeurd."
        return f"{self.number(refused)} van {self.number(records)} {noun} zouden worden afgekeurd."

    def broken(self, records: int, sentence: str, path: str, rule: str) -> str:
        """One rule that refuses records of the sample."""
        noun = "record" if records == 1 else "records"
        field = f"veld {path}, " if path else ""
        return f"{self.number(records)} {noun}: {sentence} ({field}regel {rule})"

    def not_tested(self, count: int) -> str:
        """How many requirements could not be tested for one and the same reason."""
        return f"{count} {'eis' if count == 1 else 'eisen'} niet te toetsen."

    def effort(self, requests: int, duration_s: float) -> str:
        """What the test took."""
        return f"{requests} verzoeken in {self.number(duration_s, 1)} seconden."


class EnglishProbe(English):
    """The connection test's English."""

    probe_file = "probe.html"
    other_probe_file = "ketentest.html"
    other_probe_label = "Deze test in het Nederlands"
    title = "Connection test"
    outcomes: ClassVar[dict[str, str]] = {"passed": "passed", "failed": "failed", "not_testable": "not testable"}
    outcome_headings: ClassVar[dict[str, str]] = {
        "failed": "What the connection does not meet",
        "not_testable": "What we could not test",
        "passed": "What the connection meets",
    }
    groups: ClassVar[dict[str, str]] = {
        "connection": "Connection and token",
        "versions": "Versions and modules",
        "answers": "Answers",
        "pages": "Paging",
        "dates": "Date filters",
        "records": "Records",
    }
    modules: ClassVar[dict[str, str]] = {"cdrs": "CDRs", "locations": "Locations"}
    requirement, outcome, seen, module = "Requirement", "Outcome", "What we saw", "Module"
    about_test = "About this test"
    passed_list = "See these requirements"
    stored = (
        "This test keeps nothing: the records were looked at in memory only. This report holds no data about drivers."
    )
    untested_note = "What rests on something that failed cannot be tested. Mend that first, then test again."
    again = "Mend what stands below and test again."
    admitted = "Your endpoint is ready to be connected."
    partly = "What we could test is fine. Read below what could not be tested yet."
    unreachable = "We could not reach your server. Mend that first, then test again."

    def when(self, moment: datetime) -> str:
        """When the test was done."""
        local = moment.astimezone(AMSTERDAM)
        return f"tested on {self.day(local.date())} at {local:%H:%M} (Dutch time)"

    def result(self, passed: int, failed: int, untested: int) -> str:
        """The test in one sentence."""
        tested = passed + failed
        noun = "requirement" if tested == 1 else "requirements"
        if failed == 0:
            rest = "" if untested == 0 else f" We could not test {untested}."
            return f"The connection meets all {tested} {noun} tested.{rest}"
        return f"The connection meets {passed} of the {tested} {noun} tested, and fails {failed}."

    def sample(self, records: int, refused: int, module: str) -> str:
        """What became of a sample."""
        noun = self.nouns[module].for_count(records)
        if refused == 0:
            return f"{self.number(records)} {noun} judged, none rejected."
        return f"{self.number(refused)} of {self.number(records)} {noun} would be rejected."

    def broken(self, records: int, sentence: str, path: str, rule: str) -> str:
        """One rule that refuses records of the sample."""
        noun = "record" if records == 1 else "records"
        field = f"field {path}, " if path else ""
        return f"{self.number(records)} {noun}: {sentence} ({field}rule {rule})"

    def not_tested(self, count: int) -> str:
        """How many requirements could not be tested for one and the same reason."""
        return f"{count} {'requirement' if count == 1 else 'requirements'} not testable."

    def effort(self, requests: int, duration_s: float) -> str:
        """What the test took."""
        return f"{requests} requests in {self.number(duration_s, 1)} seconds."


ProbeWords = DutchProbe | EnglishProbe
PROBE_LANGUAGES: tuple[ProbeWords, ...] = (DutchProbe(), EnglishProbe())
