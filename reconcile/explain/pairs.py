"""Why two claims are a match, possible, displaced, or no pair at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reconcile.block import block
from reconcile.compare import level_bits, prior_bits
from reconcile.explain.claims import BASES, side_by_side
from reconcile.explain.parts import (
    LISTED,
    Explanation,
    Grid,
    Part,
    chance,
    odds,
    odds_text,
    plain,
    probability,
    sentence,
    share_text,
)
from reconcile.explain.stored import decided_on, kind_of, paired_with_nothing
from reconcile.explain.weighing import Weighed, linkage_of, weighed_again
from reconcile.frames import LEVEL_COLUMNS
from reconcile.levels import level_title, signed
from reconcile.ruleset import LEVELS
from reconcile.views import records, windows_of

if TYPE_CHECKING:
    from reconcile.explain.stored import View
    from reconcile.ruleset import BlockingRule, Linkage, LinkedKind

# Marks of a bar, the line at 0 aside.
BAR = 22
# Bits that two sums may differ by and still be one sum, written twice.
ROUNDING_BITS = 1e-6
LEAST_DRAWN_BITS = 0.05
KEYS = {
    "place": "a part of the place's name",
    "admin1": "the governorate",
    "nearby": "the same or the next cell of a quarter degree",
    "day": "the country",
    "name": "every part of the name",
    "name_triple": "three parts of the name",
    "name_pair": "two parts of the name",
    "name_part": "one part of the name",
}
LACKING = {
    "undated": "one side states no day",
    "unplaced": "one side states no governorate",
    "unlocated": "one side gives no point of a town or finer",
    "nowhere": "one side gives neither governorate nor such a point",
}
RARITY = {
    ("incident", "place"): "how seldom the other's monitor has a claim under that place and day",
    ("incident", "attacker"): "how few claims name that attacker",
    ("incident", "number"): "how few claims state that number",
    ("incident", "injured"): "how few claims state that number of injured",
    ("victim", "name"): "how few persons bear the parts that agree",
    ("victim", "date"): "how few died on that day",
    ("victim", "place"): "how few died in that place",
}
# Fields of a claim that comparisons of incidents read.
COMPARED_FIELDS = frozenset(
    {
        "date_start", "date_end", "place_name", "admin1", "country_code", "latitude", "longitude", "perpetrator_codes",
        "attribution_code", "grade_code", "position_code",
    }
)  # fmt: skip


def pair_explained(view: View, left: str, right: str) -> Explanation:
    """Return a pair's verdict and what it rests on: both claims, what brought them together, every level, and the rivals."""
    stored = view.verdict(left, right)
    if stored is None:
        return _unlisted(view, left, right)
    kind: LinkedKind = stored.kind_code
    levels = {name: str(getattr(stored, f"{name}_level", "missing")) for name in LEVELS[kind]}
    weighed = Weighed(kind, levels, float(stored.rarity_bits), float(stored.match_weight))
    if view.has_its_rules:
        again = weighed_again(view, kind, left, right)
        if again.levels == levels and abs(again.rarity - weighed.rarity) < ROUNDING_BITS:
            weighed = replace(weighed, split=again.split)
    rule = next((one for one in linkage_of(view, kind).blocking if one.code == stored.rule_code), None)
    reason = f" {sentence(rule.reason)}" if rule and view.has_its_rules else ""
    return Explanation(
        f"{left} and {right}",
        _verdict_sentence(view, left, right, stored),
        (
            side_by_side(view, left, right),
            *([Part("What was decided", decided)] if (decided := decided_on(view, left, right)) else []),
            Part(
                "Why they were compared",
                (f"The blocking rule {stored.rule_code} brought them together.{reason}",),
            ),
            _waterfall(view, weighed, "From levels to match weight"),
            _against_rivals(view, left, right, stored),
        ),
    )


def _verdict_sentence(view: View, left: str, right: str, stored: Any) -> str:
    """Return the verdict and what it rests on."""
    said = chance(stored.match_probability)
    if stored.verdict_code == "rejected":
        return "rejected: a person judged them different, and that outranks every weight."
    if stored.verdict_code == "match":
        return f"match: both are in {view.cluster_of(left)}, {_held_by(view, left, right, stored)}."
    threshold = linkage_of(view, stored.kind_code).thresholds
    reaches = view.has_its_rules and odds(stored.match_probability) >= threshold.match
    if stored.verdict_code == "displaced":
        also = (
            ""
            if reaches or not view.has_its_rules
            else f" By itself it falls short of a match as well: that takes {probability(threshold.match):.2f}."
        )
        return f"displaced by {stored.displaced_by}: {_displacement(view, left, right, stored)} Its probability, rivals set against it, is {said}.{also}"
    if not view.has_its_rules:
        return f"possible: left to a person; its probability, rivals set against it, is {said}."
    if reaches:
        return f"possible: its probability of {said} would do for a match, yet other claims of their clusters are not at least possible with each other, or a judgement parts them. It is left to a person."
    return f"possible: its probability, rivals set against it, is {said}; a match takes {probability(threshold.match):.2f} ({plain(threshold.match)} bits). It is left to a person."


def _held_by(view: View, left: str, right: str, stored: Any) -> str:
    said = f"a probability of {chance(stored.match_probability)}, rivals set against it"
    bases = {str(view.own.at[one, "link_basis_code"]) for one in (left, right)}
    if bases == {"judgement"}:
        return f"{BASES['judgement']} ({said})"
    if view.has_its_rules:
        least = linkage_of(view, stored.kind_code).thresholds.match
        if odds(stored.match_probability) >= least:
            return f"with {said}, where {probability(least):.2f} is enough"
        return f"with {said}, which by itself would not do: others of the cluster hold them together"
    return f"with {said}"


def _displacement(view: View, left: str, right: str, stored: Any) -> str:
    """Return who took whose place."""
    rival = str(stored.displaced_by)
    own = view.monitor_of(rival)
    kept, lost = (right, left) if view.monitor_of(left) == own else (left, right)
    title = view.title(own)
    place = (
        f"{title} makes one claim per incident, and {rival} holds that place beside {kept}, so {lost} can't."
    )
    won = view.verdict(rival, kept)
    if won is None:
        return f"{place} {rival} and {kept} came together by others of their cluster."
    return f"{place} {rival} and {kept} weigh {signed(won.match_weight)} bits and have a probability of {chance(won.match_probability)}; this pair weighs {signed(stored.match_weight)}."


def _against_rivals(view: View, left: str, right: str, stored: Any) -> Part:
    """Return the pair's own odds, those with its rivals set against it, and who the rivals are."""
    alone = probability(stored.match_weight)
    lines = [
        f"By itself {signed(stored.match_weight)} bits are {odds_text(stored.match_weight)}, a probability of {chance(alone)}."
    ]
    if stored.verdict_code == "rejected":
        return Part("Against rivals", (*lines, "A person judged the pair, so rivals are no matter."))
    taken = stored.match_weight - odds(stored.match_probability)
    lines.append(
        f"With its rivals set against it, {chance(stored.match_probability)}: rivals take {taken:.2f} bits."
        if taken > LEAST_DRAWN_BITS
        else f"With its rivals set against it, {chance(stored.match_probability)}: they take next to nothing."
    )
    rows, strict = [], False
    for one, other in ((left, right), (right, left)):
        monitor = view.monitor_of(other)
        rule = view.rules.monitors.get(monitor)
        if rule is None or rule.claims_per_incident != "one":
            lines.append(
                f"{view.title(monitor)} may claim one {stored.kind_code} several times: for {one}, its claims are no rivals of each other."
            )
            continue
        strict = True
        pairs = view.pairs_of(one)
        whose = view.claims["monitor"].reindex(pairs["other"]).to_numpy()
        rivals = pairs[(whose == monitor) & (pairs["other"] != other).to_numpy()]
        if rivals.empty:
            lines.append(f"No other claim of {view.title(monitor)} is at least possible for {one}.")
        rows += [
            (
                one,
                str(rival.other),
                signed(rival.match_weight),
                chance(rival.match_probability),
                str(rival.verdict_code),
            )
            for rival in records(rivals.head(LISTED))
        ]
    rivals_grid = (
        Grid(("For", "Rival", "Bits", "Probability", "Verdict"), tuple(rows), frozenset({2, 3}))
        if rows
        else None
    )
    linkage = linkage_of(view, stored.kind_code)
    faint = f"Pairs from {plain(linkage.thresholds.rival)} to {plain(linkage.thresholds.possible)} bits count against it as well; a run does not list them."
    return Part(
        "Against rivals", tuple(lines), rivals_grid, (faint,) if strict and view.has_its_rules else ()
    )


def _waterfall(view: View, weighed: Weighed, heading: str) -> Part:
    """Return every comparison with its level and bits, added up from the prior to the match weight."""
    linkage = linkage_of(view, weighed.kind)
    bits = level_bits(linkage)
    prior = prior_bits(linkage, view.run.claims)
    steps = [(name, level, bits.get((name, level), np.nan)) for name, level in weighed.levels.items()]
    total = prior + sum(step for *_, step in steps) + weighed.rarity
    adds_up = bool(abs(total - weighed.weight) < ROUNDING_BITS)
    notes = [_rules_note(view, weighed, total, adds_up=adds_up)]
    if not adds_up:
        kept = [(name, level_title(linkage, name, level)) for name, level in weighed.levels.items()]
        kept += [
            ("rarity", f"{signed(weighed.rarity)} bits"),
            ("match weight", f"{signed(weighed.weight)} bits"),
        ]
        return Part(heading, (), Grid(("Compared", "Level, in words"), tuple(kept)), tuple(notes))
    sums = np.cumsum([0.0, prior, *(step for *_, step in steps), weighed.rarity])
    low, high = min(sums.min(), weighed.weight), max(sums.max(), weighed.weight)
    rows = [_step("prior", "Before anything is compared", None, sums[:2], (low, high))]
    for number, (name, level, _) in enumerate(steps, start=1):
        rule = linkage.comparisons.get(name, {}).get(level)
        shares = (f"{rule.m:g}", share_text(rule.u)) if rule else None
        words = level_title(linkage, name, level)
        rows.append(_step(name, words, shares, sums[number : number + 2], (low, high)))
    rows.append(_step("rarity", "What is agreed on is rare, or common", None, sums[-2:], (low, high)))
    bar = _bar(0.0, weighed.weight, (low, high), "=")
    rows.append(("match weight", "", "", "", "", signed(weighed.weight), bar))
    headers = ("Compared", "Level, in words", "m", "u", "Bits", "Sum", "0 is at |")
    grid = Grid(headers, tuple(rows), frozenset({2, 3, 4, 5}), frozenset({0, 2, 3, 4, 5, 6}))
    if weighed.split:
        notes.insert(0, _rarity_note(weighed))
    alike = _alike(view, weighed)
    return Part(heading, (), grid, (*notes, *alike))


def _rules_note(view: View, weighed: Weighed, total: float, *, adds_up: bool) -> str:
    if not weighed.is_stored:
        return "Weighed now, from the run's tables and by its rules."
    if view.has_its_rules and adds_up:
        return f"Prior, levels and rarity add up to {signed(weighed.weight)} bits, the weight that the run states."
    changed = f"The rules have changed since this run (digest {view.run.rules_digest[:8]}, now {view.rules.digest[:8]})"
    if adds_up:
        return f"{changed}, but not in these weights: they still add up to the weight that the run states."
    if view.has_its_rules:
        return f"The levels' weights add up to {signed(total)} bits, and the run states {signed(weighed.weight)}: it was made by another version of the program, or its tables were edited. Run it again."
    return f"{changed}, and in these weights too; so only what the run stored is shown. Give the rules of the run with --rules."


def _rarity_note(weighed: Weighed) -> str:
    said = [
        f"{name} {signed(bits)} ({RARITY[weighed.kind, name]})"
        for name, bits in weighed.split.items()
        if abs(bits) >= LEAST_DRAWN_BITS
    ]
    return f"Rarity: {'; '.join(said)}." if said else "Rarity: nothing agreed on is rare or common."


def _alike(view: View, weighed: Weighed) -> tuple[str, ...]:
    """Return how many compared pairs stand on the same levels."""
    patterns = view.run.patterns[view.run.patterns["kind_code"] == weighed.kind]
    same = np.ones(len(patterns), dtype=bool)
    for column in (name for name in LEVEL_COLUMNS if name in patterns.columns):
        same &= (patterns[column] == weighed.levels.get(column.removesuffix("_level"), "")).to_numpy()
    count = int(patterns["pairs"].to_numpy()[same].sum())
    total = int(patterns["pairs"].sum())
    return (f"Of {total:,} pairs compared in this run, {count:,} stand on just these levels.",)


def _step(
    name: str, words: str, shares: tuple[str, str] | None, ends: Any, span: tuple[float, float]
) -> tuple[str, ...]:
    before, after = float(ends[0]), float(ends[1])
    bar = _bar(before, after, span, "+" if after > before else "-")
    return (name, words, *(shares or ("", "")), signed(after - before), signed(after), bar)


def _bar(before: float, after: float, span: tuple[float, float], mark: str) -> str:
    """Return a bar from one sum to the next: told apart by its sign and its place, so that no colour is needed."""
    low, high = min(span[0], 0.0), max(span[1], 0.0)
    scale = (BAR - 1) / max(high - low, 1.0)
    zero, first, last = (round((one - low) * scale) for one in (0.0, min(before, after), max(before, after)))
    cells = [" "] * (BAR + 1)
    if abs(after - before) >= LEAST_DRAWN_BITS:
        # A bar lies on its own side of the line at 0; the shortest is one mark.
        for cell in range(first, max(last, first + 1)):
            cells[cell + (cell >= zero)] = mark
    cells[zero] = "|"
    return "".join(cells).rstrip()


# ---- a pair without a verdict --------------------------------------------------------------------------------------


def _unlisted(view: View, left: str, right: str) -> Explanation:
    """Return why the run keeps no verdict of two claims."""
    title, beside = f"{left} and {right}", side_by_side(view, left, right)
    together = _together(view, left, right)
    if barred := _barred(view, left, right):
        return Explanation(title, f"never compared: {barred}{together}", (beside,))
    kind = kind_of(view, left)
    if not view.has_its_rules:
        answer = f"not listed: the run keeps no verdict of them. The rules have changed since (digest {view.run.rules_digest[:8]}, now {view.rules.digest[:8]}), so why can't be told; give the rules of the run with --rules."
        return Explanation(title, answer + together, (beside,))
    if kind == "victim" and not view.run.has_names:
        answer = "not listed: never compared, or below possible. Which of the two can't be told, since names are withheld from this run's tables; run the job with --include-names, into a folder that is safe."
        return Explanation(title, answer + together, (beside,))
    linkage = linkage_of(view, kind)
    keys, brought = _blocking(view, linkage, left, right)
    weighed = weighed_again(view, kind, left, right)
    possible = linkage.thresholds.possible
    doubts = _doubts(view, left, right)
    if brought is None:
        answer = "never compared: no blocking rule brings them together."
        heading = "What they would weigh, had they been compared"
    elif weighed.weight < possible:
        answer = f"not listed: compared, as the blocking rule {brought.code} has it, and at {signed(weighed.weight)} bits below possible ({plain(possible)} bits)."
        heading = "From levels to match weight, compared once more"
    elif doubts:
        answer = f"not listed: at {signed(weighed.weight)} bits they would be at least possible. What the run knew and its tables do not say makes the difference."
        heading = "From levels to match weight, as far as the tables say"
    else:
        answer = f"never compared: the blocking rule {brought.code} would bring them together, but so many claims share the key that it was narrowed to the very same days. The workbook's Method sheet counts what was left out."
        heading = "What they would weigh, had they been compared"
    waterfall = _waterfall(view, weighed, heading)
    return Explanation(
        title, answer + together, (beside, keys, replace(waterfall, notes=(*waterfall.notes, *doubts)))
    )


def _barred(view: View, left: str, right: str) -> str:
    """Return why two claims can't be paired, whatever they say; empty where they can."""
    for one in (left, right):
        if barred := paired_with_nothing(view, one):
            return barred
    if kind_of(view, left) != kind_of(view, right):
        return "one is an incident and the other a victim."
    if view.monitor_of(left) != view.monitor_of(right):
        return ""
    return f"both are claims of {view.title(view.monitor_of(left))}, and pairs are of two monitors."


def _together(view: View, left: str, right: str) -> str:
    """Return what holds two claims in one cluster although the run keeps no verdict of them; empty where nothing does."""
    if view.cluster_of(left) != view.cluster_of(right):
        return ""
    bases = {str(view.own.at[one, "link_basis_code"]) for one in (left, right)}
    basis = next(iter(bases)) if len(bases) == 1 else ""
    how = BASES.get(basis, "by way of others in it")
    return f" Both are in {view.cluster_of(left)} all the same, {how}."


def _blocking(view: View, linkage: Linkage, left: str, right: str) -> tuple[Part, BlockingRule | None]:
    """Return which keys two claims share, rule by rule, and the first rule that brings them together."""
    run = view.run
    both = run.claims[run.claims["claim_id"].isin([left, right])].reset_index(drop=True)
    victims = run.victims[run.victims["claim_id"].isin([left, right])]

    def brings(rule: BlockingRule) -> bool:
        return len(block(both, victims, linkage.model_copy(update={"blocking": (rule,)})).pairs) > 0

    start, end = windows_of(both)
    apart = max(int(start.max()) - int(end.min()), 0) if both["date_start"].notna().all() else None
    rows, first = [], None
    for rule in linkage.blocking:
        anywhere = {"within_days": None, "within_years": None, "only": ""}
        shares = brings(rule.model_copy(update=anywhere))
        found = shares and brings(rule)
        first = first or (rule if found else None)
        rows.append(
            (rule.code, KEYS[rule.key], "shared" if shares else "not shared", _reach(rule, apart), "yes" if found else "no")
        )  # fmt: skip
    headers = ("Blocking rule", "Key", "Here", "Has to be", "Brings them together")
    return Part("Blocking rules", (), Grid(headers, tuple(rows))), first


def _reach(rule: BlockingRule, apart: int | None) -> str:
    """Return how near two claims have to lie, and what one of them has to lack."""
    said = []
    if rule.within_days is not None:
        here = "no day stated" if apart is None else f"here {apart}"
        said.append(f"days apart at most {rule.within_days}, {here}")
    if rule.within_years is not None:
        said.append(f"years of age apart at most {rule.within_years}")
    if rule.only:
        said.append(LACKING[rule.only])
    return "; ".join(said) or "any"


def _doubts(view: View, left: str, right: str) -> tuple[str, ...]:
    """Return what may make a pair weighed from tables differ from the pair as the run weighed it."""
    doubts = []
    if view.run.has_own_places:
        doubts.append(
            "The run was told places of its job's own, which its tables do not hold: towns may lie elsewhere."
        )
    if not view.run.has_names:
        layouts = {str(view.claims.at[one, "layout"]) for one in (left, right)}
        restricted = {
            str(rule.field)
            for monitor in view.rules.monitors.values()
            for layout in monitor.layouts
            if layout.id in layouts
            for rule in layout.restricted_rules()
        }
        if restricted & COMPARED_FIELDS:
            doubts.append(
                f"Withheld from the run's tables, and so compared as not stated: {', '.join(sorted(restricted & COMPARED_FIELDS))}."
            )
    return tuple(doubts)
