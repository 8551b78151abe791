"""How far apart the samples of a series are."""

from __future__ import annotations

from headroom.wiring.facts import Facts, Rule
from headroom.wiring.scrape import Scrape, scrapes_of
from headroom.wiring.selected import Selected
from headroom.wiring.series import made_by, origins, recordings
from headroom.wiring.values import Unknown


def between_samples(facts: Facts, wanted: Selected) -> list[float | Unknown]:
    """Seconds between two samples, by each rule that records what is selected, or by each scrape that brings it."""
    if wanted.name in recordings(facts):
        return [of_rule(facts, rule) for rule in made_by(facts, wanted)]
    return [of_scrape(facts, scrape) for workload in origins(facts, wanted) for scrape in scrapes_of(facts, workload)]


def of_scrape(facts: Facts, scrape: Scrape) -> float | Unknown:
    if scrape.endpoint.interval is not None:
        return scrape.endpoint.interval
    if len(facts.prometheuses) == 1:
        return facts.prometheuses[0].scrape_interval
    return Unknown("the monitor sets no interval, and which Prometheus scrapes it is not in the files")


def of_rule(facts: Facts, rule: Rule) -> float | Unknown:
    if rule.interval is not None:
        return rule.interval
    if len(facts.prometheuses) == 1:
        return facts.prometheuses[0].evaluation_interval
    return Unknown("its group sets no interval, and which Prometheus evaluates it is not in the files")
