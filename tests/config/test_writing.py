"""What trailarrd proposes for trailarrd.yaml is read again as what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.config import load
from trailarrd.config.annotated import path_mappings, scalar
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath

if TYPE_CHECKING:
    from pathlib import Path

HEAD = (
    "database: {url: 'sqlite+aiosqlite:////t.db'}\nconnections:\n"
    "  - name: a\n    provider: radarr\n    url: http://a\n    api_key: b\n"
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("/mnt/media/My Movies", "/mnt/media/My Movies"),
        ("/mnt/a (b)/c-d_e.f", "/mnt/a (b)/c-d_e.f"),
        ("D:\\Movies", "'D:\\Movies'"),
        ("/mnt/it's", "'/mnt/it''s'"),
        ("/mnt/a, b", "'/mnt/a, b'"),
        ("/mnt/a #b", "'/mnt/a #b'"),
        ("/mnt/a: b", "'/mnt/a: b'"),
        ("/mnt/${HOME}", "'/mnt/$${HOME}'"),
        ("/mnt/b ", "'/mnt/b '"),
        ("/mnt/a\tb", '"/mnt/a\\U00000009b"'),
    ],
)
def test_a_value_is_quoted_only_where_yaml_asks_for_it(value: str, written: str) -> None:
    assert scalar(value) == written


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20))
def test_whatever_a_folder_is_called_it_is_read_again_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    mapping = PathMapping(RemotePath(f"/movies/x{name}x"), LocalPath(f"/mnt/x{name}x"))
    if ".." in name.split("/"):
        return
    file = tmp_path_factory.mktemp("writing") / "trailarrd.yaml"
    file.write_text(f"{HEAD}{path_mappings([mapping])}\n", encoding="utf-8")
    (connection,) = load(file, providers=["radarr"], environ={}).connections
    assert connection.connection().path_mappings == (mapping,)


def test_no_mappings_are_an_empty_list(tmp_path: Path) -> None:
    (tmp_path / "trailarrd.yaml").write_text(f"{HEAD}{path_mappings([])}\n")
    (connection,) = load(tmp_path / "trailarrd.yaml", providers=["radarr"], environ={}).connections
    assert connection.path_mappings == ()
