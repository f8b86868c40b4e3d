"""A site whose answers are recorded: a plugin of yt-dlp, which finds it in the folder of its engine."""

import json
from pathlib import Path

from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.utils import ExtractorError, GeoRestrictedError


class RecordedIE(InfoExtractor):
    _VALID_URL = r"https?://recorded\.example/(?P<id>.+)"

    def _real_extract(self, url):
        answer = json.loads(Path(__file__).with_name("answers.json").read_text())[self._match_id(url)]
        if answer.get("geo"):
            raise GeoRestrictedError(answer["geo"])
        if answer.get("says"):
            raise ExtractorError(answer["says"], expected=True)
        return {"id": "aqz-KE-bpKQ", "title": "A film", **answer["info"]}
