"""The order of linkage: victims, incidents in the light of them, victims once more; and every run that lacks something.

Names of persons are invented.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import NO_VICTIMS, claim_row, claims_frame, figures_frame, on_lists
from hypothesis import given
from strategies import Small, budget, frames, victim_lists

from reconcile.frames import LinkedClaims, PairVerdicts, Patterns, columns_of
from reconcile.linkage import RULES_OF, Links, link_claims
from reconcile.normalize import build_context
from reconcile.ruleset import Judgement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconcile.ruleset import Ruleset

    Run = Callable[..., Links]

FIRST = ("Samer", "Hani", "Layla", "Qasim", "Mariam", "Tareq", "Nabil", "Rima", "Fadi", "Zeina")
LAST = ("Nuri", "Haddad", "Khatib", "Masri", "Daher", "Sabbagh", "Ghanem", "Barakat")


@pytest.fixture(scope="module")
def linking(rules: Ruleset) -> Run:
    """A function that links claims by the shipped rules; two lists are monitors with one record a person."""
    one = rules.monitors["victim_list"]
    lists = {name: one.model_copy(update={"id": name}) for name in ("list_a", "list_b", "list_c")}
    shipped = rules.model_copy(update={"monitors": {**rules.monitors, **lists}})
    places = build_context(rules, "airwars").gazetteer.by_id

    def run(
        claims: pd.DataFrame,
        victims: pd.DataFrame = NO_VICTIMS,
        judgements: Sequence[Judgement] = (),
        figures: pd.DataFrame | None = None,
        watch: Callable[[str], None] = lambda _: None,
    ) -> Links:
        some = figures_frame() if figures is None else figures
        return link_claims(claims, some, victims, shipped, places, judgements, watch)

    return run


def judged(left: str, right: str, decision: str) -> Judgement:
    """A judgement on two claims."""
    return Judgement(
        left=left, right=right, decision=decision, reviewer="A. Analyst", decided_on=date(2020, 1, 31)
    )


def name_of(number: int) -> str:
    """An invented name, another one for each number below 80."""
    return f"{FIRST[number % len(FIRST)]} {FIRST[(number // 3 + 4) % len(FIRST)]} {LAST[number % len(LAST)]}"


def two_lists(size: int = 20, **changes: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same persons on two lists, with an age, a sex and a day each; `changes` hold for everybody."""
    persons = [
        {
            "on": on,
            "native_id": f"{on[-1]}{number:02}",
            "name": name_of(number),
            "age": 3 + number,
            "sex_code": ("female", "male")[number % 2],
            "day": f"2017-06-{1 + number % 28:02}",
        }
        | changes
        for on in ("list_a", "list_b")
        for number in range(size)
    ]
    return on_lists(*persons)


def groups(links: Links) -> set[frozenset[str]]:
    """The clusters, as sets of native ids."""
    names = links.linked["claim_id"].str.split(":").str[1]
    return {frozenset(part) for _, part in names.groupby(links.linked["cluster_id"])}


def with_incidents(
    persons: tuple[pd.DataFrame, pd.DataFrame], *incidents: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Claims of persons and of incidents, and the victims."""
    claims = pd.concat([persons[0], claims_frame(*incidents)])
    return claims.sort_values("claim_id", ignore_index=True), persons[1]


def assert_whole(links: Links, claims: pd.DataFrame) -> None:
    """Every claim stands in one cluster, and the frames are those that were promised."""
    assert links.linked["claim_id"].tolist() == claims["claim_id"].tolist()
    for frame, found in (
        (LinkedClaims, links.linked),
        (PairVerdicts, links.verdicts),
        (Patterns, links.patterns),
    ):
        assert list(found.columns) == columns_of(frame)
    of_kind = links.blocking.groupby("kind_code")["pairs"].sum()
    counted = links.patterns.groupby("kind_code")["pairs"].sum()
    assert all(counted[kind] <= of_kind[kind] for kind in counted.index)
    assert set(links.verdicts["kind_code"]) <= set(of_kind.index) <= set(RULES_OF)


# ---- victims -------------------------------------------------------------------------------------------------------


def test_persons_on_two_lists_are_linked(linking: Run) -> None:
    """Each person is linked with the one of the same name, age and day on the other list, and with nobody else."""
    claims, victims = two_lists()
    links = linking(claims, victims)
    assert_whole(links, claims)
    assert groups(links) == {frozenset({f"a{number:02}", f"b{number:02}"}) for number in range(20)}
    assert set(links.linked["cluster_kind_code"]) == {"victim"}
    assert set(links.blocking["kind_code"]) == {"victim"}


def test_only_victims_and_only_incidents(linking: Run) -> None:
    """A run of one kind of claims has blocking, patterns and verdicts of that kind only."""
    claims, victims = two_lists()
    people = linking(claims, victims)
    assert {*people.blocking["kind_code"], *people.patterns["kind_code"]} == {"victim"}
    events = claims_frame(claim_row(1), claim_row(2, monitor="cjtf_oir", unit_code="allegation"))
    incidents = linking(events)
    assert_whole(incidents, events)
    assert {*incidents.blocking["kind_code"], *incidents.patterns["kind_code"]} == {"incident"}


def test_both_kinds_stand_side_by_side(linking: Run) -> None:
    """Incidents and victims of one run are linked each by their own rules, as they are without the other."""
    persons = two_lists()
    incidents = [
        claim_row(1, native_id="I"),
        claim_row(2, monitor="cjtf_oir", unit_code="allegation", native_id="J"),
    ]
    claims, victims = with_incidents(persons, *incidents)
    both = linking(claims, victims)
    assert_whole(both, claims)
    assert groups(both) == groups(linking(*persons)) | groups(linking(claims_frame(*incidents)))
    assert set(both.blocking["kind_code"]) == {"incident", "victim"}


# ---- evidence that passes between them -----------------------------------------------------------------------------


def incident_of(monitor: str, code: str, **changes: Any) -> dict[str, Any]:
    """An incident that lists name."""
    return claim_row(1, monitor=monitor, native_id=code, **changes)


def test_incidents_gain_from_shared_victims(linking: Run) -> None:
    """Two incidents that name one person weigh more together than the same two without the names."""
    sides = (("list_a", "I"), ("list_b", "J"))
    named = [
        {
            "on": on,
            "native_id": f"V{on[-1]}",
            "name": "Samer Hani Nuri",
            "day": "2017-06-10",
            "native_incident_ids": code,
        }
        for on, code in sides
    ]
    incidents = [
        incident_of("list_a", "I"),
        incident_of("list_b", "J", place_name="Old Bridge", day="2017-06-11"),
    ]
    found = []
    for codes in (True, False):
        persons = on_lists(*(person if codes else person | {"native_incident_ids": ""} for person in named))
        links = linking(*with_incidents(persons, *incidents), [judged("list_a:I", "list_b:J", "unsure")])
        patterns = links.patterns[links.patterns["kind_code"] == "incident"]
        found.append((patterns["victims_level"].item(), patterns["weight_bits"].item()))
    assert [level for level, _ in found] == ["shared", "missing"]
    assert found[0][1] > found[1][1]


def test_victims_link_through_their_incident(linking: Run) -> None:
    """Two persons whose names agree in part are likelier one where the incidents that they died in are one."""
    day = {"day": "2017-06-10"}
    crowd = [
        {"on": on, "native_id": f"{on[-1]}{number:02}", "name": name_of(number), "native_incident_ids": code}
        | day
        for on, code in (("list_a", "I"), ("list_b", "J"))
        for number in range(4)
    ]
    pair = [
        {"on": "list_a", "native_id": "a", "name": "Wafa Said Zaki", "native_incident_ids": "I"} | day,
        {"on": "list_b", "native_id": "b", "name": "Wafa Jamil Zaki", "native_incident_ids": "J"} | day,
    ]
    claims, victims = with_incidents(
        on_lists(*crowd, *pair), incident_of("list_a", "I"), incident_of("list_b", "J")
    )
    weights = {}
    for decision in ("same", "different"):
        links = linking(claims, victims, [judged("list_a:I", "list_b:J", decision)])
        found = links.patterns[links.patterns["name_level"] == "one_differs"]
        weights[decision] = (found["incident_level"].item(), found["weight_bits"].item())
    assert weights["same"][0] == "same"
    assert weights["different"][0] == "other"
    assert weights["same"][1] > weights["different"][1]


def test_stages_are_told_in_their_order(linking: Run) -> None:
    """Victims once and incidents once; where victims name incidents, victims once more with these known."""
    told: list[str] = []
    events = claims_frame(claim_row(1))
    linking(events, watch=told.append)
    assert told == ["block", "compare", "cluster"]
    told.clear()
    apart = with_incidents(two_lists(2), incident_of("list_a", "I"))
    linking(*apart, watch=told.append)
    assert told == ["block", "compare", "cluster"] * 2
    told.clear()
    tied = with_incidents(two_lists(2, native_incident_ids="I"), incident_of("list_a", "I"))
    linking(*tied, watch=told.append)
    assert told == ["block", "compare", "cluster"] * 3


# ---- runs that lack something --------------------------------------------------------------------------------------


def test_no_claims_at_all(linking: Run) -> None:
    """Nothing to link is no fault, and the rules of blocking are accounted for."""
    links = linking(claims_frame())
    assert_whole(links, claims_frame())
    assert len(links.verdicts) == len(links.patterns) == links.blocking["pairs"].sum() == 0
    assert len(links.blocking) > 0


@pytest.mark.parametrize("kind", ["incident", "victim"])
def test_one_monitor_only(linking: Run, kind: str) -> None:
    """The claims of one monitor are not linked among each other, however alike they are."""
    if kind == "victim":
        claims, victims = on_lists(
            *({"on": "list_a", "native_id": f"a{n}", "name": "Samer Nuri"} for n in range(5))
        )
    else:
        claims, victims = claims_frame(*(claim_row(number) for number in range(5))), NO_VICTIMS
    links = linking(claims, victims)
    assert_whole(links, claims)
    assert len(groups(links)) == 5
    assert len(links.patterns) == 0


def test_all_dates_missing(linking: Run) -> None:
    """Undated lists are linked by their names; incidents without a day are not linked and still stand there."""
    claims, victims = two_lists(day=None)
    links = linking(claims, victims)
    assert_whole(links, claims)
    assert groups(links) == {frozenset({f"a{number:02}", f"b{number:02}"}) for number in range(20)}
    undated = {"day": None, "edtf": "", "date_precision_code": 0}
    events = claims_frame(claim_row(1, **undated), claim_row(2, monitor="cjtf_oir", **undated))
    assert_whole(linking(events), events)
    assert len(groups(linking(events))) == 2


def test_one_side_undated(linking: Run) -> None:
    """A list that states no day is linked to one that states them all."""
    dated, undated = two_lists(), two_lists(day=None)
    first = (dated[0]["monitor"] == "list_a").to_numpy()
    claims = pd.concat([dated[0][first], undated[0][~first]], ignore_index=True).astype(dated[0].dtypes)
    links = linking(claims, dated[1])
    assert_whole(links, claims)
    assert groups(links) == {frozenset({f"a{number:02}", f"b{number:02}"}) for number in range(20)}


@pytest.mark.parametrize("spot", [(35.95, 39.0), (0.0, 0.0), (-90.0, 180.0), (90.0, -180.0)])
def test_all_coordinates_equal(linking: Run, spot: tuple[float, float]) -> None:
    """A file whose every record stands at one point, at the poles and on the date line too, is linked like others."""
    latitude, longitude = spot
    events = claims_frame(
        *(
            claim_row(
                number,
                monitor=monitor,
                native_id=f"{monitor[0]}{number}",
                latitude=latitude,
                longitude=longitude,
                day=f"2017-06-{number:02}",
            )
            for monitor in ("airwars", "cjtf_oir")
            for number in range(1, 15)
        )
    )
    links = linking(events)
    assert_whole(links, events)
    assert all(len(group) <= 2 for group in groups(links))


def test_persons_who_are_all_alike(linking: Run) -> None:
    """Where everybody bears one name and nothing else, nobody is linked: which is which is a coin's throw."""
    persons = [
        {"on": on, "native_id": f"{on[-1]}{number}", "name": "Samer Nuri"}
        for on in ("list_a", "list_b")
        for number in range(8)
    ]
    claims, victims = on_lists(*persons)
    links = linking(claims, victims)
    assert_whole(links, claims)
    assert {len(group) for group in groups(links)} == {1}


@pytest.mark.parametrize("name", ["", "unknown", "x" * 500, "😀", "Samer " * 100, "\u202e"])
def test_names_that_say_nothing(linking: Run, name: str) -> None:
    """Blank, endless and unreadable names break nothing."""
    claims, victims = two_lists(5, name=name)
    assert_whole(linking(claims, victims), claims)


# ---- judgements ----------------------------------------------------------------------------------------------------


def test_judgement_about_unknown_claims_is_kept_and_said(linking: Run) -> None:
    """A decision on a claim that is not in the run is told once, whatever is linked, and changes nothing."""
    claims, victims = with_incidents(two_lists(3), incident_of("list_a", "I"))
    decision = judged("list_a:a00", "list_b:gone", "same")
    links = linking(claims, victims, [decision])
    (remark,) = links.unused_judgements
    assert "list_b:gone" in remark
    assert "kept and not used" in remark
    assert groups(links) == groups(linking(claims, victims))


def test_judgements_hold_for_persons(linking: Run) -> None:
    """Who is judged two is two, and who is judged one is one, against every name."""
    claims, victims = two_lists(4)
    decisions = [
        judged("list_a:a00", "list_b:b00", "different"),
        judged("list_a:a01", "list_b:b02", "same"),
    ]
    found = groups(linking(claims, victims, decisions))
    assert frozenset({"a01", "b02"}) in found
    assert frozenset({"a00", "b00"}) not in found
    assert frozenset({"a03", "b03"}) in found


# ---- what holds for any run ----------------------------------------------------------------------------------------


@budget(15)
@given(victim_lists())
def test_any_lists_are_linked(linking: Run, small: Small) -> None:
    """Lists that leave anything blank give whole frames; no list stands twice in a person."""
    links = linking(small.claims, small.victims)
    assert_whole(links, small.claims)
    monitors = links.linked["claim_id"].str.split(":").str[0]
    assert not pd.DataFrame({"cluster": links.linked["cluster_id"], "monitor": monitors}).duplicated().any()


@budget(15)
@given(frames(), victim_lists())
def test_kinds_do_not_disturb_each_other(linking: Run, events: Small, people: Small) -> None:
    """Where victims name neither incident nor place, either kind is linked as it would be alone, rare names and all."""
    people = people._replace(claims=people.claims.assign(place_name="", admin1=""))
    claims = pd.concat([events.claims, people.claims]).sort_values("claim_id", ignore_index=True)
    both = linking(claims, people.victims, figures=events.figures)
    assert_whole(both, claims)
    alone = [linking(events.claims, figures=events.figures), linking(people.claims, people.victims)]
    found = both.linked.set_index("claim_id")["cluster_id"].to_dict()
    assert found == {
        claim: cluster
        for links in alone
        for claim, cluster in zip(links.linked["claim_id"], links.linked["cluster_id"], strict=True)
    }
