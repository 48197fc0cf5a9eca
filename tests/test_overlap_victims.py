"""Who is on which lists: histories, lists that are one, what is refused, and what nobody may read out of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from conftest import ROOT, claim_row, claims_frame, figure_row, figures_frame, victim_row, victims_frame
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile.frames import Figures, LinkedClaims, Origins, PairVerdicts, empty, typed
from reconcile.overlap import DERIVED_SHARE, SMALLEST_LIST, Overlap, overlap, titles_of
from reconcile.rulefiles import load_rules

RULES = load_rules(ROOT / "rules")
MODEL = RULES.monitors["vdc"]
STRATUM = ["unit_code", "group_code", "stratum_code"]


def list_rule(name: str, **scope: Any) -> Any:
    """A rule file of an invented list of civilians; `scope` overrides."""
    own = MODEL.scope.model_copy(update={"population_code": "civilian", "attackers": "all", **scope})
    return MODEL.model_copy(
        update={"id": name, "title": f"List {name.upper()}", "origin_code": "", "scope": own}
    )


class Lists:
    """Invented lists: each member of a list is a cluster, or a cluster and what its claim states otherwise."""

    def __init__(
        self, members: dict[str, list[Any]], scopes: dict[str, dict[str, Any]] | None = None
    ) -> None:
        """Take the members of each list; `name`, `age` and `measure` of a member are the victim's and the figure's."""
        self.monitors = {name: list_rule(name, **(scopes or {}).get(name, {})) for name in members}
        claims, victims, figures, linked, origins = [], [], [], [], []
        for monitor, people in members.items():
            for number, one in enumerate(people, 1):
                cluster, more = one if isinstance(one, tuple) else (one, {})
                own = {
                    "name": f"Person {cluster}",
                    "age": 30,
                    "measure": "",
                    "count": 1,
                    "cites": "",
                    "role": "asserts",
                } | more
                stated = {
                    key: value
                    for key, value in own.items()
                    if key not in {"name", "age", "measure", "count", "cites", "role"}
                }
                row = claim_row(number, monitor=monitor, kind_code="victim", unit_code="person", **stated)
                claims.append(row)
                victims.append(victim_row(row["claim_id"], own["name"], age=own["age"]))
                linked.append((row["claim_id"], cluster))
                if own["measure"]:
                    figures.append(figure_row(row["claim_id"], own["count"], measure_code=own["measure"]))
                if own["cites"]:
                    origins.append((row["claim_id"], own["cites"], own["cites"], own["role"], "named"))
        self.claims, self.victims = claims_frame(*claims), victims_frame(*victims)
        self.figures = figures_frame(*figures) if figures else empty(Figures)
        held = pd.DataFrame(linked, columns=["claim_id", "cluster_id"])
        self.linked = typed(
            LinkedClaims,
            held.assign(cluster_kind_code="victim", relation_code="same", link_basis_code="weight"),
        )
        self.origins = (
            typed(
                Origins,
                pd.DataFrame(origins, columns=["claim_id", "origin_code", "name", "role_code", "basis_code"]),
            )
            if origins
            else empty(Origins)
        )

    def overlap(self) -> Overlap:
        """What the stage makes of them."""
        return overlap(
            self.claims, self.figures, self.victims, self.linked, empty(PairVerdicts), self.origins, self.monitors
        )  # fmt: skip


def people(first: int, last: int) -> list[str]:
    """Clusters of persons, both ends included."""
    return [f"v{number:03}" for number in range(first, last + 1)]


# Of 70 persons: a has 1-40, b 21-60, c 1-10, 31-50 and 61-70.
THREE = {"a": people(1, 40), "b": people(21, 60), "c": people(1, 10) + people(31, 50) + people(61, 70)}


# Lists of three sizes, whose patterns tell them apart: 40 on a, 38 on b, 36 on c.
UNLIKE = {"a": people(1, 40), "b": people(21, 58), "c": people(1, 10) + people(31, 50) + people(61, 66)}


def spread(lists: dict[str, list[str]], **first: Any) -> dict[str, list[Any]]:
    """The same lists with the first and the last member of each on other days, so that every list spans June."""
    ends = {0: {"day": "2017-06-01"}, 1: {"day": "2017-06-30"}}
    return {
        name: [(one, ends.get(place, {}) | first) for place, one in enumerate(own)]
        for name, own in lists.items()
    }


@pytest.fixture(scope="module")
def three() -> Overlap:
    """Three lists of civilians, of one month and country, that know nothing of each other."""
    return Lists(spread(THREE)).overlap()


def whole(found: Overlap) -> dict[str, int]:
    """The patterns of the whole group of victims."""
    rows = found.histories[
        (found.histories["stratum_code"] == "whole") & (found.histories["unit_code"] == "victim")
    ]
    return dict(zip(rows["pattern"], rows["members"], strict=True))


def refusals(found: Overlap) -> dict[str, str]:
    """Why each pair of lists is refused."""
    return dict(
        zip(found.pairs["left"] + " " + found.pairs["right"], found.pairs["refused_code"], strict=True)
    )


# ---- what is counted -----------------------------------------------------------------------------------------------


def test_patterns_of_three_lists(three: Overlap) -> None:
    """Each person has the digits of exactly the lists that name him; nobody has none."""
    assert whole(three) == {"100": 10, "101": 10, "110": 10, "111": 10, "010": 10, "011": 10, "001": 10}


def test_digits_stand_in_the_order_of_the_lists() -> None:
    """The largest list has the first digit."""
    found = Lists(spread(UNLIKE)).overlap()

    assert set(found.histories["lists"]) == {"a b c"}
    assert whole(found) == {"100": 10, "010": 8, "001": 6, "110": 10, "101": 10, "011": 10, "111": 10}


def test_two_lists_share(three: Overlap) -> None:
    """Both, either, Jaccard and the shares of each."""
    row = three.pairs.set_index(["left", "right"]).loc[("a", "b")]

    assert (row["both"], row["either"], row["left_members"], row["right_members"]) == (20, 60, 40, 40)
    assert (row["jaccard"], row["left_share"], row["right_share"]) == (pytest.approx(1 / 3), 0.5, 0.5)


def test_estimates_stand_where_nothing_forbids_them(three: Overlap) -> None:
    """Chapman of each pair, Chao of the group; f1 = 30, f2 = 30, 70 documented."""
    made = three.estimates.set_index(["stratum_code", "method_code", "lists"])["estimate"]

    assert made["whole", "chapman", "a b"] == pytest.approx(41 * 41 / 21 - 1)
    assert made["whole", "chao", "a b c"] == pytest.approx(70 + 900 / 60)
    assert made["whole", "chao_corrected", "a b c"] == pytest.approx(70 + 870 / 62)
    assert made["whole", "chao_few_lists", "a b c"] == pytest.approx(70 + 2 / 3 * 900 / 60)
    assert (three.estimates["explanation"] != "").all()


def test_strata_are_months_and_places() -> None:
    """A victim stands in the month and the governorate of the most precise record, whichever list that is of."""
    vague = {"date_precision_code": 4, "day": "2017-05-20", "admin1": "Aleppo", "location_precision_code": 5}
    exact = {
        "date_precision_code": 1,
        "day": "2017-06-03",
        "admin1": "Ar-Raqqa",
        "location_precision_code": 1,
    }
    found = Lists({"a": [("v1", vague), ("v2", exact)], "b": [("v1", exact), ("v2", vague)]}).overlap()
    rows = found.histories[found.histories["stratum_code"] == "month_place"]

    assert rows[["month", "admin1", "pattern", "members"]].to_numpy().tolist() == [
        ["2017-06", "Ar-Raqqa", "11", 2]
    ]


def test_month_that_a_record_does_not_tell_is_blank() -> None:
    """A window over two months is of neither."""
    over = {"date_start": "2017-06-20", "date_end": "2017-07-05"}
    found = Lists({"a": [("v1", over)], "b": [("v2", {"day": "2017-06-25"})]}).overlap()
    rows = found.histories[found.histories["stratum_code"] == "month"]

    assert set(rows["month"]) <= {"", "2017-06"}
    assert "2017-07" not in set(rows["month"])


def test_nameless_are_counted_and_left_out() -> None:
    """A record without a name can't be matched: it is in the account of its list and in no history."""
    found = Lists({"a": ["v1", ("v2", {"name": ""})], "b": ["v1"]}).overlap()
    row = found.lists.set_index("monitor").loc["a"]

    assert (row["records"], row["nameless"], row["members"]) == (2, 1, 1)
    assert whole(found) == {"11": 1}


def test_injured_are_on_no_list_of_the_dead() -> None:
    """A record that counts somebody as injured, and not as killed, is left out; one that counts nobody is of the dead."""
    found = Lists(
        {"a": [("v1", {"measure": "injured"}), ("v2", {"measure": "killed"}), "v3"], "b": ["v1"]}
    ).overlap()

    assert found.lists.set_index("monitor").loc["a", "records"] == 2


def test_whom_a_record_says_was_not_killed_is_on_no_list() -> None:
    """Killed: 0 names somebody, and not as dead."""
    found = Lists({"a": [("v1", {"measure": "killed", "count": 0}), "v2"]}).overlap()

    assert found.lists["records"].tolist() == [1]


def test_repeated_records_are_told() -> None:
    """Two records of a list with one name, age, sex and day look like one person; of two ages they do not."""
    twice = [("v1", {"name": "Same"}), ("v2", {"name": "Same"}), ("v3", {"name": "Same", "age": 31})]
    found = Lists({"a": twice}).overlap()

    assert found.lists["repeated"].tolist() == [1]


def test_what_lies_outside_the_common_days_is_left_out() -> None:
    """A victim of a day that one list does not reach is in no history, and is counted."""
    members = spread(THREE)
    members["a"].append(("v999", {"day": "2017-07-10"}))
    found = Lists(members).overlap()

    assert found.lists.set_index("monitor")["outside"].to_dict() == {"a": 1, "b": 0, "c": 0}
    assert sum(whole(found).values()) == 70


# ---- lists that are one --------------------------------------------------------------------------------------------


def cited(share: float, **more: Any) -> dict[str, list[Any]]:
    """Three lists, of which c names a as the source of a share of its records."""
    members = spread(THREE)
    count = round(share * len(members["c"]))
    members["c"] = [
        (one, stated | ({"cites": "List A"} | more if place < count else {}))
        for place, (one, stated) in enumerate(members["c"])
    ]
    return members


@pytest.mark.parametrize("role", ["asserts", "last_known", "passes_on"])
def test_list_that_cites_another_is_merged_with_it(role: str) -> None:
    """From a tenth of its records on, however it cites it; the histories then have two lists, and no bound."""
    found = Lists(cited(DERIVED_SHARE, role=role)).overlap()
    rows = found.lists.set_index("monitor")

    assert rows["list_code"].to_dict() == {"a": "a_with_c", "b": "b", "c": "a_with_c"}
    assert "10% of the records of List C name List A as their source" in rows.loc["c", "explanation"]
    assert refusals(found) == {"a b": "", "a c": "derived", "b c": ""}
    assert set(found.estimates.loc[found.estimates["method_code"] != "chapman", "refused_code"]) == {
        "few_lists"
    }
    assert whole(found) == {"10": 30, "11": 30, "01": 10}


def test_list_that_cites_another_now_and_then_is_its_own() -> None:
    """Below a tenth it is told apart still."""
    found = Lists(cited(DERIVED_SHARE / 2)).overlap()

    assert set(found.lists["state_code"]) == {"kept"}


def test_lists_of_one_origin_are_one() -> None:
    """Two lists that rest on a third voice are one list, named only where a vocabulary knows it."""
    members = spread(THREE)
    for name in ("a", "b"):
        members[name] = [
            (one, stated | {"cites": "x_the_uncle_of_somebody"}) for one, stated in members[name]
        ]
    found = Lists(members).overlap()

    assert found.lists.set_index("monitor")["state_code"].to_dict() == {
        "a": "merged",
        "b": "merged",
        "c": "kept",
    }
    assert not found.lists["explanation"].str.contains("uncle").any()
    assert refusals(found)["a b"] == "derived"


def test_list_inside_another_is_no_second_list() -> None:
    """A list that adds nobody to another looks copied, whatever it says."""
    found = Lists(spread(THREE | {"c": people(1, 12)})).overlap()

    assert refusals(found) == {"a b": "", "a c": "derived", "b c": "sparse"}
    assert (
        "as if it had been copied" in found.pairs.set_index(["left", "right"]).loc[("a", "c"), "explanation"]
    )


def test_lists_tied_through_another_are_one() -> None:
    """Neither of two lists names the other, and both a third: there is one list."""
    members = spread(THREE)
    for name in ("a", "b"):
        members[name] = [(one, stated | {"cites": "c"}) for one, stated in members[name]]
    found = Lists(members).overlap()

    assert set(found.lists["list_code"]) == {"a_with_b_with_c"}
    assert set(refusals(found).values()) == {"derived"}


# ---- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({"population_code": "all"}, "population"),
        ({"population_code": "unknown"}, "population"),
        ({"direct_code": "both"}, "deaths"),
        ({"attackers": "one side"}, "attackers"),
    ],
)
def test_scopes_that_differ_are_refused(scope: dict[str, Any], code: str) -> None:
    """Other people, other deaths or other attackers: no estimate of the two, and no joint history."""
    found = Lists(spread(THREE), {"c": scope}).overlap()
    rows = found.lists.set_index("monitor")

    assert refusals(found) == {"a b": "", "a c": code, "b c": code}
    assert rows.loc["c", "state_code"] == "left_out" or rows.loc["c", "group_code"] != "civilian"
    assert found.estimates["estimate"].notna().sum() == 1


def test_days_that_do_not_meet_are_refused() -> None:
    """A list of another year is left out, and no pair with it is estimated."""
    members = spread(THREE)
    members["c"] = [(one, {"day": "2015-01-01"}) for one, _ in members["c"]]
    found = Lists(members).overlap()

    assert refusals(found) == {"a b": "", "a c": "window", "b c": "window"}
    assert found.lists.set_index("monitor").loc["c", "state_code"] == "left_out"


def test_countries_that_do_not_meet_are_refused() -> None:
    """Likewise a list of another country."""
    members = spread(THREE)
    members["c"] = [(one, stated | {"country_code": "IRQ"}) for one, stated in members["c"]]

    assert refusals(Lists(members).overlap()) == {"a b": "", "a c": "region", "b c": "region"}


def test_lists_without_days_have_histories_and_no_estimate() -> None:
    """Where no list states days, nobody can tell whether all cover the same."""
    nowhen = {"date_start": None, "date_end": None, "date_precision_code": 0}
    found = Lists({name: [(one, nowhen) for one in own] for name, own in THREE.items()}).overlap()

    assert sum(whole(found).values()) == 70
    assert set(refusals(found).values()) == {"window"}
    assert found.estimates["estimate"].isna().all()


def test_short_list_does_not_cut_the_others_down() -> None:
    """A list that reaches over less than half the days of the largest is left out, and told what to do."""
    members = spread(THREE)
    members["c"] = [(one, {"day": "2017-06-10"}) for one, _ in members["c"]]
    row = Lists(members).overlap().lists.set_index("monitor").loc["c"]

    assert row["state_code"] == "left_out"
    assert "1 of the 30 days" in row["explanation"]


def test_few_are_refused() -> None:
    """Small lists, and lists that hardly meet, carry no estimate."""
    small = Lists(spread({"a": people(1, SMALLEST_LIST - 1), "b": people(1, 40)})).overlap()
    apart = Lists(spread({"a": people(1, 30), "b": people(25, 60)})).overlap()

    assert refusals(small) == {"a b": "sparse"}
    assert refusals(apart) == {"a b": "sparse"}


def test_sparse_strata_are_refused() -> None:
    """A governorate in which one list has nine victims has no bound; the others, and the whole, have theirs."""
    members = spread(THREE)
    members["c"] += [(f"w{number}", {"day": "2017-06-15", "admin1": "Aleppo"}) for number in range(9)]
    for name in ("a", "b"):
        members[name] += [(f"w{number}", {"day": "2017-06-15", "admin1": "Aleppo"}) for number in range(20)]
    made = Lists(members).overlap().estimates
    places = made[(made["stratum_code"] == "place") & (made["method_code"] == "chao_few_lists")].set_index(
        "admin1"
    )

    assert places["refused_code"].to_dict() == {"Aleppo": "sparse", "Ar-Raqqa": ""}
    assert places.loc["Aleppo", "explanation"] == "c has fewer than 10 victims here."


def test_repeated_lists_are_refused() -> None:
    """A list on which many stand twice is refused until they are taken out."""
    members = spread(THREE)
    members["a"] = [(one, stated | {"name": "Same", "day": "2017-06-01"}) for one, stated in members["a"]]
    members["a"][-1] = (members["a"][-1][0], {"day": "2017-06-30"})
    found = Lists(members).overlap()

    assert refusals(found) == {"a b": "repeated", "a c": "repeated", "b c": ""}
    assert "repeated" in set(found.estimates.loc[found.estimates["method_code"] != "chapman", "refused_code"])


def test_incidents_are_never_estimated() -> None:
    """Incidents have histories, for coverage, and neither an estimate nor a pair that might be one."""
    rows = [claim_row(number, monitor=name) for name in ("a", "b", "c") for number in range(1, 31)]
    claims = claims_frame(*rows)
    linked = pd.DataFrame({"claim_id": claims["claim_id"], "cluster_id": claims["native_id"]})
    linked = typed(
        LinkedClaims,
        linked.assign(cluster_kind_code="incident", relation_code="same", link_basis_code="weight"),
    )
    found = overlap(
        claims, empty(Figures), victims_frame(), linked, empty(PairVerdicts), empty(Origins), {}
    )  # fmt: skip

    assert set(found.histories["unit_code"]) == {"incident"}
    assert found.histories.loc[found.histories["stratum_code"] == "whole", "members"].sum() == 30
    assert set(found.pairs["refused_code"]) <= {"incident"}
    assert found.estimates.empty


def test_possible_matches_are_told_and_not_counted() -> None:
    """A pair that waits for a person is no overlap yet."""
    made = Lists({"a": ["v1"], "b": ["v2"]})
    row = dict.fromkeys(PairVerdicts.to_schema().columns, "")
    row |= {"left_id": "a:X1", "right_id": "b:X1", "kind_code": "victim", "verdict_code": "possible"}
    row |= {"rarity_bits": 0.0, "match_weight": 0.0, "match_probability": 0.5}
    verdicts = typed(PairVerdicts, pd.DataFrame([row]))
    found = overlap(
        made.claims, made.figures, made.victims, made.linked, verdicts, made.origins, made.monitors
    )

    assert found.pairs[["both", "possible"]].to_numpy().tolist() == [[0, 1]]


# ---- guarantees ----------------------------------------------------------------------------------------------------


@st.composite
def some_lists(draw: st.DrawFn) -> Lists:
    """Up to four lists of up to forty persons, on a few days in two places, some of them citing another list."""
    members: dict[str, list[Any]] = {}
    for name in draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True)):
        chosen = draw(st.lists(st.integers(1, 40), min_size=1, max_size=40, unique=True))
        cites = draw(st.sampled_from(["", "", "a", "sohr", "x_someone"]))
        members[name] = [
            (
                f"v{number:03}",
                {
                    "day": f"2017-0{5 + number % 3}-{1 + number % 28:02}",
                    "admin1": ("Ar-Raqqa", "Aleppo", "")[number % 3],
                    "name": "" if number % 11 == 0 else f"Zaynunah {number}",
                    "cites": cites if number % 2 else "",
                },
            )
            for number in chosen
        ]
    return Lists(members)


@given(some_lists())
@budget(25)
def test_overlap_everybody_has_one_history(made: Lists) -> None:
    """In every kind of strata the histories of a group add up to its members."""
    found = made.overlap()
    sums = found.histories.groupby(STRATUM)["members"].sum()
    named = made.victims.merge(made.linked, on="claim_id")
    persons = named.loc[named["name_published"] != "", "cluster_id"].nunique()

    assert set(sums.groupby("group_code").nunique()) <= {1}
    assert set(sums.groupby("group_code").size()) <= {4}
    assert (sums <= persons).all()
    assert not found.histories["pattern"].str.fullmatch("0+").any()


@given(some_lists())
@budget(25)
def test_overlap_derived_lists_are_one(made: Lists) -> None:
    """Two lists of a group that stand in the histories are of no pair that is derived."""
    found = made.overlap()
    code = found.lists.set_index("monitor")["list_code"]
    tied = found.pairs[found.pairs["refused_code"] == "derived"]

    for left, right in zip(tied["left"], tied["right"], strict=True):
        assert code[left] == code[right] or "" in {code[left], code[right]}


@given(some_lists())
@budget(25)
def test_overlap_nothing_without_a_reason(made: Lists) -> None:
    """Each pair and each group has an estimate or a reason, and never both."""
    found = made.overlap()
    pairs = found.estimates[found.estimates["method_code"] == "chapman"]
    bounds = found.estimates[
        (found.estimates["method_code"] != "chapman") & (found.estimates["stratum_code"] == "whole")
    ]

    assert (found.estimates["estimate"].isna() == (found.estimates["refused_code"] != "")).all()
    assert sorted(pairs["lists"]) == sorted(found.pairs["left"] + " " + found.pairs["right"])
    assert set(bounds["group_code"]) == set(found.histories["group_code"])


@given(some_lists())
@budget(15)
def test_overlap_no_names(made: Lists) -> None:
    """No cell of any frame holds a name, or the words of an origin that no vocabulary has."""
    found = made.overlap()
    text = "".join(frame.to_csv() for frame in (found.lists, found.histories, found.pairs, found.estimates))

    assert "Zaynunah" not in text
    assert "someone" not in text


@given(some_lists(), st.randoms(use_true_random=False))
@budget(15)
def test_overlap_order_does_not_matter(made: Lists, chance: Any) -> None:
    """Rows in another order make the same frames."""
    before = made.overlap()
    for name in ("claims", "victims", "linked", "origins"):
        frame = getattr(made, name)
        setattr(made, name, frame.sample(frac=1, random_state=chance.randrange(1000)).reset_index(drop=True))
    after = made.overlap()

    for name in ("lists", "histories", "pairs", "estimates"):
        pd.testing.assert_frame_equal(getattr(before, name), getattr(after, name))


def test_titles_of_merged_lists() -> None:
    """A merged list is called by all of its monitors."""
    found = Lists(cited(DERIVED_SHARE))
    lists = found.overlap().lists

    assert titles_of(lists, found.monitors) == {"a_with_c": "List A + List C", "b": "List B"}
