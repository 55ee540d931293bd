"""`linda probe`: the connection test of a CPO's endpoint, on the screen and as files.

Here: options, the table on the screen and the exit code. Not here: the test (ocpi.probing), the judge (quality), the page
(report). Nothing is put into a lake.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from linda_pipeline.commands.choices import make_out
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import Exit, InputMistake
from linda_pipeline.ocpi.address import origin as origin_of
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.failures import CertificateUnusable, TokenUnusable
from linda_pipeline.ocpi.probing import Outcome, Probe
from linda_pipeline.ocpi.probing import probe as test_connection
from linda_pipeline.quality.sample import judge_sample
from linda_pipeline.register.block import origins
from linda_pipeline.register.cpos import OCPI_VERSIONS
from linda_pipeline.report.probe_page import advice, in_words, with_sample, write_probe
from linda_pipeline.report.probe_words import PROBE_LANGUAGES, ProbeWords
from linda_pipeline.settings import read_settings

_SIGNS = {"passed": "[green]✓[/]", "failed": "[bold red]✗[/]", "not_testable": "[yellow]–[/]"}


def probe(
    url: Annotated[str, typer.Argument(help="The CPO's OCPI versions address.")],
    token_env: Annotated[str, typer.Option(help="The environment variable that holds the token.")],
    ocpi: Annotated[str, typer.Option(help="2.1.1, 2.2.1, 2.3.0, or the newest that both sides speak.")] = "newest",
    party: Annotated[
        list[str] | None,
        typer.Option(help="Whose records may come, such as NL-ABC; may be repeated. Default: the owners found."),
    ] = None,
    to: Annotated[Path | None, typer.Option("--out", help="Folder for ketentest.html, probe.html, probe.json.")] = None,
    language: Annotated[str, typer.Option(help="nl or en, on the screen. The files come in both.")] = "nl",
    ca_bundle: Annotated[Path | None, typer.Option(help="Authorities in PEM, for a private PKI.")] = None,
    client_certificate: Annotated[Path | None, typer.Option(help="Our certificate and its key in one PEM.")] = None,
    allow_http: Annotated[bool, typer.Option(help="The line is closed in another way than by https.")] = False,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            help="A further server that versions and endpoints may name, such as https://host:8443; may be repeated."
        ),
    ] = None,
    private_network: Annotated[
        bool, typer.Option("--private-network", help="The server's name stands for an address within a network.")
    ] = False,
) -> None:
    """Test the connection to a CPO (ketentest): every requirement passed, failed or not testable. Keeps no data."""
    if (wrong := origins(origin or [])) is not None:
        raise InputMistake(f"--origin {wrong or 'is a scheme, host and port'}. Give one such as https://host:8443.")
    trust = Trust(ca_bundle, client_certificate, allow_http, tuple(origin or ()), private_network)
    tested = run_probe(url, _token(token_env), token_env, ocpi, party, language, to, trust, console())
    raise typer.Exit(exit_code_of(tested))


def run_probe(
    url: str,
    token: str,
    token_name: str,
    ocpi: str,
    parties: list[str] | None,
    language: str,
    to: Path | None,
    trust: Trust,
    out: Console,
) -> Probe:
    """Test, show, and write the files where a folder is given. Raises InputMistake."""
    words = {chosen.code: chosen for chosen in PROBE_LANGUAGES}.get(language)
    if words is None:
        raise InputMistake(f"--language is nl or en, not {language!r}.")
    if ocpi not in (*OCPI_VERSIONS, "newest"):
        raise InputMistake(f"--ocpi is one of {', '.join(OCPI_VERSIONS)} or newest, not {ocpi!r}.")
    if origin_of(url) is None:
        raise InputMistake(f"{url!r} is no http(s) address. Give the CPO's OCPI versions address.")
    if to is not None:
        make_out(to)
    try:
        tested = test_connection(url, token, ocpi=ocpi, token_name=token_name, asked_at=datetime.now(UTC), trust=trust)
    except (TokenUnusable, CertificateUnusable) as mistake:
        raise InputMistake(str(mistake)) from None
    for module, records in tested.samples.items():
        if records and tested.ocpi_version is not None:
            allowed = frozenset(parties or tested.parties)
            verdict = judge_sample(module, tested.ocpi_version, records, tested.asked_at, allowed)
            tested = with_sample(tested, module, verdict)
    show(tested, words, out)
    if to is not None:
        for path in write_probe(tested, to):
            out.print(str(path), markup=False, highlight=False, soft_wrap=True)
    return tested


def exit_code_of(probe: Probe) -> Exit:
    """0 nothing failed, 1 a requirement failed, 3 the server could not be reached."""
    if not probe.reached:
        return Exit.NOT_PULLED
    return Exit.FINDINGS if probe.having(Outcome.FAILED) else Exit.FINE


def show(probe: Probe, words: ProbeWords, out: Console) -> None:
    """The table, the verdict, and what to do, on the screen."""
    table = Table(title=f"{words.title}: {probe.versions_url}", title_justify="left", show_lines=False)
    table.add_column("")
    table.add_column(words.requirement, ratio=5)
    table.add_column(words.seen, ratio=5)
    untested: dict[tuple[str, str], int] = {}
    for line in (in_words(requirement, words) for requirement in probe.lines):
        seen = line.seen.partition("\n")[0]
        if line.outcome == Outcome.NOT_TESTABLE:  # many rest on one thing: they are told together
            untested[line.module, seen] = untested.get((line.module, seen), 0) + 1
        else:
            table.add_row(_SIGNS[line.outcome], _demand(line.module, line.demand), Text(seen))
    for (module, seen), count in untested.items():
        table.add_row(_SIGNS[Outcome.NOT_TESTABLE], _demand(module, words.not_tested(count)), Text(seen))
    out.print(table)
    counts = (len(probe.having(outcome)) for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.NOT_TESTABLE))
    out.print(f"{words.result(*counts)} {advice(probe, words)}", markup=False, highlight=False, soft_wrap=True)
    for failed in probe.having(Outcome.FAILED):
        line = in_words(failed, words)
        out.print(f"[bold red]✗[/] [bold]{line.id}[/]", highlight=False)
        for text in (line.seen, line.fix):
            for part in text.splitlines():
                out.print(f"  {part}", markup=False, highlight=False, soft_wrap=True)


def _demand(module: str, demand: str) -> Text:
    return Text(f"{module}: {demand}" if module else demand)


def _token(variable: str) -> str:
    token = read_settings().secret(variable)
    if not token:
        raise InputMistake(f"The environment variable {variable} is not set. Put the token of this CPO in it.")
    return token
