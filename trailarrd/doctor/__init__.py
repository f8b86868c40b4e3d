"""Is all that trailarrd needs as it should be: configuration, database, plugins, servers, disk?

You are in the right room for a finding: what was looked at, what it means, what to do. The doctor
composes what other rooms can tell, and changes nothing. `codes.py` lists every finding there is.
"""

from trailarrd.doctor.codes import CHECKS, Check, Code
from trailarrd.doctor.examination import Patient, examine, log_findings
from trailarrd.doctor.explanation import Explainer, Explanation
from trailarrd.doctor.finding import Finding, Level
from trailarrd.doctor.introduction import Acquaintance, Introduction, UnknownServerError

__all__ = [
    "CHECKS",
    "Acquaintance",
    "Check",
    "Code",
    "Explainer",
    "Explanation",
    "Finding",
    "Introduction",
    "Level",
    "Patient",
    "UnknownServerError",
    "examine",
    "log_findings",
]
