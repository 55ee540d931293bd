"""The settings of the contract, read from the environment in one place, at the edges only (command line and Dagster).

Here: LINDA_LAKE, LINDA_CPOS, LINDA_AREAS, LINDA_PSEUDONYM_KEY, LINDA_SECRETS and the tokens. Not here: anything that
the core needs to know: it gets values handed over and never looks at the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from linda_pipeline.errors import InputMistake
from linda_pipeline.register.cpos import Cpo


class SecretUnreadable(InputMistake):
    """A file in the secrets folder is there, but cannot be read."""


@dataclass(frozen=True)
class Settings:
    """Where things are. Secrets are not shown when it is printed."""

    lake: Path
    cpos: Path
    areas: Path
    places: Path
    """The data owner's register of places; it need not be there."""
    pseudonym_key: str | None = field(default=None, repr=False)
    secrets: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def token(self, cpo: Cpo) -> str | None:
        """A CPO's token: from the environment, else from the file of that name in the secrets folder; None: neither.

        Raises SecretUnreadable.
        """
        given = self.environment.get(cpo.token_variable)
        if given or self.secrets is None:
            return given or None
        try:
            return (self.secrets / cpo.token_variable).read_text(encoding="utf-8").rstrip("\r\n") or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise SecretUnreadable(
                f"The secret {self.secrets / cpo.token_variable} cannot be read ({why}). Give this user the right to read it."
            ) from None


CPOS = Path("data/cpos.toml")
"""The register, where LINDA_CPOS names none: an operator's own, which git does not track."""
CPOS_BEFORE = Path("data/reference/cpos.toml")
"""Where it stood in 0.1.0; still read where it is there and the other is not."""


def _register() -> Path:
    return CPOS_BEFORE if CPOS_BEFORE.exists() and not CPOS.exists() else CPOS


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of an environment, with the defaults of the contract."""
    return Settings(
        lake=Path(environment.get("LINDA_LAKE") or "data/lake"),
        cpos=Path(environment.get("LINDA_CPOS") or _register()),
        areas=Path(environment.get("LINDA_AREAS") or "data/reference/areas"),
        places=Path(environment.get("LINDA_PLACES") or "data/reference/places.csv"),
        pseudonym_key=environment.get("LINDA_PSEUDONYM_KEY"),
        secrets=Path(environment["LINDA_SECRETS"]) if environment.get("LINDA_SECRETS") else None,
        environment=environment,
    )
