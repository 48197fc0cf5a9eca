"""The command line: each command reads its arguments, calls one function, and says how it went by its exit code.

0 report written or unchanged · 1 report written, something degraded · 2 no report · 3 report written and --fail-on reached
(3 beats 1) · 4 locked by another run. `check`: 0 clean, 1 issues, 2 unreadable.
"""

from __future__ import annotations

import os
import secrets
import sys
import traceback
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import pandas as pd
import typer
from rich.table import Table

from reconcile import __version__
from reconcile.cli.catalogue import monitors_app, rules_app
from reconcile.cli.export import export_command
from reconcile.cli.options import Names, RulesDir  # noqa: TC001 - typer reads them
from reconcile.cli.shown import err, out, print_parts, print_wide, table_of
from reconcile.errors import Locked, ReconcileError, RuleFaults, UsageFault
from reconcile.evaluate import evaluate, read_links, read_pairs, with_unlisted
from reconcile.linkage import RULES_OF
from reconcile.linking import kind_of, link_files, link_options, two_sides
from reconcile.pipeline import prepare, run
from reconcile.progress import counts, ending, progress
from reconcile.request import (
    Asked,
    Request,
    cache_of,
    digest_of_request,
    gather_request,
    on_machines,
    options_of,
)
from reconcile.rulefiles import (
    load_judgements,
    load_rules,
    shipped_dir,
    write_linkage,
)
from reconcile.runs import (
    PAGE,
    Place,
    Previous,
    Stopwatch,
    job_key,
    locked,
    previous_run,
    recover,
    write_run,
)
from reconcile.threads import start_threads
from reconcile.views import records
from reconcile.visible import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.jobs import FailOn
    from reconcile.result import RunResult

app = typer.Typer(
    name="reconcile",
    help=(
        "Put the casualty claims of conflict monitors side by side, and explain every disagreement.\n\n"
        "Exit codes of run: 0 report written or unchanged, 1 written but degraded, 2 no report, "
        "3 written and --fail-on reached, 4 locked by another run. Of check: 0 clean, 1 issues, 2 unreadable."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

FAIL_ON: tuple[FailOn, ...] = ("S1", "S2", "S3", "new:S1", "new:S2", "new:S3")
ENGINES = ("local", "dask")
NO_MEMORY = "the memory that this process may use is not enough. No half-written report was left; give it more, or read fewer files."


def main() -> None:
    """Run the command line; every fault that a person can act on becomes sentences on standard error and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A Windows console may be set to a code page without Arabic: no place name may stop a run.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    try:
        app()
    except RuleFaults as faults:
        _say_faults(faults.faults, faults.exit_code)
        raise SystemExit(faults.exit_code) from None
    except ReconcileError as fault:
        _say_faults([f"reconcile: {fault}"], fault.exit_code)
        raise SystemExit(fault.exit_code) from None
    except Exception as bug:  # noqa: BLE001 - its text may quote a source's cells, so only its kind and place are shown
        if _is_short_of_memory(bug):
            _end_short_of_memory()
        where = traceback.extract_tb(bug.__traceback__)[-1]
        place = f"{type(bug).__name__} in {Path(where.filename).name}:{where.lineno}"
        _say_faults(
            [
                f"reconcile: a fault of the program itself ({place}). Please report it with this line; it quotes nothing of your files."
            ]
        )
        raise SystemExit(2) from None


def _is_short_of_memory(bug: BaseException | None) -> bool:
    """Return whether an exception came of too little memory; libraries say so in words of their own, or in the second place."""
    while bug is not None:
        # Where an allocation fails that it takes for granted, the interpreter ends a call without saying why.
        if isinstance(bug, MemoryError | SystemError) or any(
            words in str(bug) for words in ("allocate memory", "worker thread")
        ):
            return True
        bug = bug.__cause__ or bug.__context__
    return False


def _end_short_of_memory() -> NoReturn:
    try:
        _say_faults([f"reconcile: {NO_MEMORY}"])
    except MemoryError:
        # Python's own end would be exit code 1, which promises a report.
        os.write(2, NO_MEMORY.encode())
        os._exit(2)
    raise SystemExit(2) from None


def _say_faults(sentences: Sequence[str], exit_code: int = 2) -> None:
    if "--log-json" in sys.argv:
        from reconcile.logs import make_log  # noqa: PLC0415 - see `_carry_out`

        log = make_log(as_json=True, quiet=True)
        for sentence in sentences:
            log.error(
                printable(sentence),
                exit_code=exit_code,
                reason="locked" if exit_code == Locked.exit_code else "no report",
            )
        return
    for sentence in sentences:
        err.print(printable(sentence), markup=False)


def _version(value: bool) -> None:  # noqa: FBT001 - typer's callback
    if value:
        out.print(f"reconcile {__version__}")
        raise typer.Exit


def _day(text: str | None) -> date:
    # The only clock that a result may depend on.
    if text is None:
        return datetime.now().astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2017-06-18.") from None


def _levels(told: list[str] | None) -> tuple[str, ...]:
    wanted = tuple(level for text in told or () for level in text.split(","))
    if lost := [level for level in wanted if level not in FAIL_ON]:
        raise UsageFault(f"--fail-on: {', '.join(lost)} is not a level; allowed are {', '.join(FAIL_ON)}.")
    return wanted


@app.callback()
def _root(
    version: Annotated[  # noqa: FBT002 - a flag is a flag
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


# ---- run, demo, check ----------------------------------------------------------------------------------------------


Files = Annotated[
    # Addresses are files too, and a path would fold their slashes.
    list[str], typer.Argument(metavar="JOB.yaml | FILES...", help="A job file, or the exports themselves.")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder for reports (default: the job's `out`, or reports/).")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Day the run speaks of (default: today).")
]
State = Annotated[
    Path | None,
    typer.Option("--state", metavar="DIR", help="Folder for lock and key (default: beside the job)."),
]
Quantities = Annotated[
    str | None,
    typer.Option("--quantities", metavar="PROFILE", help="How vague words are read: airwars, acled or wide."),
]
FailOnOption = Annotated[
    list[str] | None,
    typer.Option("--fail-on", help="S1, S2, S3, or new:S1 ...: exit 3 where open findings reach it."),
]
Html = Annotated[bool, typer.Option("--html", help="Write report.html too: one page that opens offline.")]
LogJson = Annotated[
    bool,
    typer.Option(
        "--log-json", help="JSON lines on standard error: one a stage, the last with the exit code."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say warnings and errors only.")]
TwoMonitors = Annotated[
    str, typer.Option("--monitors", metavar="A,B", help="Ids of the two monitors, or paths of rule files.")
]
KindOption = Annotated[str, typer.Option("--kind", help="What is linked: incident or victim.")]
Workers = Annotated[
    int,
    typer.Option(
        "--workers",
        min=1,
        help="Processes of this machine at work at the same time; each takes memory of its own.",
    ),
]


@app.command("run")
def run_command(  # noqa: PLR0913, PLR0917 - the grammar of the command, one parameter an option
    files: Files,
    out_dir: Out = None,
    as_of: AsOf = None,
    rules_dir: RulesDir = None,
    state: State = None,
    quantities: Quantities = None,
    fail_on: FailOnOption = None,
    include_names: Names = False,  # noqa: FBT002
    html: Html = False,  # noqa: FBT002
    log_json: LogJson = False,  # noqa: FBT002
    quiet: Quiet = False,  # noqa: FBT002
    workers: Workers = 1,
    engine: Annotated[
        str, typer.Option("--engine", help="Where it runs: local, or dask: on several processes or machines.")
    ] = "local",
    scheduler: Annotated[
        str, typer.Option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster, for --engine dask.")
    ] = "",
) -> None:
    """Reconcile a job or files into a report.

    Example: reconcile run raqqa.yaml --as-of 2017-07-01 --fail-on S1
    """
    if engine not in ENGINES:
        raise UsageFault(f"--engine: {engine!r} is none; allowed are {', '.join(ENGINES)}.")
    if scheduler and engine != "dask":
        raise UsageFault("--scheduler: names a cluster of Dask; write --engine dask too.")
    request = gather_request(
        Asked(
            files,
            _day(as_of),
            out_dir,
            rules_dir,
            state,
            quantities,
            _levels(fail_on),
            include_names=include_names,
            html=html,
            far=engine == "dask",
        )
    )
    machines = scheduler if engine == "dask" else None
    _carry_out(request, workers, log_json=log_json, quiet=quiet, machines=machines)


@app.command()
def demo(
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for reports.")] = Path("reports"),
    as_of: AsOf = None,
    html: Html = False,  # noqa: FBT002
    quiet: Quiet = False,  # noqa: FBT002
) -> None:
    """Run the shipped example: why “117” is not “205–228”.

    Example: reconcile demo --out reports
    """
    job = shipped_dir("demo") / "job.yaml"
    state = out_dir / "raqqa-2017" / ".reconcile"
    request = gather_request(Asked([str(job)], _day(as_of), out_dir, state=state, html=html))
    _carry_out(request, 1, log_json=False, quiet=quiet)


@app.command()
def check(
    files: Files,
    rules_dir: RulesDir = None,
    as_of: AsOf = None,
    quantities: Quantities = None,
    quiet: Quiet = False,  # noqa: FBT002
) -> None:
    """Read, normalize and validate; print the issues and write nothing.

    Example: reconcile check ucdp_ged.csv
    """
    request = gather_request(Asked(files, _day(as_of), rules_dir=rules_dir, quantities=quantities))
    options = options_of(request, Previous(), secrets.token_bytes(32), "")
    prepared = prepare(request.inputs, request.rules, options, lambda _: None)
    for account in prepared.inputs:
        remark = f" {account.health}: {account.remark}" if account.remark else ""
        out.print(
            printable(
                f"{account.file}: {account.rows_read:,} rows read, {account.claims:,} claims, {account.figures:,} figures.{remark}"
            ),
            markup=False,
        )
    worrying = prepared.valid.issues[prepared.valid.issues["severity"] != "note"]
    shown = worrying if quiet else prepared.valid.issues
    for issue in records(shown):
        out.print(printable(f"{issue.severity}: {issue.source_file}: {issue.message}"), markup=False)
    is_ill = any(account.health != "ok" for account in prepared.inputs)
    raise typer.Exit(1 if len(worrying) or is_ill else 0)


def _carry_out(
    request: Request, workers: int, *, log_json: bool, quiet: bool, machines: str | None = None
) -> None:
    # Only a run logs; the others start without what that takes.
    from reconcile.logs import make_log  # noqa: PLC0415

    log = make_log(as_json=log_json, quiet=quiet)
    start_threads()
    with locked(request.state):
        place = Place(request.home, request.state, job_key(request.state))
        inputs_digest = digest_of_request(request)
        history, mended = recover(place, inputs_digest)
        before = previous_run(request.home, history, request.as_of)
        for remark in (*mended, *before.remarks):
            log.warning(printable(remark))
        if before.inputs_digest == inputs_digest:
            ended = {"exit_code": 0, "reason": "unchanged"} if log_json else {}
            log.info(
                "unchanged: inputs, rules and decisions equal the last run's; nothing was written",
                folder=str(request.home / before.folder),
                **ended,
            )
            return
        if before.is_replay:
            log.info(
                "a run of a later day is there; this one is compared with what stood before it",
                as_of=str(request.as_of),
                previous=before.folder or "none",
            )
        cache, past = cache_of(request, place.key), before.past()
        if past.remark:
            log.warning(printable(past.remark))
        options = options_of(request, before, place.key, inputs_digest, workers, cache, past)
        watch = Stopwatch()
        with progress(log, watch, err, log_json=log_json, quiet=quiet):
            with on_machines(options, machines, request.state) as equipped:
                result = run(request.inputs, request.rules, equipped, watch.mark)
            folder = write_run(result, place, watch, history, 1 if machines is not None else workers)
        if cache:
            cache.trim()
    _say_end(log, result, (*(cache.remarks if cache else ()), *result.remarks))
    code, reason = ending(result, request.fail_on, frozenset(before.first_seen))
    ended = counts(result, watch) | {"exit_code": code, "reason": reason} if log_json else {}
    log.info("report written", workbook=str(folder / "discrepancies.xlsx"), **ended)
    if not (quiet or log_json):
        _print_summary(result, folder)
    raise typer.Exit(code)


def _say_end(log: Any, result: RunResult, remarks: Sequence[str]) -> None:
    """Say what a person has to know of a run whose report is written."""
    for remark in remarks:
        log.warning(printable(remark))
    said = {account.file for account in result.inputs if account.health != "ok"}
    for account in result.inputs:
        if account.health != "ok":
            log.warning(printable(account.remark), file=account.file, health=account.health)
    for line in records(result.health[result.health["severity"] != "note"]):
        if line.code not in {"failed", "copied_release"} or line.file not in said:
            log.warning(printable(line.message), file=line.file, health=line.code)


def _print_summary(result: RunResult, folder: Path) -> None:
    read = sum(account.rows_read for account in result.inputs)
    parts = {
        name: sum(getattr(account, f"rows_{name}") for account in result.inputs)
        for name in ("claimed", "quarantined", "corrected_away", "out_of_scope", "not_data")
    }
    out.print(
        f"{read:,} rows read = "
        + " + ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in parts.items())
    )
    table = Table(show_edge=False, pad_edge=False)
    for header in ("Severity", "Code", "Findings"):
        table.add_column(header, justify="right" if header == "Findings" else "left")
    counts: Any = result.discrepancies.groupby(["severity", "code"]).size().items()
    for (severity, code), count in counts:
        table.add_row(str(severity), str(code), f"{count:,}")
    out.print(table)
    headline = result.bridge[result.bridge["is_headline"] & (result.bridge["measure_code"] == "killed")]
    stated = headline["total_id"].isin(result.claims["claim_id"])
    for step in records(headline[stated & (headline["incidents"] > 0)].head(3)):
        out.print(printable(f"{step.total_id}: {step.monitor}: {step.explanation}"), markup=False)
    out.print(f"Workbook: {folder / 'discrepancies.xlsx'}", markup=False)
    if result.facts.html:
        out.print(f"Page: {folder / PAGE}", markup=False)


# ---- link, evaluate ------------------------------------------------------------------------------------------------


@app.command()
def link(
    left: Annotated[Path, typer.Argument(help="Export of the first monitor.")],
    right: Annotated[Path, typer.Argument(help="Export of the second monitor.")],
    monitors: TwoMonitors,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write links.csv.")],
    kind: KindOption = "incident",
    rules_dir: RulesDir = None,
) -> None:
    """Match two exports, without a report.

    Example: reconcile link airwars.csv coalition.csv --monitors airwars,cjtf_oir -o links.csv
    """
    first, second, rules = two_sides(left, right, monitors, load_rules(rules_dir))
    links = link_files(first, second, rules, link_options(rules), lambda _: None, kind=kind_of(kind))
    try:
        links.to_csv(output, index=False, lineterminator="\n")
    except OSError as error:
        raise UsageFault(f"{output}: can't be written ({error.strerror}).") from None
    verdicts = links["verdict_code"].value_counts()
    out.print(
        f"{output}: "
        + ", ".join(f"{verdicts.get(code, 0):,} {code}" for code in ("match", "possible", "displaced")),
        markup=False,
    )


@app.command("train")
def train_command(
    left: Annotated[Path, typer.Argument(help="Export of the first monitor.")],
    right: Annotated[Path, typer.Argument(help="Export of the second monitor.")],
    monitors: TwoMonitors,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the trained rule file.")],
    kind: KindOption = "incident",
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="PAIRS", help="CSV with left_id and right_id of every true pair."),
    ] = None,
    judgements: Annotated[
        Path | None, typer.Option("--judgements", metavar="FILE", help="Decisions of persons, as in a job.")
    ] = None,
    rules_dir: RulesDir = None,
) -> None:
    """Estimate the weights of linkage from two exports, and write them as a new rule file.

    Without --labels and --judgements the weights are estimated from the exports alone. The file is used by putting it in the
    place of the shipped one, in a copy of the rules given by --rules.

    Example: reconcile train airwars.csv coalition.csv --monitors airwars,cjtf_oir -o incidents.yaml
    """
    from reconcile.linking import train_files  # noqa: PLC0415 - only this command needs it

    rules = load_rules(rules_dir)
    first, second, rules = two_sides(left, right, monitors, rules)
    linked = kind_of(kind)
    if judgements is not None and not judgements.is_file():
        raise UsageFault(f"{judgements}: there is no such file; give the job's judgements.yaml.")
    trained = train_files(
        first,
        second,
        rules,
        link_options(rules),
        linked,
        _labels(labels) if labels else None,
        load_judgements(judgements) if judgements else (),
    )
    name = RULES_OF[linked]
    write_linkage(rules.root / "linkage" / f"{name}.yaml", output, trained.linkage)
    table = Table(
        "Comparison", "Level", "Matches", "m before", "m", "u before", "u", show_edge=False, pad_edge=False
    )
    moved = trained.changes[
        (trained.changes["m"] != trained.changes["m_before"])
        | (trained.changes["u"] != trained.changes["u_before"])
    ]
    for row in records(moved):
        shares = (f"{share:.3g}" for share in (row.m_before, row.m, row.u_before, row.u))
        table.add_row(row.comparison, row.level, f"{row.matches:,.0f}", *shares)
    out.print(table)
    for remark in trained.remarks:
        out.print(printable(remark), markup=False)
    out.print(f"{output}: written. Put it into a copy of the rules as linkage/{name}.yaml.", markup=False)


def _labels(path: Path) -> pd.DataFrame:
    try:
        pairs = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise UsageFault(f"{path}: can't be read as CSV ({error}).") from None
    if lost := [side for side in ("left_id", "right_id") if side not in pairs.columns]:
        raise UsageFault(f"{path}: no column {', '.join(lost)}; found {', '.join(map(str, pairs.columns))}.")
    return pairs


@app.command("evaluate")
def evaluate_command(
    links: Annotated[Path, typer.Argument(help="links.csv of `reconcile link`.")],
    truth: Annotated[
        Path,
        typer.Option("--truth", metavar="PAIRS", help="CSV with left_id and right_id of every true pair."),
    ],
    left: Annotated[Path | None, typer.Option("--left", help="Left export: why pairs are missed.")] = None,
    right: Annotated[Path | None, typer.Option("--right", help="Right export, likewise.")] = None,
    monitors: Annotated[
        str | None, typer.Option("--monitors", metavar="A,B", help="Monitors of the two exports.")
    ] = None,
    kind: KindOption = "incident",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to write errors.csv: every error, by kind.")
    ] = None,
    rules_dir: RulesDir = None,
) -> None:
    """Measure links against labelled pairs: precision, recall, F1, how far probabilities can be believed, and every error.

    Example: reconcile evaluate links.csv --truth pairs.csv -o errors.csv
    """
    from reconcile.explain import measured, weigh_unlisted  # noqa: PLC0415 - few commands need it

    found = evaluate(read_links(links), read_pairs(truth))
    errors = found.errors
    if left or right or monitors:
        if not (left and right and monitors):
            raise UsageFault("--left, --right and --monitors go together; give all three, or none.")
        first, second, rules = two_sides(left, right, monitors, load_rules(rules_dir))
        unlisted = errors[errors["kind"] == "missed_not_listed"]
        told = weigh_unlisted(first, second, rules, link_options(rules), kind_of(kind), unlisted)
        errors = with_unlisted(errors, told)
    if output:
        try:
            errors.to_csv(output, index=False, lineterminator="\n")
        except OSError as error:
            raise UsageFault(f"{output}: can't be written ({error.strerror}).") from None
    print_parts(measured(found, errors))


# ---- extract -------------------------------------------------------------------------------------------------------


@app.command("extract")
def extract_command(
    articles: Annotated[
        list[str],
        typer.Argument(
            metavar="ARTICLE...", help="Text files, pages saved from a browser, or folders of them."
        ),
    ],
    publisher: Annotated[str, typer.Option("--publisher", metavar="NAME", help="Who published them.")],
    published: Annotated[
        str,
        typer.Option(
            "--published", metavar="DATE", help="Day of publication, from which “Saturday” is reckoned."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="Where to write the review list: claims.csv or claims.xlsx."),
    ],
    quantities: Quantities = None,
    rules_dir: RulesDir = None,
    quiet: Quiet = False,  # noqa: FBT002
) -> None:
    """Draft claims from articles in English or Arabic, as a list for a person to accept, edit or reject.

    A .csv or .xlsx that holds decisions is not overwritten. Exit codes: 0 written, 1 written, but an article was not read or
    is in doubt, 2 nothing written.

    Example: reconcile extract article.txt --publisher "The New Arab" --published 2017-06-18 -o claims.xlsx
    """
    # Only this command needs what reads prose, and the grids of explain.
    from reconcile.explain import Grid  # noqa: PLC0415
    from reconcile.extraction import (  # noqa: PLC0415
        LISTED_HEADERS,
        extract_files,
        listed,
        next_step,
        refuse_output,
        write_drafts,
    )

    refuse_output(output)
    rules = load_rules(rules_dir)
    found = extract_files(articles, publisher, _day(published), rules, quantities or "airwars")
    for sentence in found.remarks:
        err.print(printable(sentence), markup=False)
    if not found.is_any_read:
        raise UsageFault("No article could be read, so nothing was written.")
    write_drafts(found, output, rules)
    if not quiet:
        rows = listed(found.drafts)
        if rows:
            print_wide(table_of(Grid(LISTED_HEADERS, rows, frozenset({0, 6}), frozenset({0, 3, 6}))))
        out.print(f"{output}: {len(found.drafts):,} claims. {next_step(found, output)}", markup=False)
    raise typer.Exit(1 if found.is_degraded else 0)


# ---- explain -------------------------------------------------------------------------------------------------------


@app.command("explain")
def explain_command(
    folder: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="A report's folder, or its job's: reports/<job>, for the latest."),
    ],
    ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...", help="A claim, two claims, a cluster, a finding, a total, a difference or a set."
        ),
    ],
    rules_dir: RulesDir = None,
) -> None:
    """Say why, step by step: two claims are a pair, one is shown with its cluster and pairs, a total with its bridge.

    Example: reconcile explain reports/raqqa-2017 airwars:CS998 cjtf_oir:R0420
    """
    from reconcile.explain import explain, read_run, run_folder  # noqa: PLC0415 - few commands need it

    run, has_blocks = read_run(run_folder(folder)), out.encoding.startswith("utf")
    for number, one in enumerate(explain(run, load_rules(rules_dir), ids, has_blocks=has_blocks)):
        print_wide(("\n" if number else "") + printable(f"{one.title}\n{one.answer}", "\n"))
        print_parts(one.parts)


@app.command("verify")
def verify_command(
    folder: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="A report's folder, or its job's: reports/<job>, for the latest."),
    ],
    job: Annotated[
        Path | None,
        typer.Option(
            "--job", metavar="JOB.yaml", help="Its job: hold inputs and rules too, and make it again."
        ),
    ] = None,
    state: State = None,
    rules_dir: RulesDir = None,
) -> None:
    """Prove that a report is what its inputs and rules gave, or name the first thing that is not.

    Exit codes: 0 proven, 1 not, 2 cannot.

    Example: reconcile verify reports/raqqa-2017 --job raqqa.yaml
    """
    from reconcile.verify import verify  # noqa: PLC0415 - only this command needs it

    proof = verify(folder, job, state, rules_dir)
    for sentence in proof.proven:
        out.print(f"proven: {printable(sentence)}", markup=False)
    for sentence in proof.unchecked:
        out.print(f"not checked: {printable(sentence)}", markup=False)
    if proof.fault:
        out.print(f"not proven: {printable(proof.fault)}", markup=False)
    raise typer.Exit(1 if proof.fault else 0)


# ---- judge ---------------------------------------------------------------------------------------------------------


@app.command("judge")
def judge_command(
    workbooks: Annotated[
        list[Path], typer.Argument(metavar="WORKBOOK...", help="Workbooks of one job, decided in.")
    ],
    job: Annotated[
        Path | None,
        typer.Option("--job", metavar="JOB.yaml", help="Its job (default: looked for above the workbooks)."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Where to write what reviewers disagree on, to be settled."
        ),
    ] = None,
    reviewer: Annotated[
        str, typer.Option("--reviewer", metavar="NAME", help="Who decided, where a row does not say.")
    ] = "",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Day of the decisions (default: today).")
    ] = None,
    state: State = None,
    quiet: Quiet = False,  # noqa: FBT002
) -> None:
    """Take the decisions that persons made in workbooks into the files of their job, which the next run obeys.

    Exit codes: 0 taken, 1 some refused, 2 none taken, 4 locked by a run.

    Example: reconcile judge reports/raqqa-2017/2017-12-01-3dc792b9/discrepancies.xlsx --job raqqa.yaml
    """
    from reconcile.judging import judge  # noqa: PLC0415 - only this command needs it

    found = judge(workbooks, _day(as_of), job=job, state=state, reviewer=reviewer, output=output)
    for line in found.warnings:
        err.print(printable(line), markup=False)
    for line in () if quiet else found.told:
        out.print(printable(line), markup=False)
    raise typer.Exit(found.exit_code)


# ---- changes -------------------------------------------------------------------------------------------------------


@app.command("changes")
def changes_command(
    old: Annotated[Path, typer.Argument(metavar="RUN_OLD", help="The earlier report's folder.")],
    new: Annotated[
        Path,
        typer.Argument(
            metavar="RUN_NEW", help="The later one's, or its job's: reports/<job>, for the latest."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write them all, as CSV.")
    ] = None,
    rules_dir: RulesDir = None,
) -> None:
    """Say what each monitor revised, added and withdrew between two reports.

    Exit codes: 0 whether anything changed or not, 2 where a report can't be read or the CSV can't be written.

    Example: reconcile changes reports/raqqa-2017/2017-06-30-1a2b3c4d reports/raqqa-2017 -o changes.csv
    """
    # Only this command needs them.
    from reconcile.changes import changes_between, changes_told, write_changes  # noqa: PLC0415
    from reconcile.explain import read_run, run_folder  # noqa: PLC0415

    rules = load_rules(rules_dir)
    folders = [run_folder(path) for path in (old, new)]
    earlier, later = (read_run(folder) for folder in folders)
    found = changes_between(earlier, later, rules, folders[1])
    if output:
        write_changes(found.changes, output)
    print_parts(list(changes_told(found, earlier, later, rules)))
    if output:
        out.print(f"{output}: {len(found.changes):,} changes.", markup=False)


# ---- export, monitors, rules ---------------------------------------------------------------------------------------


app.command("export")(export_command)
app.add_typer(monitors_app, name="monitors")
app.add_typer(rules_app, name="rules")
