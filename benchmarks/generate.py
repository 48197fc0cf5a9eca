"""Generate labelled claims: incidents and named victims, as three monitors would publish them.

    python benchmarks/generate.py FOLDER --claims 10000 [--seed 7] [--kinds incidents,victims]

A truth is drawn first; each of three monitors reports each event with probability 0.6, with its own errors. Area and
time both grow with the root of the size, so that the density of events, and with it the difficulty, stays the same from
10k to 1M. The same seed and the same versions of numpy, pandas and pyarrow give the same bytes. Every place and person is invented.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from cleaning import clean_incidents, clean_victims
from invented import MOST_SPELLINGS, WordKind, Words, heavy_tailed, invent, joined, spelled

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Texts = npt.NDArray[np.object_]
    Rng = np.random.Generator

MONITORS = ("gen_a", "gen_b", "gen_c")
KINDS = ("incidents", "victims")
COVERED, DUPLICATED = 0.6, 0.02
FIRST_DAY = np.datetime64("2012-01-01")
COUNTRY = "Yemen"
# The box of 1M claims; smaller sets take a corner of it. The country only lends the box and the attackers' names.
BOX_AT_MILLION, CORNER = (5.25, 7.0), (12.4, 43.0)
DAYS_AT_MILLION, TOWNS_AT_MILLION, GOVERNORATES_AT_MILLION = 5000, 4000, 40
MILLION = 1_000_000
# Past 2 M some towns lie beyond the border: linking does not mind, a whole run says so of each claim.
MOST_CLAIMS = 3_000_000
KM_PER_DEGREE = 111.2
BURST_MEAN, BURST_DAYS = 2.2, 12.0
# Attackers as published, their shares, and the broader one that a monitor may name instead.
ATTACKERS = (
    "Saudi-led Coalition",
    "Saudi Arabia",
    "United Arab Emirates",
    "Houthis",
    "Government of Yemen",
    "AQAP",
    "United States",
)
ATTACKER_SHARES = (0.2, 0.14, 0.1, 0.34, 0.1, 0.05, 0.07)
BROADER = (0, 0, 0, 3, 4, 5, 6)
# At 0.26 a claim, the numbers of two claims differ in 45 of 100 pairs.
NUMBER_ERROR = 0.26
PRECISION_SHARES = (0.2, 0.3, 0.25, 0.15, 0.1)
JITTER_KM = (2.0, 8.0, 0.0, 15.0, 0.0)
TOWN_CENTRE, DISTRICT, GOVERNORATE = 3, 4, 5
ARABIC_SHARE = (0.0, 0.0, 0.5)
# How often each monitor writes the grandfather.
GRANDFATHER_SHARE = (0.85, 0.55, 0.7)


@dataclass(frozen=True, slots=True)
class World:
    """Where and when: what incidents and victims of one size share.

    Attributes:
        towns: names.
        town_at: latitude and longitude of each town.
        town_shares: how much happens in each.
        shire: governorate of each town.
        shires: names of the governorates.
        shire_at: their centroids.
        days: how many days there are.
        habits: towns x monitors; the spelling a monitor mostly uses.
        beside: the nearest other town, which a claim may name instead.
    """

    towns: Words
    town_at: Floats
    town_shares: Floats
    shire: Ints
    shires: Texts
    shire_at: Floats
    days: int
    habits: Ints
    beside: Ints


@dataclass(frozen=True, slots=True)
class Reports:
    """Which event each claim reports, and which monitor makes it."""

    event: Ints
    monitor: Ints


def main() -> None:
    """Write one folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--claims", type=int, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kinds", default=",".join(KINDS))
    asked = parser.parse_args()
    for kind in asked.kinds.split(","):
        print(json.dumps(generate(asked.folder, kind, asked.claims, asked.seed)))


def generate(folder: Path, kind: str, claims: int, seed: int) -> dict[str, object]:
    """Write the files of one kind; return what they hold and what cleaning them cost.

    Args:
        folder: made where it is not there.
        kind: incidents or victims.
        claims: how many, about.
        seed: of every draw.
    """
    if claims > MOST_CLAIMS:
        raise SystemExit(
            f"--claims: found {claims}; at most {MOST_CLAIMS}, past which the towns leave their country."
        )
    folder.mkdir(parents=True, exist_ok=True)
    # Each kind has its own stream, so that asking for one of them changes nothing in the other.
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    made, event, codes = (_incidents if kind == "incidents" else _victims)(rng, claims)
    claim_id = made["monitor"] + ":" + made["native_id"]
    order = np.argsort(claim_id.to_numpy(dtype=str), kind="stable")
    made = made.iloc[order].reset_index(drop=True).astype({"monitor": "str"})
    claim_id, event = claim_id.iloc[order].reset_index(drop=True), event[order]
    codes = codes.iloc[order].reset_index(drop=True)
    for monitor in MONITORS:
        # The id's column bears the monitor's name, by which the program knows whose export it is.
        own = (
            made[made["monitor"] == monitor]
            .drop(columns="monitor")
            .rename(columns={"native_id": f"{monitor}_id"})
        )
        own.to_csv(folder / f"{kind}_{monitor}.csv", index=False, lineterminator="\n")
    made.to_parquet(folder / f"claims_{kind}.parquet", index=False)
    truth = pd.DataFrame({"claim_id": claim_id, "event_id": event})
    truth.to_csv(folder / f"truth_{kind}.csv", index=False, lineterminator="\n")
    start = time.perf_counter()
    cleaned = (clean_incidents if kind == "incidents" else clean_victims)(made)
    took = time.perf_counter() - start
    cleaned.to_parquet(folder / f"clean_{kind}.parquet", index=False)
    counts = np.bincount(codes["monitor"].to_numpy(), minlength=len(MONITORS))
    about = {
        "kind": kind,
        "seed": seed,
        "claims": len(made),
        "events": int(pd.Series(event).nunique()),
        "claims_by_monitor": {name: int(number) for name, number in zip(MONITORS, counts, strict=True)},
        "cleaning_seconds": round(took, 3),
    }
    (folder / f"about_{kind}.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return about


# ---- where and when --------------------------------------------------------------------------------------------------


def _world(rng: Rng, claims: int) -> World:
    scale = float(np.sqrt(claims / MILLION))
    towns = max(round(TOWNS_AT_MILLION * scale), 12)
    shires = max(round(GOVERNORATES_AT_MILLION * scale), 2)
    side = np.sqrt(scale)
    at = np.array(CORNER) + rng.random((towns, 2)) * np.array(BOX_AT_MILLION) * side
    # Governorates are what lies nearest to a seat, so that they are compact and of like size.
    seats = np.array(CORNER) + _spread(rng, shires) * np.array(BOX_AT_MILLION) * side
    shire = np.argmin(((at[:, None, :] - seats[None, :, :]) ** 2).sum(axis=2), axis=1).astype(np.int64)
    size = np.exp(rng.normal(0, 0.8, towns))
    names = invent(rng, towns, WordKind(article_share=0.35, noun_share=0.15, feminine_share=0.35))
    # Some towns have a second name that no folding brings back to the first.
    second = np.flatnonzero(_either(rng, towns, 0.08))
    names.spellings[second, -1] = invent(rng, len(second), WordKind()).spellings[:, 0]
    apart = ((at[:, None, :] - at[None, :, :]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    return World(
        towns=names,
        town_at=at,
        town_shares=size / size.sum(),
        shire=shire,
        shires=invent(rng, shires, WordKind(syllables=(3,), syllable_shares=(1.0,))).spellings[:, 0],
        shire_at=seats,
        days=max(round(DAYS_AT_MILLION * scale), 60),
        habits=rng.integers(0, MOST_SPELLINGS, (towns, len(MONITORS))),
        beside=np.argmin(apart, axis=1),
    )


def _spread(rng: Rng, count: int) -> Floats:
    """Return points of the unit square, one in each cell of a grid as far as it goes."""
    wide = int(np.ceil(np.sqrt(count)))
    cell = np.arange(wide * wide)
    points = (np.stack([cell // wide, cell % wide], axis=1) + 0.2 + 0.6 * rng.random((wide * wide, 2))) / wide
    return np.asarray(points[rng.permutation(wide * wide)[:count]])


def _bursts(rng: Rng, world: World, count: int) -> tuple[Ints, Ints, Ints]:
    """Return burst, town and day of each event: war comes to a town for some weeks."""
    burst = np.repeat(np.arange(count), rng.geometric(1 / BURST_MEAN, count))[:count]
    town = rng.choice(len(world.towns), count, p=world.town_shares)[burst]
    centre = rng.random(count)[burst] * world.days
    day = np.floor(centre + rng.normal(0, BURST_DAYS, count)).astype(np.int64)
    return burst, town, np.clip(day, 0, world.days - 1)


def _reports(rng: Rng, events: int) -> Reports:
    event, monitor = [], []
    for code in range(len(MONITORS)):
        seen = np.flatnonzero(rng.random(events) < COVERED)
        twice = seen[rng.random(len(seen)) < DUPLICATED]
        event += [seen, twice]
        monitor.append(np.full(len(seen) + len(twice), code))
    return Reports(np.concatenate(event), np.concatenate(monitor))


def _native_ids(rng: Rng, reports: Reports) -> Texts:
    # Numbered in no order, so that neither ids nor the order of rows tell who belongs together.
    ids = np.empty(len(reports.event), dtype=object)
    for code in range(len(MONITORS)):
        rows = np.flatnonzero(reports.monitor == code)
        ids[rows] = [f"{'ABC'[code]}{number:07d}" for number in rng.permutation(len(rows)) + 1]
    return ids


def _either(rng: Rng, size: int, share: float | Floats) -> Bools:
    return np.asarray(rng.random(size) < share)


def _slipped(rng: Rng, days: Ints, share: float) -> Ints:
    step = rng.choice([-2, -1, 1, 2], len(days), p=[0.14, 0.36, 0.36, 0.14])
    return days + np.where(_either(rng, len(days), share), step, 0)


def _towns(rng: Rng, world: World, town: Ints, monitor: Ints) -> tuple[Texts, Texts]:
    """Return towns as published, in Latin and in Arabic: some misspelled, and some the next town instead."""
    size = len(town)
    named = np.where(_either(rng, size, 0.05), world.beside[town], town)
    usual = _either(rng, size, 0.6)
    spelling = np.where(usual, world.habits[named, monitor], rng.integers(0, MOST_SPELLINGS, size))
    return _mistyped(rng, spelled(world.towns, named, spelling)), world.towns.native[named]


def _iso(days: Ints) -> Texts:
    return np.datetime_as_string(FIRST_DAY + days.astype("timedelta64[D]"), unit="D").astype(object)


def _shires(rng: Rng, world: World, town: Ints, missing: float) -> Texts:
    """Return governorates as published: some not stated, and one in a hundred the wrong one."""
    shire = np.where(
        _either(rng, len(town), 0.01), rng.integers(0, len(world.shires), len(town)), world.shire[town]
    )
    return np.where(_either(rng, len(town), missing), "", world.shires[shire])


# ---- incidents -------------------------------------------------------------------------------------------------------


def _incidents(rng: Rng, claims: int) -> tuple[pd.DataFrame, Ints, pd.DataFrame]:
    world = _world(rng, claims)
    events = round(claims / (len(MONITORS) * COVERED * (1 + DUPLICATED)))
    burst, town, day = _bursts(rng, world, events)
    leaning = rng.choice(len(ATTACKERS), events, p=ATTACKER_SHARES)[burst]
    other = rng.choice(len(ATTACKERS), events, p=ATTACKER_SHARES)
    attacker = np.where(_either(rng, events, 0.8), leaning, other)
    killed = np.floor(np.exp(rng.normal(0.9, 1.0, events))).astype(np.int64)
    injured = np.floor(killed * np.exp(rng.normal(0.4, 0.7, events))).astype(np.int64)
    spot = world.town_at[town] + rng.normal(0, 2.0 / KM_PER_DEGREE, (events, 2))
    reports = _reports(rng, events)
    at, who, size = reports.event, reports.monitor, len(reports.event)
    here = town[at]

    start = _slipped(rng, day[at], 0.25)
    reach = np.where(_either(rng, size, 0.07), rng.integers(1, 6, size), 0)
    start = start - np.where(reach > 0, rng.integers(0, 6, size) % (reach + 1), 0)
    precision = rng.choice(np.arange(1, 6), size, p=PRECISION_SHARES)
    where = _points(rng, world, spot[at], here, precision)
    unlocated = _either(rng, size, 0.1)
    where[unlocated] = np.nan
    named = np.where(_either(rng, size, 0.2), np.array(BROADER)[attacker[at]], attacker[at])
    named = np.where(_either(rng, size, 0.03), rng.choice(len(ATTACKERS), size, p=ATTACKER_SHARES), named)
    native = _either(rng, size, 0.1)
    low, best, high = _numbers(rng, killed[at])
    hurt = _numbers(rng, injured[at])[1].astype(object)
    hurt[_either(rng, size, 0.3)] = None
    latin, letters = _towns(rng, world, here, who)
    made = pd.DataFrame(
        {
            "monitor": np.array(MONITORS, dtype=object)[who],
            "native_id": _native_ids(rng, reports),
            "date": _iso(start),
            "date_end": np.where(reach > 0, _iso(start + reach), ""),
            # One in five of those with the native name has no other.
            "town": np.where(native & _either(rng, size, 0.2), "", latin),
            "town_native": np.where(native, letters, ""),
            "governorate": _shires(rng, world, here, 0.05),
            "country": COUNTRY,
            "latitude": np.round(where[:, 0], 5),
            "longitude": np.round(where[:, 1], 5),
            "location_precision": np.where(unlocated, "", precision.astype(str).astype(object)),
            "attacker": np.where(_either(rng, size, 0.15), "", np.array(ATTACKERS, dtype=object)[named]),
            "killed_low": low,
            "killed_best": best,
            "killed_high": high,
            "injured": pd.array(hurt, dtype="Int64"),
        }
    )
    return made, at, pd.DataFrame({"monitor": who})


def _points(rng: Rng, world: World, spot: Floats, town: Ints, precision: Ints) -> Floats:
    """Return coordinates as published: near the spot, near the town, or the centroid of something coarser."""
    base = np.where((precision < TOWN_CENTRE)[:, None], spot, world.town_at[town])
    base = np.where((precision == GOVERNORATE)[:, None], world.shire_at[world.shire[town]], base)
    away = np.array(JITTER_KM)[precision - 1] * np.sqrt(rng.random(len(town)))
    turn = rng.random(len(town)) * 2 * np.pi
    north = away * np.cos(turn) / KM_PER_DEGREE
    east = away * np.sin(turn) / (KM_PER_DEGREE * np.cos(np.radians(base[:, 0])))
    return base + np.stack([north, east], axis=1)


def _numbers(rng: Rng, true: Ints) -> tuple[Ints, Ints, Ints]:
    """Return low, best and high: some off by a person or two, or by a factor, and some given as a range."""
    size = len(true)
    small = rng.choice([-2, -1, 1, 2], size, p=[0.15, 0.35, 0.35, 0.15])
    factor = np.rint(true * np.exp(rng.normal(0, 0.4, size))).astype(np.int64)
    off = np.where(_either(rng, size, 0.5), true + small, factor)
    best = np.maximum(np.where(_either(rng, size, NUMBER_ERROR), off, true), 0)
    ranged = _either(rng, size, 0.3)
    spread = 1 + best // 4
    low = np.maximum(best - np.where(ranged, rng.integers(0, 3, size) * spread, 0), 0)
    high = best + np.where(ranged, rng.integers(0, 3, size) * spread, 0)
    return low, best, high


# ---- victims ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Persons:
    """Those who died.

    Attributes:
        names: persons x (given, father, grandfather, family), codes of words; given and fathers share one pool.
        female: whether they are.
        age: in years.
    """

    names: Ints
    female: Bools
    age: Ints


def _victims(rng: Rng, claims: int) -> tuple[pd.DataFrame, Ints, pd.DataFrame]:
    world = _world(rng, claims)
    persons = round(claims / (len(MONITORS) * COVERED * (1 + DUPLICATED)))
    _, town, day = _bursts(rng, world, persons)
    # Households die in one incident, several of them in some.
    household = np.repeat(np.arange(persons), rng.geometric(1 / 1.7, persons))[:persons]
    incident = np.repeat(np.arange(persons), rng.geometric(1 / 1.6, persons))[household]
    town, day = town[incident], day[incident]
    given = invent(rng, 600, WordKind(servant_share=0.1, feminine_share=0.2))
    # Family names grow in number as places do: a wider area has other families.
    families = invent(
        rng,
        max(round(4000 * np.sqrt(claims / MILLION)), 100),
        WordKind(article_share=0.4, feminine_share=0.2),
    )
    people = _households(rng, household, len(given), len(families))
    reports = _reports(rng, persons)
    at, who, size = reports.event, reports.monitor, len(reports.event)
    here = town[at]

    arabic = _either(rng, size, np.array(ARABIC_SHARE)[who])
    names = _names(rng, people, at, who, (given, families))
    age = people.age[at] + np.where(_either(rng, size, 0.2), rng.choice([-2, -1, 1, 2], size), 0)
    age = np.maximum(age, 0).astype(object)
    age[_either(rng, size, 0.15)] = None
    wrong = _either(rng, size, 0.01)
    sex = np.where(people.female[at] ^ wrong, "female", "male").astype(object)
    where = _towns(rng, world, here, who)[0]
    made = pd.DataFrame(
        {
            "monitor": np.array(MONITORS, dtype=object)[who],
            "native_id": _native_ids(rng, reports),
            "name": np.where(arabic, "", names[0]),
            "name_native": np.where(arabic, names[1], ""),
            "age": pd.array(age, dtype="Int64"),
            "sex": np.where(_either(rng, size, 0.05), "", sex),
            "date_of_death": np.where(_either(rng, size, 0.05), "", _iso(_slipped(rng, day[at], 0.25))),
            "town": np.where(_either(rng, size, 0.2), "", where),
            "governorate": _shires(rng, world, here, 0.08),
            "country": COUNTRY,
        }
    )
    return made, at, pd.DataFrame({"monitor": who})


def _households(rng: Rng, household: Ints, given: int, families: int) -> Persons:
    """Return persons by household: its head, then spouses, children and siblings of the head."""
    size = len(household)
    common = heavy_tailed(rng, given, 0.9)
    head, father, grandfather = (rng.choice(given, size, p=common)[household] for _ in range(3))
    family = rng.choice(families, size, p=heavy_tailed(rng, families, 0.7))[household]
    own, married = rng.choice(given, size, p=common), rng.choice(given, size, p=common)
    first = np.concatenate([[True], household[1:] != household[:-1]])
    role = np.where(first, 0, rng.choice([1, 2, 3], size, p=[0.15, 0.65, 0.2]))
    maiden = rng.choice(families, size, p=np.full(families, 1 / families))
    names = np.stack(
        [
            np.where(role == 0, head, own),
            np.choose(role, [father, married, head, father]),
            np.choose(role, [grandfather, rng.choice(given, size, p=common), father, grandfather]),
            np.where((role == 1) & _either(rng, size, 0.5), maiden, family),
        ],
        axis=1,
    )
    # A given name belongs to one sex; two in five of the pool are women's.
    female = np.where(role == 1, True, np.where(role == 0, False, names[:, 0] % 5 <= 1))
    age = np.choose(
        role,
        [
            rng.integers(22, 75, size),
            rng.integers(18, 65, size),
            rng.integers(0, 20, size),
            rng.integers(15, 65, size),
        ],
    )
    return Persons(names, female, age)


def _names(
    rng: Rng, people: Persons, person: Ints, monitor: Ints, pools: tuple[Words, Words]
) -> tuple[Texts, Texts]:
    """Return names as published, in Latin and in Arabic letters; both with the same parts in the same order."""
    size = len(person)
    codes = people.names[person]
    given, families = pools
    parts = (given, given, given, families)
    keep = [
        np.ones(size, dtype=bool),
        ~_either(rng, size, 0.03),
        _either(rng, size, np.array(GRANDFATHER_SHARE)[monitor]),
        ~_either(rng, size, 0.02),
    ]
    latin = [
        spelled(words, codes[:, at], rng.integers(0, MOST_SPELLINGS, size)) for at, words in enumerate(parts)
    ]
    native = [words.native[codes[:, at]] for at, words in enumerate(parts)]
    extra = rng.integers(0, len(given), size)
    fifth = _either(rng, size, 0.06)
    kunya = _either(rng, size, 0.04)
    after = rng.integers(0, len(given), size)
    family_first = _either(rng, size, 0.015)
    written = []
    for texts, word, mother, father in (
        (latin, given.spellings[:, 0], "Umm ", "Abu "),
        (native, given.native, "أم ", "أبو "),
    ):
        title = np.where(people.female[person], mother, father)
        kept = [np.where(keep[at], texts[at], "") for at in range(4)]
        front = np.where(kunya, title + word[after], "")
        order = [
            front,
            np.where(family_first, kept[3], ""),
            kept[0],
            kept[1],
            kept[2],
            np.where(fifth & keep[2], word[extra], ""),
            np.where(family_first, "", kept[3]),
        ]
        written.append(joined(order))
    return _mistyped(rng, written[0]), written[1]


def _mistyped(rng: Rng, texts: Texts) -> Texts:
    """Return the texts, three in a hundred with a letter lost, doubled, replaced, or swapped with the next."""
    texts = texts.copy()
    for row in np.flatnonzero(_either(rng, len(texts), 0.03)):
        text = str(texts[row])
        at = int(rng.integers(0, max(len(text) - 1, 1)))
        letter = "abdefhiklmnorstuyz"[int(rng.integers(18))]
        texts[row] = (
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + letter + text[at + 1 :],
            text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
        )[int(rng.integers(4))]
    return texts


if __name__ == "__main__":
    main()
