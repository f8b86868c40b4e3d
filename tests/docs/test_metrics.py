"""docs/metrics.md, the alerts and the dashboard know the metrics that there are, and no others."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from tests.docs.pages import ROOT, page, plain, table
from trailarrd.web.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

METRICS = Metrics()
RULES: dict[str, Any] = yaml.safe_load((ROOT / "packaging/prometheus/trailarrd.rules.yml").read_text())
DASHBOARD: dict[str, Any] = json.loads((ROOT / "packaging/grafana/trailarrd.json").read_text())
ENDS = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_count", "_sum"),
    "gauge": ("",),
    "info": ("_info",),
}


def shown() -> Iterator[tuple[str, str]]:
    """The name that a page calls each metric by, and its type."""
    for family in METRICS.registry.collect():
        end = {"counter": "_total", "info": "_info"}.get(family.type, "")
        yield f"{family.name}{end}", "gauge" if family.type == "info" else family.type


def exported() -> set[str]:
    """The name of every sample that there can be."""
    return {f"{family.name}{end}" for family in METRICS.registry.collect() for end in ENDS[family.type]}


def used(text: str) -> set[str]:
    """The names of ours in an expression."""
    return set(re.findall(r"\btrailarrd_[a-z_]+", text))


def test_every_metric_is_on_the_page_with_its_type_and_no_other() -> None:
    assert sorted((plain(name), kind) for name, kind, _, _ in table(page("metrics.md"))) == sorted(shown())


def test_every_label_is_on_the_page() -> None:
    labels = {
        str(getattr(collector, "_name", "")): set(collector._labelnames)
        for collector in METRICS.registry._collector_to_names
        if hasattr(collector, "_labelnames")
    }
    for name, kind, told, _ in table(page("metrics.md")):
        bare = plain(name).removesuffix("_total") if kind == "counter" else plain(name).removesuffix("_info")
        if bare == "trailarrd_build":
            continue  # an Info has its labels with its value
        assert set(re.findall(r"`(\w+)`", told)) == labels[bare], bare


def test_names_are_by_the_conventions() -> None:
    for name, kind in shown():
        assert re.fullmatch(r"trailarrd_[a-z]+(_[a-z]+)*", name)
        assert name.endswith("_total") == (kind == "counter")
        assert kind != "histogram" or name.endswith("_seconds")


def test_every_alert_asks_for_metrics_that_there_are_and_says_what_it_means() -> None:
    rules = [rule for group in RULES["groups"] for rule in group["rules"]]
    assert len(rules) > 5
    asked = {name for rule in rules for name in used(rule["expr"])}
    assert asked
    assert asked <= exported()
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules)


def test_every_panel_asks_for_metrics_that_there_are() -> None:
    asked = [used(target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]
    assert all(asked)
    assert set().union(*asked) <= exported()


def test_the_dashboard_shows_every_metric() -> None:
    asked = {
        name for panel in DASHBOARD["panels"] for target in panel["targets"] for name in used(target["expr"])
    }
    families = {name.removesuffix("_total").removesuffix("_info") for name, _ in shown()}
    assert [name for name in families if not any(one.startswith(name) for one in asked)] == []
