"""Which addresses yt-dlp is asked for, and by whose pauses."""

from __future__ import annotations

import pytest

from trailarrd_ytdlp.addresses import fits, site


@pytest.mark.parametrize(
    ("url", "fit", "whose"),
    [
        ("https://www.youtube.com/watch?v=aqz-KE-bpKQ", 50, "youtube"),
        ("https://youtu.be/aqz-KE-bpKQ?t=3", 50, "youtube"),
        ("https://m.youtube.com/shorts/aqz-KE-bpKQ", 50, "youtube"),
        ("https://music.youtube.com/watch?v=aqz-KE-bpKQ", 50, "youtube"),
        ("https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ", 50, "youtube"),
        ("https://notyoutube.com/watch?v=aqz-KE-bpKQ", 10, "notyoutube.com"),
        ("HTTPS://Vimeo.com/12345", 10, "vimeo.com"),
        ("http://127.0.0.1:8000/x.mp4", 10, "127.0.0.1"),
        ("ytsearch:some film", 0, "nowhere"),
        ("file:///etc/passwd", 0, "nowhere"),
        ("https://", 0, "nowhere"),
    ],
)
def test_an_address_has_a_fit_and_a_site(url: str, fit: int, whose: str) -> None:
    assert (fits(url), site(url)) == (fit, whose)
