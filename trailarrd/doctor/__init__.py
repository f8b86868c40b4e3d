"""Is all that trailarrd needs as it should be: configuration, database, plugins, servers, disk?

You are in the right room for a finding: what was looked at, what it means, what to do. The doctor
composes what other rooms can tell, and changes nothing. `codes.py` lists every finding there is.
"""

from trailarrd.doctor.codes import CHECKS, Check, Code
from trailarrd.doctor.examination import Patient, examine, log_findings
from trailarrd.doctor.finding import Finding, Level

__all__ = ["CHECKS", "Check", "Code", "Finding", "Level", "Patient", "examine", "log_findings"]
