"""Articles in, a review list of drafted claims out: what `reconcile extract` does."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.errors import InputFault, UsageFault
from reconcile.frames import Drafts, empty, typed
from reconcile.normalize import build_context
from reconcile.outfiles import write_whole
from reconcile.prose.articles import read_article, refuse_size
from reconcile.prose.extract import extract_claims
from reconcile.prose.review import REVIEW_SHEET, ArticleAccount, drafts_csv, review_sheets
from reconcile.read import SourceFile, read_grids
from reconcile.read.files import is_litter
from reconcile.views import interval_text, records, window_text
from reconcile.workbook import workbook_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from reconcile.prose.articles import Article
    from reconcile.ruleset import Ruleset

SUFFIXES = (".csv", ".xlsx")
# What is taken from a folder. A file named by itself is read by its content, whatever it is called.
ARTICLE_SUFFIXES = frozenset(
    {".txt", ".md", ".markdown", ".text", ".html", ".htm", ".xhtml", ".mhtml", ".mht"}
)
# Of a draft's columns, those whose codes a vocabulary lists.
CODED = {
    "measure_code": "measures",
    "population_code": "populations",
    "perpetrator_codes": "perpetrators",
    "violence_code": "violence",
    "attribution_code": "attributions",
    "place_kind_code": "place_kinds",
}
# What a terminal shows of a draft, and of how many.
LISTED_HEADERS = ("No.", "Who says", "Measure", "Number", "Window", "Place", "Confidence")
LISTED = 50
# What a person fills in.
DECIDED = ("decision", "reviewer", "note")


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was read from articles.

    Attributes:
        drafts: a `Drafts` frame, the claims of all articles numbered on.
        accounts: one of each article, in the order given.
    """

    drafts: pd.DataFrame
    accounts: tuple[ArticleAccount, ...]

    @property
    def is_any_read(self) -> bool:
        """Whether the text of any article was read."""
        return any(account.is_read for account in self.accounts)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What went wrong, what is in doubt, and which articles hold no claim, a sentence each."""
        return tuple(
            sentence
            for account in self.accounts
            for sentence in (
                *account.remarks,
                *(
                    (f"{account.file}: no claim was found in it.",)
                    if account.is_read and not account.claims
                    else ()
                ),
            )
        )

    @property
    def is_degraded(self) -> bool:
        """Whether an article was not read, or something about one is in doubt."""
        return any(account.remarks for account in self.accounts)


def extract_files(
    files: Sequence[str],
    publisher: str,
    published: date,
    rules: Ruleset,
    profile: str,
    watch: Callable[[str], None] = lambda _: None,
) -> Extraction:
    """Return the drafts of claims in articles.

    Args:
        files: articles, and folders that stand for the articles in them.
        publisher: of all.
        published: the day on which all were published.
        rules: with the grammar of prose.
        profile: by which vague quantities are read.
        watch: told the name of each article before it is read.

    Raises:
        UsageFault: when there is no such profile, or no publisher.
    """
    profiles: Any = rules.quantities.get("profiles", {})
    if profile not in profiles:
        raise UsageFault(f"--quantities: no profile {profile!r}; known are {', '.join(map(str, profiles))}.")
    if not publisher.strip():
        raise UsageFault(
            "--publisher: found nothing; write who published the article, such as 'The New Arab'."
        )
    context = build_context(rules, profile)
    accounts: list[ArticleAccount] = []
    frames: list[pd.DataFrame] = []
    first = 1
    for path, name in _articles(files):
        watch(name)
        account = ArticleAccount(name, publisher.strip(), published)
        try:
            content = _content(path, name)
            account = replace(account, sha256=hashlib.sha256(content).hexdigest())
            _refuse_copies(account, accounts)
            read = read_article(name, content, account.publisher, published)
            _refuse_language(read.article, rules)
        except InputFault as fault:
            accounts.append(replace(account, remarks=(str(fault),)))
            continue
        article = read.article
        drafts = extract_claims(article, context, rules.prose)
        frames.append(_numbered(drafts, first))
        first += len(drafts)
        accounts.append(
            replace(
                account,
                language=article.language,
                title=article.title,
                words=len(article.text.split()),
                claims=len(drafts),
                is_read=True,
                remarks=read.remarks,
            )
        )
    filled = [frame for frame in frames if len(frame)]
    drafts = typed(Drafts, pd.concat(filled, ignore_index=True)) if filled else empty(Drafts)
    return Extraction(drafts, tuple(accounts))


def _articles(files: Iterable[str]) -> list[tuple[Path, str]]:
    """Return the path of each article, and the shortest name that tells it from the others."""
    paths: list[Path] = []
    for file in map(Path, files):
        if file.is_dir():
            found = sorted(
                path
                for path in file.iterdir()
                if path.suffix.lower() in ARTICLE_SUFFIXES and path.is_file() and not is_litter(path.name)
            )
            paths += found or [file]
        else:
            paths.append(file)
    names = pd.Series([path.name for path in paths], dtype="object")
    crowded = names.duplicated(keep=False)
    return [
        (path, path.as_posix() if is_crowded else path.name)
        for path, is_crowded in zip(paths, crowded, strict=True)
    ]


def _content(path: Path, name: str) -> bytes:
    if path.is_dir():
        kinds = ", ".join(sorted(ARTICLE_SUFFIXES))
        raise InputFault(name, f"is a folder without any article ({kinds}).", "Give the articles themselves.")
    try:
        refuse_size(name, path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise InputFault(name, f"can't be read ({error.strerror}).", "Check the path.") from None


def _refuse_copies(account: ArticleAccount, known: Iterable[ArticleAccount]) -> None:
    for other in known:
        if other.sha256 == account.sha256:
            raise InputFault(
                account.file,
                f"is the same as {other.file}.",
                "It was left out, so that no claim stands twice.",
            )


def _refuse_language(article: Article, rules: Ruleset) -> None:
    known = sorted({grammar.language for grammar in rules.prose.values()})
    if article.language not in known:
        raise InputFault(
            article.name,
            f"is written in a language ({article.language}) for which there are no rules of prose; there are for {', '.join(known)}.",
            "Add a file to rules/prose, or leave out --rules.",
        )


def _numbered(drafts: pd.DataFrame, first: int) -> pd.DataFrame:
    """Return drafts numbered from `first` on, those that they are part of likewise."""
    offset = first - 1
    part_of = drafts["part_of"]
    return drafts.assign(
        claim_no=drafts["claim_no"] + offset, part_of=part_of.where(part_of == 0, part_of + offset)
    )


def listed(drafts: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Return what a terminal shows of drafts, a row each under `LISTED_HEADERS`, and of very many the first."""
    shown = tuple(
        (
            str(draft.claim_no),
            draft.asserted_by or "not named",
            f"{draft.population_code} {draft.measure_code}",
            interval_text(draft.low, draft.high),
            window_text(draft.date_start, draft.date_end),
            draft.place_name + (" (inferred)" if draft.place_basis_code == "context" else ""),
            f"{draft.confidence:.0%}",
        )
        for draft in records(drafts.head(LISTED))
    )
    rest = len(drafts) - LISTED
    return (*shown, ("…", f"and {rest:,} more", "", "", "", "", "")) if rest > 0 else shown


def next_step(extraction: Extraction, path: Path) -> str:
    """Return what to do with a review list, in a sentence or two."""
    if not len(extraction.drafts):
        return "The list is empty; there is nothing to review."
    shown = f'"{path.as_posix()}"' if " " in path.as_posix() else path.as_posix()
    return (
        "Each is a draft: open the list, fill in the column decision (accept, edit or reject), and save it. "
        f"Then: reconcile run {shown} EXPORTS..."
    )


def write_drafts(extraction: Extraction, path: Path, rules: Ruleset) -> None:
    """Write a review list, as CSV or as a workbook.

    Args:
        extraction: what to write.
        path: where; its ending says which.
        rules: whose codes the workbook explains.

    Raises:
        UsageFault: when the ending is another, or what stands there is not to be overwritten.
        OutputFault: when the file can't be written.
    """
    refuse_output(path)
    if path.suffix.lower() == ".csv":
        content = drafts_csv(extraction.drafts)
    else:
        codes = {
            column: {
                code: term.title
                for code, term in rules.vocabularies[name].terms.items()
                if term.counts != "reports"
            }
            for column, name in CODED.items()
        }
        stamp = max(account.published for account in extraction.accounts)
        sheets = review_sheets(extraction.drafts, extraction.accounts, codes)
        content = workbook_bytes(sheets, title="Claims read from prose, for review", stamp=stamp)
    write_whole(path, content)


def refuse_output(path: Path) -> None:
    """Raise UsageFault for a place where no review list can be written, or where one stands that persons worked on."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageFault(
            f"-o: found {path.name!r}; a review list is written as .csv or .xlsx, by the ending of its name."
        )
    if not path.exists():
        return
    try:
        decided = _decided(path)
    except (InputFault, OSError, ValueError, LookupError):
        raise UsageFault(
            f"{path}: is there already, and is no review list. Give another name, or move the file away."
        ) from None
    if decided:
        raise UsageFault(
            f"{path}: is there already, and {decided:,} of its rows hold decisions or notes. "
            "Give another name, or move the file away."
        )


def _decided(path: Path) -> int:
    """Return how many rows of a review list a person has worked on.

    Raises:
        KeyError: when a file is no review list; other errors when it can't be read at all.
    """
    if path.suffix.lower() == ".csv":
        rows = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    else:
        cells = read_grids(SourceFile(path.name, path.read_bytes()), (), REVIEW_SHEET)[0].cells
        rows = cells.iloc[1:].set_axis(pd.Index(cells.iloc[0].astype("str")), axis=1)
    return int((rows[["claim_no", *DECIDED]][list(DECIDED)] != "").any(axis=1).sum())
