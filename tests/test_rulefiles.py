"""Rule files that can't be used: every fault is told at once, each with its file, its line and its key.

A file of `fixtures/rules_bad` says in its first lines where in `base/` it goes and what is said of it then: a new fault
needs a file, and no line here.
"""

from __future__ import annotations

import io
import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from ruamel.yaml import YAML

from reconcile.errors import RuleFaults, UsageFault
from reconcile.rulecheck import check_rules
from reconcile.rulefiles import (
    _Fast,
    _plain,
    _read_text,
    _read_with_lines,
    digest_folder,
    load_corrections,
    load_judgements,
    load_model,
    load_rules,
    write_schemas,
)
from reconcile.ruleset import LINKAGE_PARAMETERS, Judgement, Linkage, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reconcile.ruleset import Ruleset

BAD = ROOT / "fixtures" / "rules_bad"
CASES = sorted(BAD.glob("*.yaml"))
WINDOWS = {"code": "only", "key": "name", "within_days": 3, "reason": "a test"}
JUDGEMENT = "- {left: a:1, right: b:2, decision: same, reviewer: A. Analyst, decided_on: 2020-01-31}\n"


def stated(path: Path, what: str) -> list[str]:
    """What the first lines of a bad file say."""
    return re.findall(rf"^# {what}: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A copy of small rules without a fault, with the linkage that is shipped: it states all that the program reads."""
    rules = shutil.copytree(BAD / "base", tmp_path / "rules")
    shutil.copytree(ROOT / "rules" / "linkage", rules / "linkage", dirs_exist_ok=True)
    return rules


def faults_of(folder: Path) -> tuple[str, ...]:
    """What is said of a folder of rules."""
    with pytest.raises(RuleFaults) as caught:
        load_rules(folder)
    return caught.value.faults


def change(path: Path, old: str, new: str) -> None:
    """Replace a text that stands once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def assert_told(faults: Sequence[str], expected: Sequence[str]) -> None:
    """Every expected fault is told, in its own sentence, and nothing else is; " ... " leaves words open."""
    patterns = [".*?".join(map(re.escape, start.split(" ... "))) for start in expected]
    told = [[fault for fault in faults if re.match(pattern, fault)] for pattern in patterns]
    assert [len(found) for found in told] == [1] * len(expected), "\n".join(faults)
    assert len(faults) == len(expected), "\n".join(faults)


# ---- faults --------------------------------------------------------------------------------------------------------


def test_base_has_no_fault(base: Path) -> None:
    """What the bad files are put into is sound, so a fault is the bad file's own."""
    rules = load_rules(base)
    assert list(rules.monitors) == ["acme"]
    assert rules.places["place_id"].tolist() == ["exa_tell"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_fault_is_told_with_its_place(path: Path, base: Path) -> None:
    """A fault starts with `file:line: key:` and is the only one told."""
    (goes_to,) = stated(path, "goes to")
    shutil.copy(path, base / goes_to)
    expected = stated(path, "expects")
    assert expected
    assert_told(faults_of(base), expected)


def test_all_files_are_told_at_once(base: Path) -> None:
    """Faults of several files come together, so that a person corrects them in one go."""
    shutil.copy(BAD / "several_at_once.yaml", base / "monitors" / "acme.yaml")
    shutil.copy(BAD / "impossible_share.yaml", base / "linkage" / "incidents.yaml")
    (base / "discrepancies.yaml").unlink()
    expected = [
        *stated(BAD / "several_at_once.yaml", "expects"),
        *stated(BAD / "impossible_share.yaml", "expects"),
        "rules/discrepancies.yaml: there is no such file.",
    ]
    assert_told(faults_of(base), expected)


def test_fault_names_the_folder_in_use(base: Path, tmp_path: Path) -> None:
    """A fault in somebody's own rules does not speak of `rules/`."""
    own = base.rename(tmp_path / "own_rules")
    for bad in ("wrong_code", "alias_of_two_terms"):
        path = BAD / f"{bad}.yaml"
        shutil.copy(path, own / stated(path, "goes to")[0])
    faults = faults_of(own)
    assert len(faults) == 2
    assert all(fault.startswith("own_rules/") for fault in faults), faults


def test_file_that_is_not_utf8(base: Path) -> None:
    """A file saved in another encoding is a fault of that file."""
    (base / "vocabularies" / "grades.yaml").write_bytes("id: grades\ntitle: Café\n".encode("cp1252"))
    assert any(fault.startswith("rules/vocabularies/grades.yaml: not UTF-8") for fault in faults_of(base))


def test_places_that_cannot_be_used(base: Path) -> None:
    """A gazetteer without its columns, with an id twice, or with a word for a number is told with its file."""
    places = base / "places" / "example.csv"
    header, row = places.read_text(encoding="utf-8").splitlines()
    places.write_text("place_id,name\nexa_tell,Tell Example\n", encoding="utf-8")
    (fault,) = faults_of(base)
    assert fault.startswith("rules/places/example.csv:1: missing columns: alternates, kind_code")
    places.write_text(f"{header}\n{row}\n{row}\n", encoding="utf-8")
    (fault,) = faults_of(base)
    assert "'exa_tell' stands twice" in fault
    places.write_text(f"{header}\n{row.replace('60.1', 'north')}\n", encoding="utf-8")
    (fault,) = faults_of(base)
    assert fault.startswith("rules/places/example.csv:2: latitude: found 'north'")
    places.write_bytes(f"{header}\n{row.replace('Tell Example', 'Café')}\n".encode("cp1252"))
    (fault,) = faults_of(base)
    assert fault.startswith("rules/places/example.csv: not ")


def test_no_rules_at_all(tmp_path: Path) -> None:
    """A folder that is no folder of rules is a fault of use, with what was expected."""
    with pytest.raises(UsageFault, match="expected a folder with monitors/"):
        load_rules(tmp_path)


# ---- reading -------------------------------------------------------------------------------------------------------


def test_no_stays_norway(base: Path) -> None:
    """`NO` is text, as an alias and as a key, and so is `Yes` in quotes."""
    rules = load_rules(base)
    assert rules.vocabularies["countries"].lookup()["no"] == "NOR"
    (grade,) = rules.monitors["acme"].layouts[0].columns["grade"]
    assert grade.codes == {"NO": "soft", "Yes": "firm"}


@pytest.mark.parametrize(
    ("written", "read"),
    [("NO", "NO"), ("no", "no"), ("off", "off"), ("'1'", "1"), ('"007"', "007"), ("12:30", "12:30")],
)
def test_words_stay_words(written: str, read: str, tmp_path: Path) -> None:
    """What YAML 1.1 would turn into a truth value, a number or seconds stays as it was written."""
    path = tmp_path / "words.yaml"
    path.write_text(f"id: words\ntitle: {written}\nreason: r\nterms: {{}}\n", encoding="utf-8")
    assert load_model(path, Vocabulary).title == read


def test_number_where_text_belongs_is_a_fault(tmp_path: Path) -> None:
    """A bare 007 is a number: it is refused with its line and not turned into 7."""
    path = tmp_path / "words.yaml"
    path.write_text("id: words\ntitle: 007\nreason: r\nterms: {}\n", encoding="utf-8")
    with pytest.raises(RuleFaults, match=r"^words\.yaml:2: title: found 7; "):
        load_model(path, Vocabulary)


def test_decisions_are_read(tmp_path: Path) -> None:
    """Judgements keep ids and days; without a file, or with an empty one, there are none."""
    path = tmp_path / "judgements.yaml"
    assert load_judgements(path) == ()
    path.write_text("# none yet\n", encoding="utf-8")
    assert load_judgements(path) == ()
    path.write_text(JUDGEMENT, encoding="utf-8")
    (judgement,) = load_judgements(path)
    assert isinstance(judgement, Judgement)
    assert (judgement.left, judgement.decided_on.isoformat()) == ("a:1", "2020-01-31")


def test_faulty_decisions_are_told(tmp_path: Path) -> None:
    """A decision of an unknown kind or without its reviewer is told with its line, all of them at once."""
    path = tmp_path / "judgements.yaml"
    path.write_text(
        JUDGEMENT + JUDGEMENT.replace("same", "sane") + JUDGEMENT.replace("reviewer: A. Analyst, ", ""),
        encoding="utf-8",
    )
    with pytest.raises(RuleFaults) as caught:
        load_judgements(path)
    assert_told(
        caught.value.faults,
        [
            "judgements.yaml:2: 1.decision: found 'sane'; allowed are 'same', 'different', 'part_of' or 'unsure'.",
            "judgements.yaml:3: 2.reviewer: missing",
        ],
    )
    path = tmp_path / "corrections.yaml"
    path.write_text("claim_id: a:1\n", encoding="utf-8")
    with pytest.raises(RuleFaults, match=r"^corrections\.yaml:1: "):
        load_corrections(path)


# ---- rules beside the program --------------------------------------------------------------------------------------


def without(rules: Ruleset, comparison: str, level: str) -> Ruleset:
    """Rules that lack one level of a comparison."""
    linkage = rules.linkage["incidents"]
    levels = {name: rule for name, rule in linkage.comparisons[comparison].items() if name != level}  # type: ignore[index]
    changed = linkage.model_copy(update={"comparisons": linkage.comparisons | {comparison: levels}})
    return rules.model_copy(update={"linkage": rules.linkage | {"incidents": changed}})


def test_shipped_rules_fit_the_program(rules: Ruleset) -> None:
    """What is shipped names every kind and comparison that the program has."""
    check_rules(rules)


def test_kinds_and_comparisons_that_are_missing(rules: Ruleset) -> None:
    """A kind that has no severity, one that nobody knows, and a comparison without levels are told together."""
    kinds = dict(rules.discrepancies.kinds)
    kinds["CNT-DISH"] = kinds.pop("CNT-DISJ")
    linkage = rules.linkage["incidents"]
    comparisons = {name: levels for name, levels in linkage.comparisons.items() if name != "place"}
    changed = rules.model_copy(
        update={
            "discrepancies": rules.discrepancies.model_copy(update={"kinds": kinds}),
            "linkage": rules.linkage | {"incidents": linkage.model_copy(update={"comparisons": comparisons})},
        }
    )
    with pytest.raises(RuleFaults) as caught:
        check_rules(changed)
    told = "\n".join(caught.value.faults)
    assert len(caught.value.faults) == 3
    for part in ("CNT-DISJ is missing", "CNT-DISH is no kind", "place is missing"):
        assert part in told


def test_level_that_is_missing(rules: Ruleset) -> None:
    """A level that the program may reach and no file weighs is told by the check, before a run stumbles over it."""
    with pytest.raises(RuleFaults, match="far"):
        check_rules(without(rules, "place", "far"))


@pytest.mark.parametrize("kind", ["incidents", "victims"])
def test_level_and_comparison_that_nobody_knows(rules: Ruleset, kind: str) -> None:
    """A level, and a comparison, that the program never reaches is told: a misspelling would else weigh nothing, in silence."""
    linkage = rules.linkage[kind]
    levels = linkage.comparisons["date"]
    strange = {"date": levels | {"same_week": levels["same_day"]}, "weather": levels}
    changed = linkage.model_copy(update={"comparisons": linkage.comparisons | strange})
    with pytest.raises(RuleFaults) as caught:
        check_rules(rules.model_copy(update={"linkage": rules.linkage | {kind: changed}}))
    assert len(caught.value.faults) == 2
    for part in (f"linkage/{kind}.yaml", "same_week is no level", "weather is no comparison"):
        assert part in "\n".join(caught.value.faults)


@pytest.mark.parametrize("kind", ["incidents", "victims"])
def test_linkage_that_is_missing(rules: Ruleset, kind: str) -> None:
    """A kind of claim without rules of linkage is told by its file."""
    linkages = {name: linkage for name, linkage in rules.linkage.items() if name != kind}
    with pytest.raises(RuleFaults, match=rf"linkage/{kind}\.yaml:\d+: there is no such file"):
        check_rules(rules.model_copy(update={"linkage": linkages}))


@pytest.mark.parametrize("kind", ["incidents", "victims"])
def test_parameter_of_linkage_that_is_missing(rules: Ruleset, kind: str) -> None:
    """A number that a comparison reads and no file states is told."""
    linkage = rules.linkage[kind]
    for lost in LINKAGE_PARAMETERS[linkage.kind_code]:
        kept = {name: number for name, number in linkage.parameters.items() if name != lost}
        changed = rules.linkage | {kind: linkage.model_copy(update={"parameters": kept})}
        with pytest.raises(RuleFaults, match=f"{lost} is missing"):
            check_rules(rules.model_copy(update={"linkage": changed}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prior_bits": -1.0, "expected_share": 0.5}, "exactly one of `prior_bits` and `expected_share`"),
        ({"prior_bits": None, "expected_share": None}, "exactly one of `prior_bits` and `expected_share`"),
        ({"rarity_floor_bits": 1.0}, "rarity_floor_bits"),
        ({"thresholds": {"match": -3.0, "possible": -1.0, "rival": -4.0, "reason": "r"}}, "in that order"),
        ({"thresholds": {"match": 0.0, "possible": -1.0, "rival": 0.0, "reason": "r"}}, "in that order"),
        ({"blocking": [WINDOWS | {"within_years": 1}]}, "a rule looks at days or at ages"),
        ({"blocking": [WINDOWS | {"only": "undated"}]}, "a rule looks at days or at ages"),
    ],
)
def test_linkage_that_contradicts_itself(rules: Ruleset, change: dict[str, Any], said: str) -> None:
    """Two priors or none, thresholds out of order, and a window of days where days are missing, are refused."""
    stated = rules.linkage["victims"].model_dump()
    assert Linkage(**stated)
    with pytest.raises(ValidationError, match=said):
        Linkage(**stated | change)


def test_tolerance_that_is_missing(rules: Ruleset) -> None:
    """A kind without a parameter its function reads is told by the check, before a run stumbles over it."""
    kinds = dict(rules.discrepancies.kinds)
    kinds["CNT-SPREAD"] = kinds["CNT-SPREAD"].model_copy(update={"parameters": {"ratio": 2}})
    changed = rules.discrepancies.model_copy(update={"kinds": kinds})
    with pytest.raises(RuleFaults, match="persons"):
        check_rules(rules.model_copy(update={"discrepancies": changed}))


# ---- digest, schemas -----------------------------------------------------------------------------------------------


def test_digest_changes_with_content(base: Path) -> None:
    """A changed word, a new file and a new name change the digest; a note beside the rules does not."""
    digests = [digest_folder(base)]
    change(base / "monitors" / "acme.yaml", "licence: invented", "licence: public domain")
    digests.append(digest_folder(base))
    shutil.copy(base / "places" / "example.csv", base / "places" / "other.csv")
    digests.append(digest_folder(base))
    (base / "places" / "other.csv").rename(base / "places" / "another.csv")
    digests.append(digest_folder(base))
    assert len(set(digests)) == 4
    (base / "README.md").write_text("a note", encoding="utf-8")
    assert digest_folder(base) == digests[-1]


def test_digest_ignores_line_ends(base: Path) -> None:
    """A checkout on Windows has the digest of one on Linux, and the rules' own digest is that of the folder."""
    before = digest_folder(base)
    assert load_rules(base).digest == before
    for path in (*base.rglob("*.yaml"), *base.rglob("*.csv")):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert digest_folder(base) == before
    assert load_rules(base).digest == before


def test_schemas_are_written_the_same_each_time(tmp_path: Path) -> None:
    """Each kind of rule file has a JSON Schema that refuses unknown keys, byte for byte the same."""
    first, second = write_schemas(tmp_path / "a", {}), write_schemas(tmp_path / "b", {})
    assert [path.name for path in first] == [
        "discrepancies.json",
        "grammar.json",
        "health.json",
        "linkage.json",
        "monitor.json",
        "prose.json",
        "vocabulary.json",
    ]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
        assert json.loads(one.read_text(encoding="utf-8"))["additionalProperties"] is False


# ---- the two readers -----------------------------------------------------------------------------------------------

SCALARS = (
    "NO", "yes", "true", "False", "null", "~", "''", "'1'", "1", "-9", "+3", "007", "0o17", "0x1F", "1_000", "1.5", "-0.25", ".5", "1.", "1e3", "1.5e-3", ".inf",
    "-.inf", ".nan", "12:30", "1:30:15", "2017-06-18", "2017-02-31", "2017-06-18T12:30:00Z", "16-17", "1.2.3", "=", "a: b", "a:b", "- x", "# x", "a #b", "الرقة",
    "[1, two]", "{a: 1, b: [x]}", "[a:b]", "{a:1}", "|\n  x\n  y", ">\n  x\n  y", "'it''s'", '"\\u0041"', "*a", "!!str 5", "!x y", "<<", "@x", "`x", "%x", "x\ty", "", " ",
)  # fmt: skip


def read_both(text: str) -> tuple[object, object]:
    """What the two readers make of a text: the one that runs, and the one that knows lines."""
    fast, slow = [], []
    document = _read_text(text, "x.yaml", fast)
    with_lines = _read_with_lines(text, "x.yaml", slow)
    assert fast == slow
    return document and document.content, with_lines and with_lines.content


@pytest.mark.parametrize("scalar", SCALARS)
def test_readers_agree_on_a_scalar(scalar: str) -> None:
    """What a value means does not hang on which reader read it; NO stays Norway, and a day is text."""
    fast, slow = read_both(f"key: {scalar}\nlist:\n  - {scalar}\n")
    assert repr(fast) == repr(slow)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("abcNO 12:#-", min_size=1, max_size=6), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_readers_agree_on_any_document(document: object) -> None:
    """Any document that a writer writes is read alike by both."""
    out = io.StringIO()
    YAML(typ="safe", pure=True).dump(document, out)
    fast, slow = read_both(out.getvalue())
    assert repr(fast) == repr(slow)


@pytest.mark.parametrize("path", sorted((ROOT / "rules").rglob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_files_need_the_fast_reader_only(path: Path) -> None:
    """Every shipped rule file is read by the fast reader alone, and alike by both."""
    text = path.read_text(encoding="utf-8")
    fast, slow = read_both(text)
    assert repr(fast) == repr(slow)
    assert repr(_plain(yaml.load(text, Loader=_Fast))) == repr(slow)  # noqa: S506 - a safe loader
