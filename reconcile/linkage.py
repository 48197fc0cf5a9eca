"""The order of the stages of linkage: victims, then incidents in the light of them, then victims in the light of those.

Two incidents that name one victim are hardly two; two victims of one incident are likelier one. So where monitors name
victims and say in which incident they died, victims are linked by themselves first, incidents with that evidence, and
victims once more with the incidents known. Nothing goes round twice, so the outcome is stated and finite.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from reconcile.block import block
from reconcile.cluster import Clustered, cluster
from reconcile.compare import Surroundings, compare
from reconcile.compare.people import deaths
from reconcile.frames import LinkedClaims, PairVerdicts, Patterns, typed
from reconcile.parse.places import fold_name
from reconcile.spread import is_shared_out, spread_compare, spread_incidents

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reconcile.engine import Engine
    from reconcile.gazetteer import Place
    from reconcile.ruleset import Judgement, LinkedKind, Ruleset

    Watch = Callable[[str], None]

RULES_OF: dict[LinkedKind, str] = {"incident": "incidents", "victim": "victims"}


@dataclass(frozen=True, slots=True)
class Links:
    """What linkage made of the claims.

    Attributes:
        linked: a `LinkedClaims` frame, what summaries cover aside.
        verdicts: a `PairVerdicts` frame.
        patterns: a `Patterns` frame.
        blocking: one row a blocking rule: kind_code, rule_code, pairs, largest_key, narrowed_keys, left_out.
        unused_judgements: a sentence for each judgement that could not be used.
    """

    linked: pd.DataFrame
    verdicts: pd.DataFrame
    patterns: pd.DataFrame
    blocking: pd.DataFrame
    unused_judgements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Linked:
    clustered: Clustered
    patterns: pd.DataFrame
    blocking: pd.DataFrame

    def clusters(self) -> dict[str, str]:
        """Return the cluster of each claim."""
        linked = self.clustered.linked
        return dict(zip(linked["claim_id"], linked["cluster_id"], strict=True))


def link_claims(
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    victims: pd.DataFrame,
    rules: Ruleset,
    places: Mapping[str, Place],
    judgements: Sequence[Judgement] = (),
    watch: Watch = lambda _: None,
    engine: Engine | None = None,
) -> Links:
    """Return which claims speak of one incident, or of one victim.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame of those claims.
        victims: a `Victims` frame of those claims.
        rules: linkage, monitors and the vocabulary of attackers.
        places: the gazetteer's places by id.
        judgements: decisions of persons.
        watch: told the name of each stage as it begins.
        engine: machines that compare; None does it here.

    Raises:
        UsageFault: when judgements contradict each other.
    """
    surroundings = surroundings_of(rules, places)

    def linked(kind: LinkedKind, clusters: Mapping[str, str]) -> _Linked:
        linkage = rules.linkage[RULES_OF[kind]]
        around = replace(surroundings, clusters=clusters)
        if engine is not None and kind == "incident" and not shared and is_shared_out(linkage):
            compared, summary = spread_incidents(engine, claims, figures, linkage, around, watch)
        else:
            watch("block")
            blocked = block(claims, victims, linkage)
            summary = blocked.summary
            watch("compare")
            compare_all = compare if engine is None else partial(spread_compare, engine)
            compared = compare_all(
                claims, figures, victims, blocked.pairs, linkage, around, linkage.thresholds.rival
            )
        watch("cluster")
        clustered = cluster(claims, compared.pairs, linkage, rules.monitors, judgements)
        return _Linked(clustered, compared.patterns, summary.assign(kind_code=kind))

    # Who died in an incident may be found far from it in time.
    shared = len(victims) > 0 and len(deaths(claims, victims)[0]) > 0
    people = linked("victim", {}) if len(victims) else None
    has_incidents = bool((claims["kind_code"] != "victim").any()) or people is None
    incidents = linked("incident", people.clusters() if people and shared else {}) if has_incidents else None
    if people and incidents and shared:
        people = linked("victim", incidents.clusters())
    return _together(claims, [found for found in (incidents, people) if found is not None])


def surroundings_of(rules: Ruleset, places: Mapping[str, Place]) -> Surroundings:
    """Return what comparisons know beside the claims: attackers, places by id, the names of countries."""
    names = (fold_name(name) for name in rules.vocabularies["countries"].spellings())
    return Surroundings(rules.vocabularies["perpetrators"], places, frozenset(filter(None, names)))


def _together(claims: pd.DataFrame, found: list[_Linked]) -> Links:
    """Return what was found about incidents, and about victims, as one."""
    if len(found) == 1:
        (one,) = found
        linked = one.clustered.linked
    else:
        of_victims = claims.set_index("claim_id")["kind_code"] == "victim"
        incidents, people = (one.clustered.linked for one in found)
        is_victim = of_victims.reindex(incidents["claim_id"]).to_numpy()
        linked = people.where(pd.Series(is_victim, index=people.index), incidents)
    first = found[0]
    return Links(
        linked=typed(LinkedClaims, linked),
        verdicts=typed(PairVerdicts, pd.concat([one.clustered.verdicts for one in found], ignore_index=True)),
        patterns=typed(Patterns, pd.concat([one.patterns for one in found], ignore_index=True)),
        blocking=pd.concat([one.blocking for one in found], ignore_index=True),
        unused_judgements=first.clustered.unused_judgements,
    )
