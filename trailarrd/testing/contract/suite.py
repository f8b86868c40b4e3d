"""The contract as one class, of which an author derives his tests."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from trailarrd.plugin import Provider, WebhookHint
from trailarrd.testing.contract.absence import AbsenceChecks
from trailarrd.testing.contract.access import AccessChecks
from trailarrd.testing.contract.answers import AnswerChecks
from trailarrd.testing.contract.facts import FactChecks
from trailarrd.testing.contract.failures import FailureChecks
from trailarrd.testing.contract.host import HostChecks
from trailarrd.testing.contract.library import LibraryChecks
from trailarrd.testing.contract.live import LiveChecks
from trailarrd.testing.contract.loop import LoopChecks
from trailarrd.testing.contract.parser import ParserChecks
from trailarrd.testing.contract.purity import PurityChecks
from trailarrd.testing.contract.records import RecordChecks
from trailarrd.testing.contract.redirects import RedirectChecks
from trailarrd.testing.contract.registration import RegistrationChecks
from trailarrd.testing.contract.repetition import RepetitionChecks
from trailarrd.testing.contract.requests import RequestChecks
from trailarrd.testing.contract.secrets import SecretChecks
from trailarrd.testing.contract.size import SizeChecks
from trailarrd.testing.contract.trial import Trial
from trailarrd.testing.contract.verdict import fail
from trailarrd.testing.contract.webhooks import WebhookChecks
from trailarrd.testing.dialects import Dialect
from trailarrd.testing.draft import Record


# Most important last: pytest begins with the checks of the last class.
class ProviderContract(
    HostChecks,
    LoopChecks,
    SecretChecks,
    LiveChecks,
    AbsenceChecks,
    RegistrationChecks,
    WebhookChecks,
    RedirectChecks,
    AnswerChecks,
    RepetitionChecks,
    FailureChecks,
    SizeChecks,
    LibraryChecks,
    FactChecks,
    PurityChecks,
    ParserChecks,
    RecordChecks,
    RequestChecks,
    AccessChecks,
):
    """All checks. Give it two fixtures, `provider` and `dialect`::

    class TestLidarr(ProviderContract):
        @pytest.fixture
        def provider(self) -> Provider[ArtistRecord]:
            return next(iter(trailarrd_providers()))

        @pytest.fixture
        def dialect(self) -> Dialect:
            return Dialect.from_samples(
                app_name="Lidarr",
                api_root="api/v1",
                resource="artist",
                title="artistName",
                records=ARTISTS,
            )
    """

    @pytest.fixture
    def provider(self) -> Provider[Any]:
        """The provider that is checked."""
        fail(
            "there is no provider to check",
            do="define a fixture `provider` in your class that returns what your hook yields",
            why="all checks are about it",
        )

    @pytest.fixture
    def dialect(self) -> Dialect:
        """What the simulated server speaks."""
        fail(
            "there is no dialect for the simulated server to speak",
            do="define a fixture `dialect` in your class that returns Dialect.from_samples(…)",
            why="the server answers as your application does: its name, its API root, its records",
        )

    @pytest.fixture
    def samples(self, dialect: Dialect) -> Sequence[Record]:
        """Records as a real server lists them; by default those that the dialect was made from."""
        return dialect.samples

    @pytest.fixture
    def events(self) -> Sequence[tuple[Mapping[str, object], WebhookHint]]:
        """Events as the server posts them, each with the hint that it must give."""
        return ()

    @pytest.fixture
    def options(self, provider: Provider[Any]) -> object:
        """An instance of the provider's options; by default one in which nothing is set."""
        try:
            return provider.options() if provider.options else None
        except ValueError as error:
            fail(
                f"the provider has options that must be given: {error}",
                do="define a fixture `options` in your class that returns an instance of Provider.options",
                why="a connection of this provider has them, and the API manager may need them",
            )

    @pytest.fixture
    def trial(
        self,
        provider: Provider[Any],
        dialect: Dialect,
        samples: Sequence[Record],
        events: Sequence[tuple[Mapping[str, object], WebhookHint]],
        options: object,
    ) -> Trial:
        """What the checks work with."""
        return Trial(provider=provider, dialect=dialect, given=samples, events=events, options=options)
