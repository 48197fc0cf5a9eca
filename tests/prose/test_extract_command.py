"""`reconcile extract` as a person or a batch job meets it."""

from __future__ import annotations

import io
import re
from datetime import date

import pandas as pd
import pytest
from openpyxl import load_workbook
from test_review import draft_row, drafts_frame
from typer.testing import CliRunner

from reconcile import cli, extraction
from reconcile.errors import ReconcileError
from reconcile.frames import Drafts, columns_of

TEXT = "Strikes in Tell Example\n\nAir strikes killed at least 40 civilians in Tell Example on Saturday, the observatory said."
PLAIN = "A bridge was opened on Monday.\n\nThe mayor cut the ribbon, and said that it had taken two years."
STATED = ("--publisher", "Example News", "--published", "2017-06-18")


def claims_of(article, context, grammar):  # noqa: ARG001 - the engine's own arguments
    """Stand in for the engine: a claim for each sentence with `killed`, the second among those of the first."""
    hits = list(re.finditer("killed", article.text))
    rows = [
        draft_row(claim_no=number, part_of=number - 1, article=article.name, published=article.published)
        for number, _ in enumerate(hits, 1)
    ]
    return drafts_frame(*rows).iloc[: len(hits)]


@pytest.fixture
def said(monkeypatch, rules):
    """Carry out `reconcile extract WORDS` without the engine of prose, which has tests of its own."""
    monkeypatch.setattr(extraction, "extract_claims", claims_of)
    monkeypatch.setattr(cli, "load_rules", lambda _: rules)

    def carry_out(*words, stated=STATED):
        found = CliRunner().invoke(cli.app, ["extract", *map(str, words), *stated])
        if isinstance(found.exception, ReconcileError):
            return found.exception.exit_code, found.stdout, found.stderr + str(found.exception)
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.exit_code, found.stdout, found.stderr

    return carry_out


@pytest.fixture
def article(tmp_path):
    """A text file with one claim."""
    path = tmp_path / "article.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def rows_of(path):
    """Return the rows of a CSV."""
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")


def outcomes_of(path):
    """Return what became of each article, by a workbook."""
    rows = list(load_workbook(path)["Articles"].iter_rows(values_only=True))
    return {row[0]: row[1] for row in rows[1:]}


class TestWritten:
    """What is written, and what is said of it."""

    def test_csv(self, said, article, tmp_path):
        """A list, the claims in a small table, and the next command; nothing degraded."""
        code, out, err = said(article, "-o", tmp_path / "claims.csv")
        assert (code, err) == (0, "")
        assert list(rows_of(tmp_path / "claims.csv").columns) == columns_of(Drafts)
        assert "40 or more" in out
        assert f"reconcile run {(tmp_path / 'claims.csv').as_posix()}" in out

    def test_xlsx(self, said, article, tmp_path):
        """A workbook that opens as a review list; equal input gives equal bytes."""
        for name in ("a.xlsx", "b.xlsx"):
            assert said(article, "-o", tmp_path / name)[0] == 0
        assert load_workbook(tmp_path / "a.xlsx").sheetnames[0] == "Review"
        assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()

    def test_claims_are_numbered_on(self, said, tmp_path):
        """Over several articles the numbers go on, and those that are among others stay among them."""
        for name in ("a.txt", "b.txt"):
            (tmp_path / name).write_text(
                f"{TEXT} Of {name}. Twelve children were killed, it said.", encoding="utf-8"
            )
        assert said(tmp_path, "-o", tmp_path / "claims.csv")[0] == 0
        rows = rows_of(tmp_path / "claims.csv")
        assert list(rows["claim_no"]) == ["1", "2", "3", "4"]
        assert list(rows["part_of"]) == ["0", "1", "0", "3"]
        assert list(rows["article"]) == ["a.txt", "a.txt", "b.txt", "b.txt"]

    def test_quiet(self, said, article, tmp_path):
        """Nothing but warnings is said."""
        assert said(article, "--quiet", "-o", tmp_path / "claims.csv") == (0, "", "")

    def test_nothing_is_left_beside_it(self, said, article, tmp_path):
        """The file is whole or absent, and no half-written one stays."""
        said(article, "-o", tmp_path / "claims.xlsx")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["article.txt", "claims.xlsx"]


class TestArticles:
    """Articles without a claim, and files that are none."""

    def test_without_a_claim(self, said, article, tmp_path):
        """An article without a claim says so, and is listed; that degrades nothing."""
        (tmp_path / "plain.txt").write_text(PLAIN, encoding="utf-8")
        code, _, err = said(article, tmp_path / "plain.txt", "-o", tmp_path / "claims.xlsx")
        assert (code, err) == (0, "plain.txt: no claim was found in it.\n")
        assert outcomes_of(tmp_path / "claims.xlsx") == {
            "article.txt": "1 claim",
            "plain.txt": "no claim found",
        }

    def test_no_claim_at_all(self, said, tmp_path):
        """The list is written, empty, and that is said."""
        (tmp_path / "plain.txt").write_text(PLAIN, encoding="utf-8")
        code, out, _ = said(tmp_path / "plain.txt", "-o", tmp_path / "claims.csv")
        assert code == 0
        assert "nothing to review" in out
        assert len(rows_of(tmp_path / "claims.csv")) == 0

    def test_one_fails_and_the_others_go_on(self, said, article, tmp_path):
        """What can't be read is said and listed, and the exit code tells."""
        (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
        (tmp_path / "copy.txt").write_text(TEXT, encoding="utf-8")
        code, _, err = said(
            article,
            tmp_path / "b.pdf",
            tmp_path / "gone.txt",
            tmp_path / "copy.txt",
            "-o",
            tmp_path / "c.xlsx",
        )
        assert code == 1
        assert "b.pdf: is a PDF" in err
        assert "gone.txt: can't be read" in err
        assert "copy.txt: is the same as article.txt" in err
        assert list(outcomes_of(tmp_path / "c.xlsx").values()) == [
            "1 claim",
            "not read",
            "not read",
            "not read",
        ]

    def test_a_day_in_doubt(self, said, tmp_path):
        """A page that states another day of publication is read, and the exit code tells."""
        page = f'<html><meta property="article:published_time" content="2017-06-17">{"<p>" + TEXT + "</p>"}</html>'
        (tmp_path / "page.html").write_text(page, encoding="utf-8")
        code, _, err = said(tmp_path / "page.html", "-o", tmp_path / "claims.csv")
        assert code == 1
        assert "published on 2017-06-17" in err
        assert list(rows_of(tmp_path / "claims.csv")["published"]) == ["2017-06-18"]

    def test_language_without_rules(self, said, article, tmp_path, rules, monkeypatch):
        """An article in a language that these rules do not read is left out with the reason, and the others go on."""
        english = {name: grammar for name, grammar in rules.prose.items() if grammar.language == "en"}
        monkeypatch.setattr(cli, "load_rules", lambda _: rules.model_copy(update={"prose": english}))
        (tmp_path / "ar.txt").write_text("قالت المديرية إن 25 مدنياً قتلوا يوم السبت.", encoding="utf-8")
        code, _, err = said(article, tmp_path / "ar.txt", "-o", tmp_path / "claims.csv")
        assert code == 1
        assert "no rules of prose; there are for en" in err
        assert list(rows_of(tmp_path / "claims.csv")["article"]) == ["article.txt"]

    def test_folders(self, said, article, tmp_path):
        """A folder stands for the articles in it, and for none of its other files; one without any is said."""
        (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
        (tmp_path / "._article.txt").write_bytes(b"x")
        (tmp_path / "empty").mkdir()
        code, _, err = said(tmp_path, tmp_path / "empty", "-o", tmp_path / "claims.xlsx")
        assert code == 1
        assert "empty: is a folder without any article" in err
        assert outcomes_of(tmp_path / "claims.xlsx") == {article.name: "1 claim", "empty": "not read"}

    def test_one_name_in_two_folders(self, said, tmp_path):
        """Articles of one name are told apart by their folders."""
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "x.txt").write_text(f"{TEXT} {name}", encoding="utf-8")
        said(tmp_path / "a", tmp_path / "b", "-o", tmp_path / "claims.csv")
        assert [path.rsplit("/", 2)[-2] for path in rows_of(tmp_path / "claims.csv")["article"]] == ["a", "b"]


class TestRefused:
    """Commands that can't be carried out: exit code 2, a sentence, and nothing written."""

    @pytest.mark.parametrize(
        ("words", "stated", "sentence"),
        [
            (("-o", "claims.txt"), STATED, "written as .csv or .xlsx"),
            (("-o", "claims"), STATED, "written as .csv or .xlsx"),
            (
                ("-o", "claims.csv"),
                ("--publisher", " ", "--published", "2017-06-18"),
                "--publisher: found nothing",
            ),
            (("-o", "claims.csv"), ("--publisher", "x", "--published", "18 June"), "'18 June' is no day"),
            (("-o", "claims.csv", "--quantities", "vast"), STATED, "no profile 'vast'"),
            (("-o", "no/such/folder/claims.csv"), STATED, "can't be written"),
        ],
    )
    def test_bad_usage(self, said, article, tmp_path, monkeypatch, words, stated, sentence):
        """What was found and what is allowed."""
        monkeypatch.chdir(tmp_path)
        code, _, err = said(article, *words, stated=stated)
        assert code == 2
        assert sentence in " ".join(err.split())
        assert [path.name for path in tmp_path.iterdir()] == ["article.txt"]

    def test_nothing_readable(self, said, tmp_path):
        """Where no article could be read, each is told, and nothing is written."""
        (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
        code, _, err = said(tmp_path / "a.pdf", "-o", tmp_path / "claims.csv")
        assert code == 2
        assert "a.pdf: is a PDF" in err
        assert not (tmp_path / "claims.csv").exists()

    @pytest.mark.parametrize("name", ["claims.csv", "claims.xlsx"])
    def test_decisions_are_not_overwritten(self, said, article, tmp_path, name):
        """A list is written anew as long as nobody has worked on it."""
        path = tmp_path / name
        assert [said(article, "-o", path)[0] for _ in range(2)] == [0, 0]
        if name.endswith(".csv"):
            rows_of(path).assign(decision="accept").to_csv(path, index=False)
        else:
            book = load_workbook(path)
            book["Review"]["C2"] = "accept"
            book.save(path)
        before = path.read_bytes()
        code, _, err = said(article, "-o", path)
        assert code == 2
        assert "1 of its rows hold decisions" in err
        assert path.read_bytes() == before

    @pytest.mark.parametrize("name", ["claims.csv", "claims.xlsx"])
    def test_other_files_are_not_overwritten(self, said, article, tmp_path, name):
        """A file that is no review list is left alone."""
        frame = pd.DataFrame({"id": ["1"]})
        held = io.BytesIO()
        (frame.to_csv if name.endswith(".csv") else frame.to_excel)(held, index=False)
        (tmp_path / name).write_bytes(held.getvalue())
        code, _, err = said(article, "-o", tmp_path / name)
        assert code == 2
        assert "is no review list" in err
        assert (tmp_path / name).read_bytes() == held.getvalue()


def test_published_reaches_every_article(said, article, tmp_path):
    """The day on the command line is the day of each article."""
    said(article, "-o", tmp_path / "claims.csv", stated=("--publisher", "x", "--published", "2016-02-29"))
    assert list(rows_of(tmp_path / "claims.csv")["published"]) == [date(2016, 2, 29).isoformat()]
