"""The commands that show and check rules: `monitors` and `rules`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer
from rich.table import Table

from reconcile.cli.options import Names, RulesDir  # noqa: TC001 - typer reads them
from reconcile.cli.shown import out, print_parts, print_wide
from reconcile.errors import UsageFault
from reconcile.jobs import Job
from reconcile.rulecheck import check_rules
from reconcile.rulefiles import load_rules, write_schemas

monitors_app = typer.Typer(
    help="List the known monitors, or show what one rule file says.", invoke_without_command=True
)
rules_app = typer.Typer(help="Rule files.", no_args_is_help=True)


@monitors_app.callback()
def monitors_list(context: typer.Context, rules_dir: RulesDir = None) -> None:
    """List the known monitors.

    Example: reconcile monitors
    """
    if context.invoked_subcommand:
        return
    table = Table("Monitor", "Title", "Counts", "One record is", "Layouts", show_edge=False, pad_edge=False)
    table.columns[0].no_wrap = True
    for name, rule in load_rules(rules_dir).monitors.items():
        layouts = ", ".join(layout.id for layout in rule.layouts) or "known through others"
        table.add_row(name, rule.title, rule.scope.population_code, rule.unit_code, layouts)
    print_wide(table)


@monitors_app.command("show")
def monitors_show(
    monitor: Annotated[str, typer.Argument(help="Id of the monitor.")], rules_dir: RulesDir = None
) -> None:
    """Say what one monitor counts, and how its columns are read.

    Example: reconcile monitors show airwars
    """
    known = load_rules(rules_dir).monitors
    if monitor not in known:
        raise UsageFault(f"no monitor {monitor!r}; known are {', '.join(known)}.")
    from reconcile.explain.monitors import monitor_shown  # noqa: PLC0415 - few commands need it

    shown = monitor_shown(known[monitor])
    print_wide(f"{shown.title}\n{shown.answer}")
    print_parts(shown.parts)


@monitors_app.command("draft")
def monitors_draft(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An export of whatever layout.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to write it (default: standard output).")
    ] = None,
    monitor: Annotated[
        str, typer.Option("--id", help="Id of the monitor (default: by the file's name).")
    ] = "",
    sheet: Annotated[str | None, typer.Option("--sheet", help="The only sheet to read.")] = None,
    include_names: Names = False,  # noqa: FBT002
    rules_dir: RulesDir = None,
) -> None:
    """Draft a rule file for an export that no layout knows: every column with what it may be, and what you have to decide.

    Example: reconcile monitors draft export.xlsx -o rules/monitors/acme.yaml
    """
    from reconcile.propose.files import drafted  # noqa: PLC0415 - only this command needs it

    text = drafted(file, load_rules(rules_dir), output, monitor, sheet, include_names=include_names)
    if output is None:
        out.print(text, end="", markup=False)
    else:
        out.print(
            f"{output}: written. It does not load yet: decide what it asks, line by line.", markup=False
        )


@rules_app.command("check")
def rules_check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Folder of rule files (default: the shipped ones).")
    ] = None,
) -> None:
    """Check every rule file; show all faults at once, with file and line.

    Example: reconcile rules check rules
    """
    rules = load_rules(folder)
    check_rules(rules)
    layouts = sum(len(rule.layouts) for rule in rules.monitors.values())
    out.print(
        f"{len(rules.monitors)} monitors, {layouts} layouts, {len(rules.vocabularies)} vocabularies, {len(rules.places):,} places: no faults. Digest {rules.digest[:16]}."
    )


@rules_app.command("schema")
def rules_schema(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write the JSON Schemas.")],
) -> None:
    """Write the JSON Schemas by which editors complete and check rule and job files.

    Example: reconcile rules schema rules/schema
    """
    try:
        written = write_schemas(folder, {"job": Job})
    except OSError as error:
        raise UsageFault(f"{folder}: can't be written to ({error.strerror}). Give a folder.") from None
    for path in written:
        out.print(str(path), markup=False)
