"""Linkage against other tools, on generated claims of known truth and on labelled sets.

    python benchmarks/linkage.py --sizes 10k,100k --tools reconcile,splink,recordlinkage,dedupe --kinds incidents,victims
    python benchmarks/linkage.py --gold FOLDER --tools reconcile,splink

Every tool runs in a process of its own and in turn, round by round, so that ratios hold when the machine's speed drifts.
The other tools live in an environment of their own: `--peers-python` or PEERS_PYTHON names its interpreter.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from gold import prepare
from scoring import Truth, one_per_monitor, score_clusters, score_pairs, truth_of

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
SUFFIXES = {"k": 1_000, "M": 1_000_000}
KB_PER_MB = 1024
COLUMNS = (
    ("n", "claims"),
    ("tool", "tool"),
    ("rounds", "rounds"),
    ("own s", "own_seconds"),
    ("÷ splink", "ratio"),
    ("wall s", "wall_seconds"),
    ("CPU s", "cpu_seconds"),
    ("peak MB", "peak_mb"),
    ("candidates", "candidates"),
    ("P", "precision"),
    ("R", "recall"),
    ("F1 at cut", "f1"),
    ("F1 best", "best_f1"),
    ("F1 one per monitor", "one_f1"),
    ("ceiling", "ceiling"),
)


@dataclass(frozen=True, slots=True)
class Tool:
    """One way to link.

    Attributes:
        runner: file of `peers/`.
        is_ours: whether it runs in this environment; the others run in the peers' one.
        more: arguments after the usual three.
        most: claims past which it is not asked.
    """

    name: str
    runner: str
    is_ours: bool = False
    more: tuple[str, ...] = ()
    most: int = 2_000_000


WHOLE_COMMAND = Tool("reconcile link, whole command", "", is_ours=True)
TOOLS = {
    "reconcile": (Tool("reconcile", "reconcile_runner.py", is_ours=True),),
    "splink": (Tool("splink", "splink_runner.py"),),
    "recordlinkage": (
        Tool("recordlinkage ECM", "recordlinkage_runner.py", more=("ecm",)),
        Tool("recordlinkage logistic, 2,000 labels", "recordlinkage_runner.py", more=("logistic",)),
    ),
    "dedupe": (Tool("dedupe, 200 labels", "dedupe_runner.py", most=12_000),),
    "command": (WHOLE_COMMAND,),
}


@dataclass
class Measured:
    """What the rounds of one tool on one set gave."""

    tool: Tool
    runs: list[dict[str, Any]] = field(default_factory=list)
    failed: str = ""


def main() -> None:
    """Print one table, and write it as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="10k", help="claims in all, about: 10k,100k,1M")
    parser.add_argument("--tools", default="reconcile,splink", help=", ".join(TOOLS))
    parser.add_argument("--kinds", default="incidents,victims")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="where generated files are kept from run to run")
    parser.add_argument(
        "--gold", type=Path, help="labelled sets, each a folder of left.csv, right.csv, pairs.csv"
    )
    parser.add_argument("--peers-python", default=os.environ.get("PEERS_PYTHON", sys.executable))
    parser.add_argument("--json", type=Path, default=Path("linkage.json"))
    asked = parser.parse_args()
    if lost := [name for name in asked.tools.split(",") if name not in TOOLS]:
        raise SystemExit(f"--tools: no tool {', '.join(lost)}; known are {', '.join(TOOLS)}.")
    tools = [tool for name in asked.tools.split(",") for tool in TOOLS[name]]
    with tempfile.TemporaryDirectory() as temporary:
        work = asked.folder or Path(temporary)
        about = {"seed": asked.seed, "python": platform.python_version(), "cores": os.cpu_count()}
        about["versions"] = _versions(asked)
        rows: list[dict[str, Any]] = []
        for more in (_gold if asked.gold else _sets)(asked, tools, work, Path(temporary)):
            rows += more
            # Written after every set: a run at 1M is too long to lose to a fault near its end.
            asked.json.write_text(
                json.dumps({"about": about, "rows": rows}, indent=2) + "\n", encoding="utf-8"
            )
    print(_table(rows))


def _sets(
    asked: argparse.Namespace, tools: list[Tool], work: Path, temporary: Path
) -> Iterator[list[dict[str, Any]]]:
    for size in asked.sizes.split(","):
        for kind in asked.kinds.split(","):
            yield _measure(_generated(work, kind, size, asked.seed), kind, tools, asked, temporary)


def _generated(work: Path, kind: str, size: str, seed: int) -> Path:
    claims = int(float(size.rstrip("kM")) * SUFFIXES.get(size[-1], 1))
    folder = work / f"{size}-{seed}"
    if not (folder / f"about_{kind}.json").exists():
        subprocess.run(
            [
                sys.executable,
                str(HERE / "generate.py"),
                str(folder),
                "--claims",
                str(claims),
                "--seed",
                str(seed),
                "--kinds",
                kind,
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return folder


# ---- running ---------------------------------------------------------------------------------------------------------


def _measure(
    folder: Path, kind: str, tools: list[Tool], asked: argparse.Namespace, temporary: Path, title: str = ""
) -> list[dict[str, Any]]:
    about = _about(folder, kind)
    wanted = [Measured(tool) for tool in tools if about["claims"] <= tool.most]
    for number in range(asked.rounds):
        for measured in wanted:
            if measured.failed:
                continue
            out = temporary / f"{folder.name}-{kind}-{tools.index(measured.tool)}"
            try:
                measured.runs.append(_run(measured.tool, kind, folder, out, asked.peers_python))
            except subprocess.CalledProcessError as fault:
                lines = [line for line in fault.stderr.splitlines() if line[:1].strip()]
                measured.failed = lines[-1] if lines else "no message"
            told = measured.failed or f"{measured.runs[-1]['own_seconds']:.2f} s"
            print(
                f"{folder.name} {kind}, round {number + 1}, {measured.tool.name}: {told}",
                file=sys.stderr,
                flush=True,
            )
    claim_ids, truth = _truth(folder, kind)
    rows = []
    for measured in wanted:
        splink = next((other.runs for other in wanted if other.tool.name == "splink"), [])
        out = temporary / f"{folder.name}-{kind}-{tools.index(measured.tool)}"
        row = _row(measured, splink, out, truth)
        if measured.runs and not measured.failed and not measured.tool.runner:
            row |= _score_links(out / "links.csv", claim_ids, about["sides"], truth)
        rows.append({"kind": title or kind, "claims": about["claims"]} | row)
    return rows


def _run(tool: Tool, kind: str, folder: Path, out: Path, peers_python: str) -> dict[str, Any]:
    """Run one tool once; return what it says of itself and what the system says of its process."""
    out.mkdir(exist_ok=True)
    for left_over in ("pairs.parquet", "clusters.parquet", "run.json"):
        (out / left_over).unlink(missing_ok=True)
    if tool.runner:
        interpreter = sys.executable if tool.is_ours else peers_python
        command = [interpreter, str(HERE / "peers" / tool.runner), kind, str(folder), str(out), *tool.more]
    else:
        command = _link_command(kind, _about(folder, kind), out)
    errors = out / "stderr.txt"
    start = time.perf_counter()
    with errors.open("w", encoding="utf-8") as stream:
        started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stream)
        _, status, used = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if started.returncode:
        raise subprocess.CalledProcessError(
            started.returncode,
            command,
            stderr=errors.read_text(encoding="utf-8") or f"exit code {started.returncode}",
        )
    found = {"wall_seconds": wall, "cpu_seconds": used.ru_utime + used.ru_stime}
    if tool.runner:
        return json.loads((out / "run.json").read_text(encoding="utf-8")) | found
    # A whole command is timed as a whole: reading two CSV files as downloaded to writing links.csv.
    return {
        "own_seconds": wall,
        "steps": {},
        "peak_mb": used.ru_maxrss / KB_PER_MB,
        "candidates": None,
    } | found


def _link_command(kind: str, about: dict[str, Any], out: Path) -> list[str]:
    return [
        sys.executable, "-m", "reconcile.cli", "link", *about["files"],
        "--monitors", about["monitors"], "--kind", kind.removesuffix("s"), "-o", str(out / "links.csv"),
    ]  # fmt: skip


def _about(folder: Path, kind: str) -> dict[str, Any]:
    """Return what a folder says of itself, and which two files of it `reconcile link` is given."""
    generated = {
        "files": [str(folder / f"{kind}_gen_{name}.csv") for name in "ab"],
        "monitors": ",".join(str(HERE / "rules" / f"gen_{name}.yaml") for name in "ab"),
        "sides": ["gen_a", "gen_b"],
    }
    return generated | json.loads((folder / f"about_{kind}.json").read_text(encoding="utf-8"))


# ---- scoring ---------------------------------------------------------------------------------------------------------


def _truth(folder: Path, kind: str) -> tuple[pd.Series[str], Truth]:
    table = pd.read_csv(folder / f"truth_{kind}.csv", dtype={"claim_id": "str"})
    monitor = pd.factorize(table["claim_id"].str.split(":").str[0])[0]
    return table["claim_id"], truth_of(table["event_id"].to_numpy(), monitor.astype(np.int64))


def _row(measured: Measured, splink: list[dict[str, Any]], out: Path, truth: Truth) -> dict[str, Any]:
    row: dict[str, Any] = {
        "tool": measured.tool.name,
        "rounds": len(measured.runs),
        "failed": measured.failed,
    }
    if measured.failed or not measured.runs:
        return row
    for name in ("own_seconds", "wall_seconds", "cpu_seconds", "peak_mb"):
        row[name] = round(statistics.median(run[name] for run in measured.runs), 2)
    ratios = [
        ours["own_seconds"] / theirs["own_seconds"]
        for ours, theirs in zip(measured.runs, splink, strict=False)
    ]
    row["ratio"] = round(statistics.median(ratios), 3) if ratios and measured.tool.runner else None
    last = measured.runs[-1]
    row |= {"steps": last["steps"], "candidates": last["candidates"]}
    if not measured.tool.runner:
        return row
    pairs = pd.read_parquet(out / "pairs.parquet")
    scored = score_pairs(pairs, truth, last["cut"])
    row |= scored["at_cut"] | {"best_f1": scored["best"]["f1"], "ceiling": scored["ceiling"]}
    row |= {
        "best_cut": scored["best_cut"],
        "listed_pairs": scored["listed_pairs"],
        "clusters_by": last["clusters_by"] or "greedy",
    }
    if (out / "clusters.parquet").exists():
        table = pd.read_parquet(out / "clusters.parquet")
        cluster = np.arange(len(truth.event), dtype=np.int64) + 1 + int(table["cluster"].max())
        cluster[table["row"].to_numpy()] = table["cluster"].to_numpy()
        row["own_clusters"] = score_clusters(cluster, truth)
    if last["clusters_by"]:
        return row | {"one_f1": row["own_clusters"]["f1"]}
    return row | {"one_f1": score_clusters(one_per_monitor(pairs, truth, last["cut"]), truth)["f1"]}


def _score_links(links: Path, claim_ids: pd.Series[str], sides: list[str], truth: Truth) -> dict[str, Any]:
    """Score `links.csv`: its verdicts as they are, and its weights at the best cut."""
    found = pd.read_csv(links, dtype={"left_id": "str", "right_id": "str"})
    position = pd.Index(claim_ids)
    pairs = pd.DataFrame(
        {
            side: position.get_indexer(f"{monitor}:" + found[f"{side}_id"])
            for side, monitor in zip(("left", "right"), sides, strict=True)
        }
    ).assign(probability=found["match_weight"])
    asked_about = claim_ids.str.split(":").str[0].isin(sides).to_numpy()
    two = truth_of(np.where(asked_about, truth.event, -1), truth.monitor)
    matched = pairs[(found["verdict_code"] == "match").to_numpy()]
    shipped = score_pairs(matched, two, -np.inf)["at_cut"]
    scored = score_pairs(pairs, two, -np.inf)
    return shipped | {"best_f1": scored["best"]["f1"], "one_f1": shipped["f1"], "ceiling": scored["ceiling"]}


# ---- labelled sets ---------------------------------------------------------------------------------------------------


def _gold(
    asked: argparse.Namespace, tools: list[Tool], work: Path, temporary: Path
) -> Iterator[list[dict[str, Any]]]:
    # Rows of labelled sets never leave the temporary folder, which goes when the run ends.
    del work
    for source in sorted(path for path in asked.gold.iterdir() if (path / "pairs.csv").exists()):
        folder = temporary / source.name
        kind = prepare(source, folder)
        # Ours reads the files themselves, by its own rules; a runner over generated columns would be another program.
        given = [WHOLE_COMMAND if tool.is_ours else tool for tool in tools]
        yield _measure(folder, kind, list(dict.fromkeys(given)), asked, temporary, source.name)


# ---- telling ---------------------------------------------------------------------------------------------------------


def _versions(asked: argparse.Namespace) -> dict[str, str]:
    code = (
        "import importlib.metadata as m, json;"
        "print(json.dumps({d: m.version(d) for d in ('splink','duckdb','recordlinkage','dedupe','BTrees','pandas','numpy')"
        " if any(x.metadata['Name'].lower() == d.lower() for x in m.distributions())}))"
    )
    told = subprocess.run([asked.peers_python, "-c", code], capture_output=True, text=True, check=False)
    peers = json.loads(told.stdout) if told.returncode == 0 else {}
    return {f"peers {name}": version for name, version in peers.items()} | {
        "pandas": pd.__version__,
        "numpy": np.__version__,
    }


def _table(rows: list[dict[str, Any]]) -> str:
    titles = ["kind", *(title for title, _ in COLUMNS)]
    lines = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    for row in rows:
        cells = [row["kind"], *(_cell(name, row) for _, name in COLUMNS)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(name: str, row: dict[str, Any]) -> str:
    value = row.get(name)
    if row.get("failed") and name == "own_seconds" and value is None:
        return f"failed: {row['failed'][:60]}"
    if value is None:
        return "-"
    if name in {"claims", "candidates", "peak_mb"}:
        return f"{value:,.0f}"
    if name == "one_f1" and row.get("clusters_by") == "greedy":
        return f"{value:.3f}*"
    if isinstance(value, float):
        return f"{value:.2f}" if name.endswith("seconds") or name == "ratio" else f"{value:.3f}"
    return str(value)


if __name__ == "__main__":
    main()
