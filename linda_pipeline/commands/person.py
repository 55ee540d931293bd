"""Who types a command: the actor of the events that it leaves in the register.

Here: the user of this machine. Not here: people who sign in to the portal.
"""

from __future__ import annotations

import os
import pwd


def who_types() -> str:
    """The name of the user that this process runs as; its number where it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"
