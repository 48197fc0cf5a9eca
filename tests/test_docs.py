"""The documentation says what the program does: generated pages are fresh, nothing is left out, examples work.

Run as a program, this file rewrites the generated pages: `python tests/test_docs.py`.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd
import pytest
import typer
from openpyxl import load_workbook
from pydantic import TypeAdapter
from ruamel.yaml import YAML
from typer.testing import CliRunner

from reconcile import correct, frames
from reconcile.cli import app
from reconcile.discrepancies import KINDS
from reconcile.evaluate import LINK_COLUMNS
from reconcile.jobs import Job
from reconcile.normalize import build_context, normalize
from reconcile.read import SourceFile, read_tables
from reconcile.read.lines import cut
from reconcile.rulefiles import load_rules
from reconcile.ruleset import (
    ClaimField,
    ColumnRule,
    Correction,
    FigureRule,
    FindingDecision,
    Grammar,
    Judgement,
    Layout,
    Monitor,
    Parser,
    Scope,
)
from reconcile.ruleset.layouts import (
    Expectation,
    GradeRung,
    Headerless,
    Section,
    SplitCodes,
    SplitRule,
    UnitRule,
    WhereRule,
)
from reconcile.views import interval_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydantic import BaseModel

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
RULES = ROOT / "rules"
AGAIN = "Generated from the code by `python tests/test_docs.py`. Do not edit."
AGAIN_FROM_RULES = "Generated from `rules/monitors` by `python tests/test_docs.py`. Do not edit."

# DESIGN, section 2: the words that code, workbook and documentation use, each in this sense only.
WORDS = (
    "monitor", "layout", "source file", "claim", "figure", "measure", "population", "scope", "incident", "victim", "total",
    "window", "origin", "coverage", "blocking rule", "candidate pair", "comparison", "comparison level", "match weight",
    "match probability", "verdict", "judgement", "cluster", "discrepancy", "severity", "issue", "correction", "residual",
    "bridge", "release",
)  # fmt: skip


# ---- generated pages -----------------------------------------------------------------------------------------------


def frames_page() -> str:
    """Return docs/frames.md: every frame with its columns."""
    lines = ["# Frames", "", AGAIN, "", inspect.cleandoc(frames.__doc__ or "")]
    for frame in frames.FRAMES:
        lines += ["", f"## {frame.__name__}", "", inspect.cleandoc(frame.__doc__ or ""), ""]
        lines += _table(("column", "type", "unit", "what it is"), _coded(frames.describe(frame)))
    return "\n".join(lines) + "\n"


def kinds_page() -> str:
    """Return docs/kinds.md: every kind of discrepancy with its legend, its severity and its tolerances."""
    rules = load_rules(RULES).discrepancies.kinds
    lines = ["# Kinds of discrepancy", "", AGAIN, "", inspect.cleandoc(
        """
        **S1** resolve before publishing, **S2** explain, **S3** note. Severities and tolerances stand in
        [rules/discrepancies.yaml](../rules/discrepancies.yaml) and can be changed there.
        """
    ), ""]  # fmt: skip
    overview = [
        (f"[{kind.code}](#{kind.code.lower()})", kind.title, rules[kind.code].severity) for kind in KINDS
    ]
    lines += _table(("code", "kind", "severity"), overview)
    for kind in KINDS:
        rule = rules[kind.code]
        given = ", ".join(f"`{name}` {value:g}" for name, value in rule.parameters.items())
        lines += ["", f"## {kind.code}", "", f"**{kind.title}.** {kind.legend}", ""]
        lines += [f"{rule.severity}: {rule.reason}." + (f" Tolerances: {given}." if given else "")]
    return "\n".join(lines) + "\n"


# What the codes of rule files mean, in words.
SEEN = {"real_export": "real export", "codebook": "no export, but a codebook", "unverified": "unverified"}
ZEROS = {"none_reported": "nobody was reported", "nothing_known": "nothing is known"}
BLANKS = {"not_stated": "nothing is stated", "vague": "somebody, and nobody could say how many"}
DEATHS = {"direct": "direct deaths", "indirect": "indirect deaths", "both": "direct and indirect deaths"}
SHARED = {
    "one": "two records are two incidents",
    "many": "several records may tell of one incident",
}
# Alternatives of one column that a header may have, of which so many are told.
ALTERNATIVES = 4


def monitors_page() -> str:
    """Return docs/monitors.md: every monitor with what it counts and how its exports are told."""
    monitors = load_rules(RULES).monitors.values()
    lines = ["# Monitors", "", AGAIN_FROM_RULES, "", inspect.cleandoc(
        """
        Each monitor is a file below [rules/monitors](../rules/monitors); `reconcile monitors show ID` prints how each of its
        columns is read, and [add a monitor](add-a-monitor.md) says what such a file may state. The licence is that of the
        exports: none of them is part of this repository, and what may be passed on is between you and the publisher.

        A header is compared without regard to case, underscores and the width of spaces. Of a monitor without a layout no
        export is read; its claims come through others, in [the totals sheet](add-a-monitor.md#the-totals-sheet) for
        instance. "Gives way" is a layout of nobody's in particular, taken where no other one is recognised. What a layout was
        written from stands in the last column: a real export, a codebook or programs that read such files, or neither of
        them, which each run then says (unverified).
        """
    ), ""]  # fmt: skip
    overview = [
        (
            f"[{monitor.title}](#{_anchor(monitor.title)})",
            f"`{monitor.id}`",
            monitor.scope.population_code,
            monitor.unit_code.replace("_", " "),
            ", ".join(dict.fromkeys(layout.kind_code for layout in monitor.layouts)) or "through others",
        )
        for monitor in monitors
    ]
    lines += _table(("monitor", "id", "counts", "one record is", "read as"), overview)
    for monitor in monitors:
        lines += ["", f"## {monitor.title}", "", *_monitor_lines(monitor)]
    return "\n".join(lines) + "\n"


def _monitor_lines(monitor: Monitor) -> Iterator[str]:
    scope = monitor.scope
    publisher = f"[{monitor.publisher}]({monitor.homepage})" if monitor.homepage else monitor.publisher
    yield f"`{monitor.id}`: {_sentence(publisher)} {_sentence(_oneline(monitor.reason))} {_sentence(_oneline(scope.reason))}"
    yield ""
    counted = f"{scope.population_code}; {DEATHS[scope.direct_code]}{'; named persons only' if scope.named_only else ''}"
    unit = monitor.unit_code.replace("_", " ")
    shared = f"one {unit}" + (
        "" if unit in {"person", "total"} else f"; {SHARED[monitor.claims_per_incident]}"
    )
    rows = [
        ("kind", monitor.kind_code),
        ("counts", counted),
        ("attackers", scope.attackers),
        ("threshold", scope.threshold),
        ("window", scope.window),
        ("region", scope.region),
        ("a zero means", ZEROS[scope.zero_code]),
        ("a blank means", BLANKS[scope.blank_code]),
        ("one record is", shared),
        ("headline", _headline(monitor)),
        ("codebook", scope.source),
        ("licence", monitor.licence),
        ("attribution", monitor.attribution),
    ]
    yield from _table(("", ""), [(name, _oneline(value)) for name, value in rows if value])
    if monitor.layouts:
        layouts = [
            (
                f"`{layout.id}`: {_oneline(layout.title)}",
                layout.kind_code,
                _recognised(layout),
                _seen(layout),
            )
            for layout in monitor.layouts
        ]
        yield ""
        yield from _table(("layout", "claims", "recognised by", "written from"), layouts)


def _headline(monitor: Monitor) -> str:
    return ", ".join(rung.title for rung in monitor.grade_rungs if rung.headline)


def _recognised(layout: Layout) -> str:
    """Return how the program tells that a file is of the layout."""
    if layout.reads_with:
        each = ", once for each number in the header" if layout.for_each else ""
        return f"reads the rows of `{layout.reads_with}` again{each}; ids end in `:{layout.id_suffix}`"
    if layout.grammar:
        return f"a printed text, by the grammar [{layout.grammar}](../rules/grammars/{layout.grammar}.yaml)"
    groups = [f"`{name}`" for name in layout.required]
    others = dict.fromkeys(group for group in layout.any_of if not set(group) <= set(layout.required))
    groups += map(_alternatives, others)
    told = [f"HXL tags: {', '.join(groups)}" if layout.hxl else ", ".join(groups)]
    if layout.header_row > 1:
        told.append(f"in row {layout.header_row}")
    if layout.headerless:
        told.append(f"without header by its {len(layout.headerless.order)} columns")
    if layout.group_mark:
        told.append(f"groups before `{layout.group_mark}` are passed over")
    return "; ".join([*told, *(["gives way"] if layout.gives_way else [])])


def _alternatives(names: Sequence[str]) -> str:
    told = " / ".join(f"`{name}`" for name in names[:ALTERNATIVES])
    more = len(names) - ALTERNATIVES
    return f"{'one of ' if len(names) > 1 else ''}{told}{f' and {more} more' if more > 0 else ''}"


def _seen(layout: Layout) -> str:
    if layout.reads_with and not layout.source:
        return f"as `{layout.reads_with}`"
    return _oneline(f"{SEEN[layout.seen_code]}{f': {layout.source}' if layout.source else ''}")


def _oneline(text: str) -> str:
    return " ".join(text.split())


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def commands_page() -> str:
    """Return docs/commands.md: every command with its arguments and options, as its help says them."""
    lines = ["# Commands", "", AGAIN]
    for name, command in _commands():
        text, _, example = (command.help or "").partition("Example: ")
        usage = " ".join([name, *("[OPTIONS]" for _ in [1] if _options(command)), *_placeholders(command)])
        lines += ["", f"## {name}", "", text.strip(), "", "```", usage, "```"]
        lines += ["", f"Example: `{example.strip()}`"] if example else []
        rows = [(_spelling(one), one.help or "", _default(one)) for one in command.params]
        lines += ["", *_table(("argument or option", "meaning", "default"), rows)] if rows else []
    return "\n".join(lines) + "\n"


def _table(header: tuple[str, ...], rows: Any) -> list[str]:
    def row(cells: Any) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"

    return [row(header), "|" + "---|" * len(header), *(row(cells) for cells in rows)]


def _coded(rows: Any) -> Iterator[tuple[str, ...]]:
    return ((f"`{name}`", *rest) for name, *rest in rows)


def _commands() -> Iterator[tuple[str, Any]]:
    """Yield the name and the command object of the program, its commands and their commands."""
    waiting: list[tuple[str, Any]] = [("reconcile", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop(0)
        yield name, command
        waiting = [
            (f"{name} {part}", one) for part, one in getattr(command, "commands", {}).items()
        ] + waiting


def _options(command: Any) -> list[Any]:
    return [one for one in command.params if one.param_type_name == "option"]


def _placeholders(command: Any) -> list[str]:
    stated = [one.metavar or one.name.upper() for one in command.params if one.param_type_name == "argument"]
    return stated + (["COMMAND"] if getattr(command, "commands", None) else [])


def _spelling(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name.upper()}`"
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return ", ".join(f"`{one}{value}`" for one in parameter.opts)


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    silent = parameter.default is None or parameter.default is False
    return "" if silent else f"`{parameter.default}`"


PAGES: dict[str, Callable[[], str]] = {
    "frames.md": frames_page,
    "kinds.md": kinds_page,
    "monitors.md": monitors_page,
    "commands.md": commands_page,
}


def write_page(name: str) -> None:
    """Write one generated page."""
    (DOCS / name).write_text(PAGES[name](), encoding="utf-8", newline="\n")


@pytest.mark.parametrize("name", PAGES)
def test_generated_page_is_fresh(name: str) -> None:
    """A generated page says what the code says now."""
    if os.environ.get("RECONCILE_ACCEPT"):
        write_page(name)

    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run: python tests/test_docs.py"


# ---- nothing is left out -------------------------------------------------------------------------------------------


def _text(*names: str) -> str:
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names)


def _pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / part / "README.md" for part in ("reports", "benchmarks", "fixtures"))])  # fmt: skip


@pytest.mark.parametrize(
    ("name", "command"), list(_commands()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_every_option_in_help_is_documented(name: str, command: Any) -> None:
    """Each option that `--help` prints stands in docs/commands.md, under its command."""
    helped = CliRunner().invoke(app, [*name.split()[1:], "--help"], env={"COLUMNS": "200"})
    section = _text("docs/commands.md").split(f"\n## {name}\n")[1].split("\n## ")[0]
    printed = set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", helped.stdout.partition("Options:")[2])) - {"--help"}

    assert helped.exit_code == 0
    assert {option for option in printed if f"`{option}" not in section} == set()
    assert command.help


def test_every_monitor_and_kind_is_documented() -> None:
    """Each rule file of a monitor is named in the README, each kind that a rule file knows has its section."""
    monitors = {path.stem for path in (RULES / "monitors").glob("*.yaml")}
    kinds = YAML(typ="safe").load(_text("rules/discrepancies.yaml"))["kinds"]

    assert {name for name in monitors if f"`{name}`" not in _text("README.md")} == set()
    assert {code for code in kinds if f"\n## {code}\n" not in _text("docs/kinds.md")} == set()


@pytest.mark.parametrize("word", WORDS)
def test_glossary_has_every_word(word: str) -> None:
    """Each word of the project's vocabulary has an entry of its own."""
    assert f"\n**{word}**" in _text("docs/glossary.md")


@pytest.mark.parametrize("page", _pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_relative_links_resolve(page: Path) -> None:
    """Each link from page to page, and each anchor in it, leads somewhere."""
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)

    assert broken == []


def _anchors(page: Path) -> set[str]:
    return set(map(_anchor, re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)))


def _anchor(heading: str) -> str:
    """Return what a link to a heading ends in."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_index_leads_to_every_page() -> None:
    """Each page below docs/ is linked from its index."""
    index = _text("docs/index.md")
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - {"index.md"}

    assert {page for page in pages if f"]({page})" not in index} == set()


def _built(config: Path, site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config), "--site-dir", str(site)],
        capture_output=True, check=False, encoding="utf-8", env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip


def test_site_builds(tmp_path: Path) -> None:
    """`make docs` has nothing to remark, each page of docs/ is a page of the site, and none of them loads anything from elsewhere."""
    built = _built(ROOT / "mkdocs.yml", tmp_path / "site")
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    made = {path.relative_to(tmp_path / "site"): path for path in (tmp_path / "site").rglob("*.html")}
    loaded = re.compile(r"<(?:script|link|img)[^>]+(?:src|href)=\"(?:https?:)?//")

    assert (built.returncode, "WARNING" in built.stderr) == (0, False), built.stderr
    assert pages - set(made) == set()
    assert {name for name, path in made.items() if loaded.search(path.read_text(encoding="utf-8"))} == set()


@pytest.mark.parametrize(
    ("text", "told"), [("[gone](gone.md)", "gone.md"), ("[gone](index.md#gone)", "#gone"), ("", "")]
)
def test_site_refuses_what_leads_nowhere(tmp_path: Path, text: str, told: str) -> None:
    """A broken link, a broken anchor and a page that is in no menu each fail the build."""
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    page = tmp_path / "docs" / ("dates.md" if text else "orphan.md")
    page.write_text(f"# A page\n\n{text}\n", encoding="utf-8")
    built = _built(tmp_path / "mkdocs.yml", tmp_path / "site")

    assert built.returncode != 0
    assert (told or "orphan.md") in built.stderr


# Every model of which a monitor's rule file or a grammar is made.
MODELS: tuple[type[BaseModel], ...] = (
    Monitor, Scope, GradeRung, Layout, Headerless, UnitRule, Expectation, ColumnRule, FigureRule, WhereRule, SplitRule,
    SplitCodes, Grammar, Section,
)  # fmt: skip


def _keys(model: type[BaseModel]) -> list[str]:
    """Return the keys of a model as files write them."""
    return [field.alias or name for name, field in model.model_fields.items()]


@pytest.mark.parametrize(
    "names",
    [get_args(Parser), get_args(ClaimField), *map(_keys, MODELS)],
    ids=["parsers", "fields", *(model.__name__ for model in MODELS)],
)
def test_rule_file_page_explains_every_key(names: Any) -> None:
    """docs/add-a-monitor.md names every key, parser and field that a rule file or a grammar may use."""
    page = _text("docs/add-a-monitor.md")

    assert {name for name in names if f"`{name}`" not in page} == set()


def test_totals_sheet_page_explains_every_column() -> None:
    """docs/add-a-monitor.md has a row for each column of the totals sheet."""
    (layout,) = (one for one in load_rules(RULES).monitors["totals"].layouts if one.id == "totals_sheet")
    page = _text("docs/add-a-monitor.md")

    assert {name for name in layout.columns if f"\n| `{name}` |" not in page} == set()


def test_corrections_page_names_every_column() -> None:
    """docs/reading-the-workbook.md lists what a correction may set."""
    allowed = (*correct.TEXT_COLUMNS, *correct.DAY_COLUMNS, *correct.NUMBER_COLUMNS)
    page = _text("docs/reading-the-workbook.md")

    assert {name for name in allowed if f"`{name}`" not in page} == set()


# ---- examples work -------------------------------------------------------------------------------------------------


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", _text(page), re.DOTALL)


def _examples() -> Iterator[tuple[str, str]]:
    for page in _pages():
        name = page.relative_to(ROOT).as_posix()
        yield from ((name, block) for block in _blocks(name, "yaml"))


@pytest.mark.parametrize(("page", "block"), list(_examples()))
def test_yaml_examples_load(page: str, block: str) -> None:
    """Each YAML example is a job, a rule file, a layout, or a list of judgements or corrections that loads."""
    content = YAML(typ="safe").load(block)
    kinds: dict[str, Any] = {
        "inputs": Job,
        "layouts": Monitor,
        "columns": Layout,
        "starts": Grammar,
        "finding": tuple[FindingDecision, ...],
        "left": tuple[Judgement, ...],
        "claim_id": tuple[Correction, ...],
    }
    keys = set(content[0] if isinstance(content, list) else content)
    (kind,) = [model for key, model in kinds.items() if key in keys]

    assert TypeAdapter(kind).validate_python(content), page


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the rules, the invented monitors and grammar of docs/add-a-monitor.md among them, and their exports."""
    folder = tmp_path_factory.mktemp("invented")
    shutil.copytree(RULES, folder / "rules")
    for block in (one for one in _blocks("docs/add-a-monitor.md", "yaml") if one.startswith("id: ")):
        name, part = (
            block.partition("\n")[0].removeprefix("id: "),
            "grammars" if "\nstarts:" in block else "monitors",
        )
        (folder / "rules" / part / f"{name}.yaml").write_text(block, encoding="utf-8")
    for name, begins in (("acme.csv", "Acme"), ("bell.csv", "Day,Place,")):
        export = next(one for one in _blocks("docs/add-a-monitor.md", "csv") if one.startswith(begins))
        (folder / name).write_text(export, encoding="utf-8")
    return folder


def test_invented_monitors_are_without_fault(invented: Path) -> None:
    """The rule files that docs/add-a-monitor.md writes pass `rules check`."""
    checked = CliRunner().invoke(app, ["rules", "check", str(invented / "rules")])

    assert checked.exit_code == 0
    assert "no faults" in checked.stdout


def test_invented_monitor_is_read_as_shown(invented: Path) -> None:
    """`reconcile check` says of the invented export what docs/add-a-monitor.md shows."""
    checked = CliRunner().invoke(
        app, ["check", str(invented / "acme.csv"), "--rules", str(invented / "rules")]
    )
    (shown,) = (block for block in _blocks("docs/add-a-monitor.md", "text") if "acme.csv:" in block)

    assert checked.stdout.strip() == shown.strip()


def test_companions_make_the_claims_shown(invented: Path) -> None:
    """The export with companions makes the claims and numbers that docs/add-a-monitor.md lists, and no others."""
    rules = load_rules(invented / "rules")
    monitor = rules.monitors["bell"]
    source = SourceFile("bell.csv", (invented / "bell.csv").read_bytes())
    (table,) = read_tables(source, list(rules.monitors.values()))
    draft = normalize(table, monitor, monitor.layouts[0], build_context(rules, "airwars"))
    made = draft.figures.assign(
        claim_id=draft.figures["draft_no"].map(draft.claims.set_index("draft_no")["claim_id"])
    )
    shown = re.findall(r"^\| `(bell:[^`]+)` \| (\d+) \|$", _text("docs/add-a-monitor.md"), re.MULTILINE)

    assert table.layout_id == "bell_days"
    assert {(name, f"{low:.0f}") for name, low in zip(made["claim_id"], made["low"], strict=True)} == set(
        shown
    )


def test_printed_text_is_cut_as_shown(invented: Path) -> None:
    """The grammar cuts the printed text of docs/add-a-monitor.md into the rows that the page lists."""
    grammar = load_rules(invented / "rules").grammars["bell_text"]
    (printed,) = (block for block in _blocks("docs/add-a-monitor.md", "text") if "Sampleville" in block)
    entries = cut(printed, grammar)
    rows = entries.rows[[number not in entries.aside for number in entries.numbers]].drop(columns="text")
    page = _text("docs/add-a-monitor.md")

    assert not entries.broken
    assert len(rows) == len(("the third of June", "the fourth"))
    assert all(
        f"| {' | '.join(row)} |\n".replace("|  |", "| |") in page for row in rows.itertuples(index=False)
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one run of the shipped example."""
    out = tmp_path_factory.mktemp("demo")
    ran = CliRunner().invoke(app, ["demo", "--out", str(out), "--as-of", "2024-01-01", "--quiet"])
    assert ran.exit_code == 0
    (folder,) = (out / "raqqa-2017").glob("2024-01-01-*")
    return folder


def test_readme_tells_the_figures_of_the_demo(demo: Path) -> None:
    """Each row of the README's bridge is a step that the demo lays, with its incidents and its range."""
    claims = pd.read_parquet(demo / "tables" / "figures.parquet")
    total = claims.loc[claims["verbatim"] == "117", "claim_id"].item()
    steps = pd.read_parquet(demo / "tables" / "bridge.parquet")
    steps = steps[steps["total_id"] == total]
    laid = {
        (int(n), interval_text(low, high))
        for n, low, high in zip(steps["incidents"], steps["low"], steps["high"], strict=True)
    }
    told = re.findall(r"^\|[^|\n]+\| (\d+) \| \**([\d–]+)\** \|", _text("README.md"), re.MULTILINE)

    assert {(9, "54–59"), (56, "205–228"), (88, "269–337"), (57, "205–230")} <= {(int(n), r) for n, r in told}
    assert {(int(n), r) for n, r in told} - laid == set()


def test_linkage_page_explains_a_pair_of_the_demo(demo: Path) -> None:
    """The worked example of docs/linkage.md has the levels and the weight of that pair in the demo."""
    verdicts = pd.read_parquet(demo / "tables" / "verdicts.parquet").set_index(["left_id", "right_id"])
    pair = verdicts.loc[("airwars:CS998", "cjtf_oir:R0420")]
    page = _text("docs/linkage.md")
    levels = [pair[f"{name}_level"] for name in ("date", "place", "attacker", "number", "position")]

    assert [level for level in levels if f"`{level}`" not in page] == []
    assert f"**{pair['match_weight']:.2f}**" in page
    assert f"{pair['rarity_bits']:.2f}" in page


def test_files_page_names_all_that_a_run_writes(demo: Path) -> None:
    """docs/exit-codes-and-files.md names every file of a run, every key of `run.json`, every column of links.csv."""
    page = _text("docs/exit-codes-and-files.md")
    written = {path.name for path in (*demo.rglob("*.*"), demo.parent / "latest.json")}
    summary = json.loads((demo / "run.json").read_text(encoding="utf-8"))
    keys = {*summary, *summary["inputs"][0], *summary["totals"], *LINK_COLUMNS}
    keys |= set(json.loads((demo / "timings.json").read_text(encoding="utf-8")))
    keys |= set(json.loads((demo.parent / "latest.json").read_text(encoding="utf-8")))

    assert len(written) > len(("discrepancies.xlsx", "run.json", "timings.json"))
    assert {name for name in written | keys if f"`{name}`" not in page} == set()


def test_workbook_page_names_every_sheet_and_column(demo: Path) -> None:
    """docs/reading-the-workbook.md has a section for each sheet, and in it each column that has no monitor's name."""
    page = _text("docs/reading-the-workbook.md")
    sections = {part.partition("\n")[0]: part for part in page.split("\n## ")}
    book = load_workbook(demo / "discrepancies.xlsx", read_only=True)
    tables = ("Discrepancies", "Totals", "Series", "Possible matches", "Issues", "Incidents")
    headers = {name: next(book[name].iter_rows(max_row=1, values_only=True)) for name in tables}
    book.close()
    plain = {(name, text) for name, row in headers.items() for text in row if ": " not in text}

    assert [name for name in book.sheetnames if name not in sections] == []
    assert {(name, text) for name, text in plain if f"**{text}**" not in sections[name]} == set()


def test_example_kind_finds_what_its_page_says(rules: Any) -> None:
    """The kind that docs/add-a-discrepancy.md writes finds the claim published before its event, and no other."""
    from conftest import claim_row, claims_frame, figures_frame

    from reconcile.cluster import cluster
    from reconcile.discrepancies import Laid, gather_evidence

    (source,) = (
        block for block in _blocks("docs/add-a-discrepancy.md", "python") if "def find_early" in block
    )
    scope: dict[str, Any] = {}
    exec(source, scope)  # noqa: S102 - the example of our own page
    claims = claims_frame(claim_row(1, reported_on="2017-06-09"), claim_row(2, reported_on="2017-06-11"))
    figures, no_issues = figures_frame(), frames.empty(frames.Issues)
    linked = cluster(
        claims, frames.empty(frames.ComparedPairs), rules.linkage["incidents"], rules.monitors
    ).linked
    evidence = gather_evidence(
        claims, figures, linked, Laid(), no_issues, rules.monitors, rules.vocabularies,
        rules.discrepancies,
    )  # fmt: skip

    assert [finding.claim_ids for finding in scope["find_early_report"](evidence)] == [("airwars:X1",)]


if __name__ == "__main__":
    for page_name in PAGES:
        write_page(page_name)
        sys.stdout.write(f"docs/{page_name}\n")
