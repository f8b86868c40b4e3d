"""All that a plugin author needs: yield a Provider, give it an API manager and a parser; or a Downloader.

This is the only package of trailarrd that a plugin may import (its tests also import
`trailarrd.testing`). What is exported here is kept stable by semantic versioning.
"""

from trailarrd.domain.connection import ArrServer, BasicLogin, Limits, Timeouts
from trailarrd.domain.details import Details, Fact, ReleaseStatus
from trailarrd.domain.media import Media, MediaKind
from trailarrd.domain.paths import RemotePath
from trailarrd.domain.secret import Secret
from trailarrd.domain.trailers import TrailerRules
from trailarrd.errors import (
    Barrier,
    ProviderError,
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
    Suspect,
    TransferError,
    TransferGoneError,
    TransferRefusedError,
    TransferRejectedError,
    TransferResponseError,
    TransferUnavailableError,
)
from trailarrd.plugin.arr import ArrApiManager
from trailarrd.plugin.downloader import (
    Brought,
    Candidate,
    Download,
    Downloader,
    DownloaderSettings,
    Equipment,
    Examiner,
    Lack,
    Progress,
    Quality,
    Updater,
)
from trailarrd.plugin.live import ArrLive
from trailarrd.plugin.provider import (
    AbsenceWitness,
    ApiManager,
    BrokenRecord,
    PosterSource,
    Provider,
    SystemStatus,
    TagNames,
    WebhookHint,
)
from trailarrd.plugin.registration import RegisteredWebhook, WebhookReader, WebhookRegistrar, WebhookTarget
from trailarrd.plugin.spec import hookimpl
from trailarrd.plugin.webhook import ArrWebhook

__all__ = [
    "AbsenceWitness",
    "ApiManager",
    "ArrApiManager",
    "ArrLive",
    "ArrServer",
    "ArrWebhook",
    "Barrier",
    "BasicLogin",
    "BrokenRecord",
    "Brought",
    "Candidate",
    "Details",
    "Download",
    "Downloader",
    "DownloaderSettings",
    "Equipment",
    "Examiner",
    "Fact",
    "Lack",
    "Limits",
    "Media",
    "MediaKind",
    "PosterSource",
    "Progress",
    "Provider",
    "ProviderError",
    "ProviderRejectedError",
    "ProviderResponseError",
    "ProviderUnavailableError",
    "Quality",
    "RegisteredWebhook",
    "ReleaseStatus",
    "RemotePath",
    "Secret",
    "Suspect",
    "SystemStatus",
    "TagNames",
    "Timeouts",
    "TrailerRules",
    "TransferError",
    "TransferGoneError",
    "TransferRefusedError",
    "TransferRejectedError",
    "TransferResponseError",
    "TransferUnavailableError",
    "Updater",
    "WebhookHint",
    "WebhookReader",
    "WebhookRegistrar",
    "WebhookTarget",
    "hookimpl",
]
