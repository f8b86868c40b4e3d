"""Is all that trailarrd needs as it should be: configuration, database, plugins, servers, disk?

You are in the right room for a finding: what was looked at, what it means, what to do. The doctor
composes what other rooms can tell, and changes nothing. `documents/codes.py` lists every finding
there is.
"""

from trailarrd.doctor.examination import Subject, examine, examine_webhooks, log_findings
from trailarrd.doctor.explanation import Explainer
from trailarrd.doctor.introduction import Introduction, LoginWantedError, introduce
from trailarrd.doctor.server import DetectedServer, ServerDetector, UnknownServerError
from trailarrd.doctor.webhook import Arrivals
from trailarrd.documents.checks import Finding
from trailarrd.documents.codes import Code, Level

__all__ = [
    "Arrivals",
    "Code",
    "DetectedServer",
    "Explainer",
    "Finding",
    "Introduction",
    "Level",
    "LoginWantedError",
    "ServerDetector",
    "Subject",
    "UnknownServerError",
    "examine",
    "examine_webhooks",
    "introduce",
    "log_findings",
]
