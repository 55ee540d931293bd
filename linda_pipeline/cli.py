"""The `linda` command: which commands there are, and the edge at which every failure becomes one clear sentence.

Here: the list of commands, `--version`, the exit codes of the contract. Not here: any command. Each is a module of its own in
commands/, with a function of the same name, and is imported only when it is asked for: `linda --help` reads its sentence from
the file. A module with a `group` has commands of its own below it, such as `linda contacts add`.
"""

from __future__ import annotations

import ast
import signal
import sys
from importlib import import_module, metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from linda_pipeline import commands
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import Exit, exit_code, sentence
from linda_pipeline.settings import read_settings

COMMANDS = {
    "For operators": (
        "demo",
        "run",
        "check-cpos",
        "probe",
        "deliveries",
        "held",
        "replay",
        "rebuild",
        "regions",
        "cases",
        "contacts",
        "permissions",
        "mail",
        "location-reports",
        "register",
    ),
    "For CPOs": ("validate", "rules"),
    "For analysts": ("sql", "kpis", "columns"),
}
"""The commands by whom they serve, in the order of the help."""
STOPPED = 128 + signal.SIGINT
"""The exit code of a command that was stopped by Ctrl-C, as shells know it."""
_PLAIN: dict[str, Any] = {"add_completion": False, "pretty_exceptions_enable": False}


def module_of(command: str) -> str:
    """The name of the module, and of its function, that a command is."""
    return command.replace("-", "_")


class Command(TyperCommand):
    """A command by its name and its help alone, until it is run."""

    def make_context(self, *given: Any, **more: Any) -> Any:
        """The context of the command itself, which is imported now."""
        assert self.name is not None
        name = module_of(self.name)
        module = import_module(f"{commands.__name__}.{name}")
        here: typer.Typer | None = getattr(module, "group", None)
        if here is None:
            here = typer.Typer(**_PLAIN)
            here.command(self.name)(getattr(module, name))
        return typer.main.get_command(here).make_context(*given, **more)


class Commands(TyperGroup):
    """Every command of the list, none of them imported yet."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for readers, names in COMMANDS.items():
            for name in names:
                self.add_command(Command(name, rich_help_panel=readers))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help, with the sentence of every command."""
        for command in self.commands.values():
            command.help = _help(module_of(str(command.name)))
        super().format_help(ctx, formatter)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that is named; one that is stopped by Ctrl-C has found nothing and was no failure either."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            console(stderr=True).print("Stopped.")
            raise typer.Exit(STOPPED) from None


def _help(name: str) -> str:
    """The docstring of a command's function, read from its file."""
    path = Path(next(iter(commands.__path__))) / f"{name}.py"
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return ast.get_docstring(node) or ""
    raise LookupError(f"{path} has no function {name}")


app = typer.Typer(cls=Commands, no_args_is_help=True, **_PLAIN)


def _version(asked: bool) -> None:
    if asked:
        print(f"linda-pipeline {metadata.version('linda-pipeline')}")
        raise typer.Exit


@app.callback()
def linda(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Pull, judge, open up and publish the usage data of public charge points.

    Exit codes: 0 fine, 1 findings, 2 yours to mend, 3 could not pull, 4 our own failure.
    """


def main() -> None:
    """Run the command; every failure ends in a sentence and an exit code of the contract."""
    try:
        app()
    except Exception as failure:
        tell(failure)
        sys.exit(exit_code(failure))


def tell(failure: BaseException) -> None:
    """Print a failure as a person reads it; the traceback only where the mistake is ours."""
    err = console(stderr=True)
    err.print(sentence(failure), style="bold red", markup=False, highlight=False, soft_wrap=True)
    if exit_code(failure) == Exit.OURS and read_settings().traceback:
        err.print_exception()


if __name__ == "__main__":
    main()
