"""docs/rules.md: every rule, made from its one declaration, and what is in force of the profile.

Here: the page. Not here: the rules (quality.rules).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from linda_pipeline.catalogue.markdown import HEADINGS, MADE, cell, path_of
from linda_pipeline.ocpi.columns import OBJECTS, VERSIONS, by_name
from linda_pipeline.quality.example import AsSent
from linda_pipeline.quality.joined import JOINED
from linda_pipeline.quality.profile import BUILT_IN_PROFILES, Parameters, ProfileChange, Profiles
from linda_pipeline.quality.rule import ABSENT, DOCUMENTS, Rule, Scope
from linda_pipeline.quality.rules import RULES

_EXAMPLES_SHOWN = 4
_SCOPES = {
    Scope.RECORD: "Judged on each record by itself.",
    Scope.DELIVERY: "Judged on all records of a delivery beside each other, and beside earlier deliveries.",
    Scope.HISTORY: "Judged on what an earlier delivery held and this one does not.",
    Scope.WHOLE: "Judged on the delivery as a whole.",
}


def rules_markdown(rules: Mapping[str, Rule] = RULES, profiles: Profiles = BUILT_IN_PROFILES) -> str:
    """docs/rules.md: every rule with its severity and fields per version, texts, source, reading and examples; and what is in
    force of the profile, day by day."""
    lines = [
        "# Rules",
        "",
        MADE,
        "Every rule that a record is judged by. An *error* refuses the record; a *warning* is told to the CPO and the record "
        "is accepted; an *info* is only counted. A rule passes where a field that it reads is missing: the missing field has a "
        "rule of its own. Ids never change meaning and are never used again. Where two severities stand, the rule speaks in "
        "two degrees; its reading says when. A rule that could not run on a delivery is listed in its report, with why.",
        "",
        *_profiles(profiles),
        "Sources: " + "; ".join(f"**{letter}** {name}" for letter, name in DOCUMENTS.items()) + ".",
        "",
    ]
    lines += [
        "Some records are held back before any rule is asked: they are counted and listed for the operator, get no errors and "
        "open no case. These gates have no date and no setting. *no_permission*: no permission of a data owner covers them. "
        "*reservation_only*: a reservation that never became a session (evse `#NA` or only RESERVATION_TIME, and no energy). "
        "*home_charging*: home_charging_compensation is true, which is no public charging. *not_public*: the Location says "
        "publish false, has publish_allowed_to, or stands ON_DRIVEWAY; and the CDRs at it, by what the CPO's Locations said "
        "around the start of the session. *scope_unreadable*: a field that decides this cannot be read; the rule that says so "
        "gives its finding.",
        "",
    ]
    for name, heading in HEADINGS.items():
        chosen = sorted((rule for rule in rules.values() if rule.object == name), key=lambda rule: rule.id)
        if not chosen:
            continue
        lines += [f"## {heading}", "", "| id | severity | rule |", "|---|---|---|"]
        lines += [f"| [{rule.id}](#{_anchor(rule)}) | {_severities(rule)} | {cell(rule.en)} |" for rule in chosen]
        lines.append("")
        for rule in chosen:
            lines += _rule(rule, profiles)
    return "\n".join(lines).rstrip() + "\n"


def _degrees(rule: Rule, version: str) -> str:
    """The severity of a rule in a version, and the other degrees in which it speaks."""
    return " or ".join(map(str, (rule.severity[version], *rule.also)))


def _severities(rule: Rule) -> str:
    """The severities of a rule in a row of the overview; per version where they differ."""
    if rule.not_run:
        return "not checked"
    told = {version: _degrees(rule, version) for version in VERSIONS if rule.applies_to(version)}
    if len(set(told.values())) == 1:
        return next(iter(told.values())) + ("" if len(told) == len(VERSIONS) else f" ({', '.join(told)})")
    return "; ".join(f"{version}: {degrees}" for version, degrees in told.items())


def _anchor(rule: Rule) -> str:
    return f"{rule.object}-{rule.id}"


def _profiles(profiles: Profiles) -> list[str]:
    """The tolerances and limits, and every change of them with its day."""
    changes = profiles.changes()
    standard = Parameters()
    lines = [
        "A delivery is judged by what was in force on the day of its pull: the rules that held then, and the profile with the "
        "changes up to that day. What NDW sets in `profile.toml` goes over what is built in; a change that no contract covers "
        "holds for a CPO only from the day of its recorded agreement (art. 8). The tolerances and limits (the suffix is the "
        "unit: s, h, kwh, kw, m, w, days; a share is a fraction):",
        "",
        "| | "
        + " | ".join(f"{change.version}, from {change.valid_from}{_agreement(change)}" for change in changes)
        + " |",
        "|---|" + "---|" * len(changes),
    ]
    for one in fields(Parameters):
        values = [change.parameters.get(one.name) for change in changes]
        values[0] = getattr(standard, one.name) if values[0] is None else values[0]
        lines.append(
            f"| {one.name} | " + " | ".join("" if value is None else f"{value:.10g}" for value in values) + " |"
        )
    return [*lines, ""]


def _agreement(change: ProfileChange) -> str:
    if not change.needs_agreement:
        return ""
    agreed = ", ".join(f"{cpo} from {change.holds_from(cpo)}" for cpo in sorted(change.agreed))
    return f", for whoever agreed ({agreed or 'nobody yet'})"


def _changed_severities(rule: Rule, profiles: Profiles) -> list[str]:
    """From when on a change of the profile gives a rule another severity."""
    key = f"{rule.object}.{rule.id}"
    return [
        f"- From {change.valid_from} on{_agreement(change)}: **{change.severity[key]}** (profile {change.version})"
        for change in profiles.changes()
        if key in change.severity
    ]


def _rule(rule: Rule, profiles: Profiles) -> list[str]:
    lines = [f'### <a id="{_anchor(rule)}"></a>{rule.id}', ""]
    if rule.retired:
        lines += ["*Retired: no longer applied.*", ""]
    lines += [f"{rule.nl} {rule.fix_nl}".strip(), "", f"*{f'{rule.en} {rule.fix_en}'.strip()}*", ""]
    columns = by_name(rule.object) if rule.object in OBJECTS else {}
    reads = list(dict.fromkeys((rule.blames, *rule.reads)))
    for version in VERSIONS:
        if version in rule.severity and rule.applies_to(version):
            fields = [path_of(columns, name, version) for name in reads]
            told = ", ".join(f"`{field}`" for field in fields if field)
            lines.append(f"- {version}: **{_degrees(rule, version)}**{f' on {told}' if told else ''}")
    lines += _changed_severities(rule, profiles)
    lines.append(f"- Source: {rule.source.document}, {rule.source}")
    if rule.reading:
        lines.append(f"- Our reading: {rule.reading}")
    lines += [f"- Not run where: {JOINED[name].why_en}" for name in _first_of_each(rule.needs)]
    lines.append(f"- {_SCOPES[rule.scope]}")
    held = f"from {rule.valid_from}" + (f" until {rule.valid_until}" if rule.valid_until is not None else " on")
    lines.append(f"- Holds for what was pulled {held}.")
    lines += [f"- Judged otherwise before {day}." for day, _ in rule.before]
    if rule.measured:
        lines.append(f"- Measured in the field: {rule.measured}")
    if rule.plausibility:
        lines.append(
            "- A record that breaks it counts as not plausible: figures say which share rests on such records."
        )
    if rule.not_run:
        lines.append(f"- Not checked: {rule.not_run}")
    if rule.implies:
        lines.append("- Implies: " + ", ".join(f"`{name}`" for name in rule.implies))
    if not rule.opens_case:
        lines.append("- A rejection by this rule opens no re-delivery case.")
    for name, examples in (("Good", rule.good), ("Bad", rule.bad)):
        if examples:
            lines.append(f"- {name}: " + " · ".join(_example(example) for example in examples[:_EXAMPLES_SHOWN]))
    return [*lines, ""]


def _first_of_each(needs: tuple[str, ...]) -> list[str]:
    """The columns from elsewhere that a rule needs, one for each reason why they could be missing."""
    return list({JOINED[name].why_en: name for name in reversed(needs)}.values())


def _example(example: Any) -> str:
    """An example in words: what is changed in a good record (or in each of several records of a delivery)."""
    if isinstance(example, tuple | list):
        return "; then ".join(_example(one) for one in example)
    if not isinstance(example, Mapping):
        return f"`{example}`"
    if not example:
        return "the good record as it is"
    return ", ".join(f"{_changed(name)} {_value(value)}" for name, value in example.items())


def _changed(name: str) -> str:
    """What an example changes: a field, or what is known from elsewhere."""
    return f"known: {JOINED[name].en} =" if name in JOINED else f"`{name.removeprefix('@')}`"


def _value(value: Any) -> str:
    if value is ABSENT:
        return "absent"
    if isinstance(value, AsSent):
        text = value.text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    elif isinstance(value, bytes):
        text = value.decode("utf-8", "backslashreplace")
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    # A backtick or a line break would end the code; a very long value tells no more than its beginning.
    text = text.replace("`", "'").replace("|", "\\|")
    return f"`{text if len(text) <= 80 else text[:80] + '…'}`"
