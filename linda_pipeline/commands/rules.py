"""`linda rules`: docs/rules.md on the screen, with what is in force here; or the rules as a listing.

Here: which columns the listing has. Not here: how the page is made (catalogue), and the rules themselves (quality.rules).
"""

from __future__ import annotations

from linda_pipeline.catalogue import rules_markdown
from linda_pipeline.commands.listing import Field, Format, PageFormat, PageFormatOption, print_listing
from linda_pipeline.commands.screen import console, print_page
from linda_pipeline.quality.profile_file import read_profiles
from linda_pipeline.quality.rules import RULES, changeable
from linda_pipeline.settings import read_settings

_FIELDS = (
    Field("object"),
    Field("id"),
    Field("severity"),
    *(
        Field(name, machines_only=name != "demand_en")
        for name in ("demand_nl", "demand_en", "fix_nl", "fix_en", "source")
    ),
    *(Field(name, machines_only=True) for name in ("ocpi_versions", "valid_from", "valid_until", "retired")),
)


def rules(form: PageFormatOption = PageFormat.PAGE) -> None:
    """Look up every rule that records are judged by: what it demands, why, what to do, and what is in force of the profile."""
    if form is PageFormat.PAGE:
        print_page(rules_markdown(profiles=read_profiles(read_settings().profile, changeable())))
        return
    rows = [
        (
            rule.object,
            rule.id,
            ", ".join(dict.fromkeys(map(str, (*rule.severity.values(), *rule.also)))),
            *(rule.nl, rule.en, rule.fix_nl, rule.fix_en, str(rule.source)),
            ", ".join(rule.severity),
            *(rule.valid_from, rule.valid_until, rule.retired),
        )
        for _, rule in sorted(RULES.items())
    ]
    print_listing(console(), _FIELDS, rows, Format(form), title="Rules", none="There are no rules.")
