"""The connection test (ketentest) of a CPO's endpoint: what is demanded, what was seen, and the verdict per requirement.

Here: OCPI over HTTP, a few dozen small requests, nothing kept. Not here: the judgement on the sample of records (quality),
the page that shows the outcome (report), and the pull (client.py).
"""

from linda_pipeline.ocpi.probing.desk import Line, Outcome, Told
from linda_pipeline.ocpi.probing.requirement import MODULES, Requirement
from linda_pipeline.ocpi.probing.requirements import REQUIREMENTS
from linda_pipeline.ocpi.probing.run import Probe, probe
from linda_pipeline.ocpi.probing.wire import Limits

__all__ = ["MODULES", "REQUIREMENTS", "Limits", "Line", "Outcome", "Probe", "Requirement", "Told", "probe"]
