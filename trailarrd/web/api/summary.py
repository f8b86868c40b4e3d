"""`/summary`: all of it in a few numbers."""

from trailarrd.documents.summary import Summary
from trailarrd.errors import DatabaseError
from trailarrd.web.health import HealthService
from trailarrd.web.route import get
from trailarrd.web.services import Services


@get("/summary")
async def summary(_services: Services, *, health: HealthService) -> Summary:
    """How trailarrd is and what it has, for widgets that ask often: small, and at most two seconds old."""
    snapshot = await health.snapshot()
    if snapshot.error:
        raise DatabaseError(snapshot.error)
    return Summary.of(snapshot.rows, snapshot.tally, await health.health())
