"""What a command is asked to do: a job file, or files, with rules and decisions, gathered before anything is read."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile import __version__
from reconcile.errors import UsageFault
from reconcile.jobs import (
    Job,
    brought,
    file_inputs,
    folder_of,
    is_address,
    job_inputs,
    shown_within,
    within_of,
)
from reconcile.lookback import past_inputs
from reconcile.machines import Cluster, machines
from reconcile.normalize.cells import iso_country
from reconcile.pipeline import Options
from reconcile.result import RunFacts
from reconcile.rulecheck import check_rules
from reconcile.rulefiles import (
    line_of,
    load_corrections,
    load_finding_decisions,
    load_judgements,
    load_model,
    load_places,
    load_rules,
)
from reconcile.runs import Past, digest_file, digest_of, key_fingerprint, open_cache
from reconcile.validate import Within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from reconcile.pipeline import Input, Memory
    from reconcile.ruleset import Ruleset
    from reconcile.runs import Cache, Previous

ADHOC = "adhoc"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line states; what it leaves out, the job file does, or the default.

    Attributes:
        files: a job file alone, or exports: paths, and addresses.
        as_of: the day the run speaks of.
        far: whether machines of an engine read the files.
    """

    files: Sequence[str]
    as_of: date
    out_dir: Path | None = None
    rules_dir: Path | None = None
    state: Path | None = None
    quantities: str | None = None
    fail_on: tuple[str, ...] = ()
    include_names: bool = False
    html: bool = False
    far: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One run as asked for, whether by a job file, by files, or as the demo."""

    job: str
    title: str
    inputs: tuple[Input, ...]
    within: Within
    home: Path
    state: Path
    rules: Ruleset
    quantities: str
    judgements: Path | None
    corrections: Path | None
    findings: Path | None
    places: Path | None
    fail_on: tuple[str, ...]
    include_names: bool
    as_of: date
    html: bool = False

    @property
    def is_job(self) -> bool:
        """Whether a job file asks for it, so that the runs before it were over the same files."""
        return self.job != ADHOC


def gather_request(asked: Asked) -> Request:
    """Return the run that is asked for, its files loaded.

    Raises:
        UsageFault: when the command line or the job asks for something that can't be done as written.
        RuleFaults: when rules or the job file are at fault.
    """
    files = list(asked.files)
    jobs = [file for file in files if not is_address(file) and Path(file).suffix.lower() in {".yaml", ".yml"}]
    if jobs and len(files) > 1:
        raise UsageFault(f"{jobs[0]}: a job file stands alone; list the exports in it, or give exports only.")
    if jobs:
        return _of_job(Path(files[0]), asked)
    rules = checked(load_rules(asked.rules_dir))
    home = (asked.out_dir or Path("reports")) / ADHOC
    return Request(
        job=ADHOC,
        title="Reconciliation",
        inputs=file_inputs(tuple(files), far=asked.far),
        within=Within(),
        home=home,
        state=asked.state or home / ".reconcile",
        rules=rules,
        quantities=_profile(asked.quantities or "airwars", rules),
        judgements=None,
        corrections=None,
        findings=None,
        places=None,
        fail_on=asked.fail_on,
        include_names=asked.include_names,
        as_of=asked.as_of,
        html=asked.html,
    )


def _of_job(path: Path, asked: Asked) -> Request:
    job = load_model(path, Job)
    folder = folder_of(path, job)
    rules = checked(load_rules(asked.rules_dir or (folder.path(job.rules, "rules") if job.rules else None)))
    if unknown := sorted(
        {entry.monitor for entry in job.inputs if entry.monitor and entry.monitor not in rules.monitors}
    ):
        raise UsageFault(
            f"{path.name}: inputs: no monitor {', '.join(unknown)}; known are {', '.join(rules.monitors)}."
        )
    measures = rules.vocabularies["measures"].terms
    if strangers := [code for code in job.within.measures if code not in measures]:
        line = line_of(path, "within", "measures")
        raise UsageFault(
            f"{path.name}:{line}: within.measures: found {', '.join(strangers)}; known are {', '.join(measures)}."
        )
    if strangers := [code for code in job.within.countries if iso_country(code) is None]:
        raise UsageFault(
            f"{path.name}: within.countries: {', '.join(strangers)} is no ISO 3166-1 alpha-3 code; write SYR, IRQ, UKR."
        )
    home = asked.out_dir / job.id if asked.out_dir else folder.path(f"{job.out}/{job.id}", "out")
    return Request(
        job=job.id,
        title=job.title or job.id,
        inputs=job_inputs(job, folder, asked.as_of, far=asked.far),
        within=within_of(job),
        home=home,
        state=asked.state or folder.path(".reconcile", "the job's state"),
        rules=rules,
        quantities=_profile(asked.quantities, rules)
        if asked.quantities
        else _profile(job.quantities, rules, f"{path.name}: quantities"),
        judgements=folder.path(job.judgements, "judgements"),
        corrections=folder.path(job.corrections, "corrections"),
        findings=folder.path(job.findings, "findings"),
        places=folder.path(job.places, "places") if job.places else None,
        fail_on=asked.fail_on or job.fail_on,
        include_names=asked.include_names or job.include_names,
        as_of=asked.as_of,
        html=asked.html,
    )


def checked(rules: Ruleset) -> Ruleset:
    """Return rules that state all that the program needs.

    Raises:
        RuleFaults: with every fault.
    """
    check_rules(rules)
    return rules


def _profile(name: str, rules: Ruleset, where: str = "--quantities") -> str:
    profiles: Any = rules.quantities.get("profiles", {})
    if name not in profiles:
        raise UsageFault(f"{where}: no profile {name!r}; known are {', '.join(map(str, profiles))}.")
    return name


def cache_of(request: Request, key: bytes) -> Cache | None:
    """Return the job's cache of files that were parsed before, as far as this run reads them alike.

    It holds nothing that may name a person, so a run that asks for names has none.
    """
    if request.include_names:
        return None
    told = {
        "rules": request.rules.digest,
        "quantities": request.quantities,
        "places": digest_file(request.places) if request.places else "",
        "key": key_fingerprint(key),
    }
    return open_cache(request.state, told)


def options_of(
    request: Request,
    before: Previous,
    key: bytes,
    inputs_digest: str,
    workers: int = 1,
    memory: Memory | None = None,
    past: Past | None = None,
) -> Options:
    """Return what the stages of a run are told besides its files and rules.

    Args:
        request: the run as asked for.
        before: the run it is compared with.
        key: of the job.
        inputs_digest: by `digest_of_request`; empty where no report comes of it.
        workers: files read at the same time.
        memory: of files parsed before.
        past: what the run before left.

    Raises:
        UsageFault: when a decision changed between its digest and its reading.
    """
    run_digest = digest_of({"inputs": inputs_digest, "previous": before.run_digest})
    facts = RunFacts(
        job=request.job, title=request.title, as_of=request.as_of, quantities=request.quantities, include_names=request.include_names,
        within=shown_within(request.within), rules_digest=request.rules.digest, inputs_digest=inputs_digest, run_digest=run_digest,
        previous_run=before.run_digest, version=__version__, decisions=decisions_of(request),
        html=request.html,
    )  # fmt: skip
    # Files given by hand are a job of their own each time.
    compared = past if past and request.is_job else Past()
    options = Options(
        facts=facts,
        within=request.within,
        judgements=load_judgements(request.judgements) if request.judgements else (),
        corrections=load_corrections(request.corrections) if request.corrections else (),
        decided=load_finding_decisions(request.findings) if request.findings else (),
        first_seen=before.first_seen,
        own_places=load_places(request.places) if request.places else None,
        key=key,
        key_print=key_fingerprint(key),
        workers=workers,
        memory=memory,
        past=past_inputs(before.earlier if request.is_job else (), request.rules.health.runs_back),
        previous_claims=compared.claims,
        previous_figures=compared.figures,
        previous_summary=compared.summary,
        previous_withdrawn=compared.withdrawn,
    )
    if inputs_digest and digest_of_request(request) != inputs_digest:
        raise UsageFault(
            "judgements, corrections, findings or places changed while they were read. Run again; nothing was written."
        )
    return options


@contextlib.contextmanager
def on_machines(options: Options, scheduler: str | None, state: Path) -> Iterator[Options]:
    """Yield the options of a run for which machines work as long as this lasts.

    Args:
        options: of the run; as many processes of this machine work as it has workers.
        scheduler: address of other machines; empty for this one. None: no machines, and the options as they are.
        state: folder of the job's state.

    Raises:
        UsageFault: when there are no such machines, or they differ from this one.
    """
    if scheduler is None:
        yield options
        return
    with machines(Cluster(scheduler, options.workers), state) as engine:
        yield replace(options, engine=engine, bring=brought)


def decisions_of(request: Request) -> dict[str, str]:
    """Return the digests of a run's decisions and own gazetteer; empty where there is no such file."""
    paths = {
        "judgements": request.judgements,
        "corrections": request.corrections,
        "findings": request.findings,
        "places": request.places,
    }
    return {name: digest_file(path) if path else "" for name, path in paths.items()}


def digest_of_request(request: Request) -> str:
    """Return the digest of all that a run's bytes are a function of, the run before aside."""
    files = [
        (one.name, one.monitor, one.sheet, one.released, one.source.sha256 if one.source else one.fault)
        for one in request.inputs
    ]
    decisions = [
        digest_file(path) if path else ""
        for path in (request.judgements, request.corrections, request.places)
    ]
    # Without such a file the digest is that of before there were any.
    if request.findings and (of_findings := digest_file(request.findings)):
        decisions.append(of_findings)
    told = (
        request.job,
        request.title,
        request.as_of,
        request.quantities,
        request.include_names,
        str(request.within),
        # A report with a page is another report than one without.
        request.html,
    )
    return digest_of(
        {
            "version": __version__,
            "files": files,
            "rules": request.rules.digest,
            "decisions": decisions,
            "told": told,
        }
    )
