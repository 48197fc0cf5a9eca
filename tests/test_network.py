"""Nothing is sent anywhere: no command opens a connection or asks for an address, but for an input that is one."""

import ast
import re
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from test_cli import airwars_export, airwars_line, command, rules_of

PACKAGE = ROOT / "reconcile"
DEMO = ROOT / "fixtures" / "demo"
AS_OF = ("--as-of", "2017-07-01")
# What opens a connection, or brings one that does. fsspec is loaded where an input is an address.
REACHING = {"socket", "ssl", "http", "ftplib", "smtplib", "urllib3", "requests", "httpx", "aiohttp", "fsspec", "webbrowser", "xmlrpc"}  # fmt: skip
MAY_REACH = {"jobs.py": {"fsspec"}}
EXTERNAL = re.compile(rb"""(?:src|href|data|action|poster|srcset|@import)\s*=?\s*["'(]?\s*(?:https?:)?//""", re.IGNORECASE)  # fmt: skip


class Offline(OSError):
    """Somebody tried."""


@pytest.fixture(scope="module", autouse=True)
def tried():
    """Refuse each connection and each look-up of a name, and keep what was asked for."""
    asked = []

    def refuse(*words, **_):
        asked.append(words[1:] if words and isinstance(words[0], socket.socket) else words)
        raise Offline("no network in this test")

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto", "sendmsg"):
            patch.setattr(socket.socket, name, refuse, raising=False)
        for name in ("create_connection", "getaddrinfo", "gethostbyname", "gethostbyname_ex", "getfqdn"):
            patch.setattr(socket, name, refuse)
        yield asked


@pytest.fixture(scope="module")
def demo(tmp_path_factory, tried):
    """The shipped example's report, made offline."""
    assert tried == []
    out = tmp_path_factory.mktemp("demo")
    said = command("demo", "--out", out, *AS_OF, "--html", "--quiet")
    assert said.code in {0, 1}, said.err
    return out / "raqqa-2017"


@pytest.fixture
def luring(tmp_path):
    """Exports and an article whose cells name addresses, as text, as links, as entities and as formulas."""
    lure = "http://example.org/lure"
    cells = {"url": lure, "location_en": f'=WEBSERVICE("{lure}")', "region_en": "//example.org/lure"}
    airwars_export(tmp_path / "a.csv", rows=2, row1=airwars_line(1, **{k: f'"{v.replace(chr(34), chr(34) * 2)}"' for k, v in cells.items()}))  # fmt: skip
    airwars_export(tmp_path / "b.csv", rows=2, tag="Y")
    (tmp_path / "article.html").write_text(
        f"<html><head><link rel='stylesheet' href='{lure}'><meta http-equiv='refresh' content='0;{lure}'></head>"
        f"<body><img src='{lure}'><script src='{lure}'></script><article><p>SOHR said that air strikes killed 12 "
        "civilians in Raqqa on Saturday.</p></article></body></html>",
        encoding="utf-8",
    )
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w") as book:
        book.writestr("[Content_Types].xml", f'<!DOCTYPE x [<!ENTITY y SYSTEM "{lure}">]><Types>&y;</Types>')
        book.writestr("xl/workbook.xml", f'<!DOCTYPE x SYSTEM "{lure}"><workbook/>')
    return tmp_path


def test_refusal_is_met(tried):
    """The fixture above does refuse, so that the tests below can fail."""
    before = len(tried)
    with pytest.raises(Offline):
        socket.create_connection(("example.org", 80))
    with pytest.raises(Offline), socket.socket() as one:
        one.connect(("127.0.0.1", 9))
    assert len(tried) == before + 2
    del tried[before:]


def exports_of():
    """The forms that `export` knows; none before there was such a command."""
    said = command("export", "--help")
    return re.findall(r"\b(?:hxl|geojson|parquet|csv|histories)\b", said.out) if said.code == 0 else []


class TestCommands:
    """Every command, at work."""

    def test_every_command(self, demo, luring, tried):
        """No command asks for an address, whatever addresses its files hold."""
        (report,) = demo.glob("*/run.json")
        folder, book = report.parent, report.parent / "discrepancies.xlsx"
        claim = csv_claims(folder)[0]
        links, pairs = luring / "links.csv", luring / "pairs.csv"
        pairs.write_text("left_id,right_id\nX1,Y1\n", encoding="utf-8")
        words = [
            ("run", luring / "a.csv", luring / "b.csv", luring / "c.xlsx", "--out", luring / "reports", *AS_OF, "--html"),
            ("check", luring / "a.csv", luring / "c.xlsx"),
            ("link", luring / "a.csv", luring / "b.csv", "--monitors", "airwars,airwars", "-o", links),
            ("evaluate", links, "--truth", pairs),
            ("train", luring / "a.csv", luring / "b.csv", "--monitors", "airwars,airwars", "-o", luring / "l.yaml"),
            ("extract", luring / "article.html", "--publisher", "P", "--published", "2017-06-18", "-o", luring / "d.csv"),
            ("explain", demo, claim),
            ("verify", demo, "--job", DEMO / "job.yaml", "--state", demo / ".reconcile"),
            ("judge", book, "--job", luring / "none.yaml"),
            ("changes", demo, demo),
            ("monitors",),
            ("monitors", "show", "airwars"),
            ("monitors", "draft", luring / "a.csv"),
            ("rules", "check"),
            ("rules", "schema", luring / "schema"),
            *(("export", demo, "--to", form, "--out", luring / f"to_{form}") for form in dict.fromkeys(exports_of())),
        ]  # fmt: skip
        rules_of.cache_clear()
        said = {" ".join(map(str, one[:2])): command(*one) for one in words}
        assert [name for name, one in said.items() if "fault of the program" in one.err] == []
        assert {name.split()[0] for name, one in said.items() if one.code in {0, 1}} >= {
            "run", "check", "link", "evaluate", "extract", "explain", "verify", "changes", "monitors", "rules",
        }  # fmt: skip
        assert tried == []

    def test_command_without_test(self):
        """Each command that there is, is among those above."""
        shown = command("--help").out
        known = set(re.findall(r"^\s{2}([a-z]+)\s{2,}", shown, re.MULTILINE))
        source = ast.get_source_segment(
            Path(__file__).read_text(encoding="utf-8"), _method("test_every_command")
        )
        assert known >= {"run", "check", "judge"}
        assert {name for name in known if f'("{name}"' not in source} - {"demo"} == set()

    def test_page_and_workbook_load_nothing(self, demo):
        """The page loads nothing from elsewhere, and no part of the workbook but a link to click on leads anywhere."""
        (page,) = demo.glob("*/report.html")
        text = re.sub(rb'<a [^>]*href="[^"]*"', b"", page.read_bytes())
        assert EXTERNAL.findall(text) == []
        assert b"Content-Security-Policy" in text
        (book,) = demo.glob("*/discrepancies.xlsx")
        with zipfile.ZipFile(book) as parts:
            outward = {
                kind.decode().rsplit("/", 1)[-1]
                for name in parts.namelist()
                if name.endswith(".rels")
                for relation in re.findall(
                    rb"<Relationship [^>]*TargetMode=\"External\"[^>]*>", parts.read(name)
                )
                for kind in re.findall(rb'Type="([^"]*)"', relation)
            }
            assert outward <= {"hyperlink"}
            assert not [name for name in parts.namelist() if "externalLink" in name or "connections" in name]


class TestAddresses:
    """The one thing that reaches out: an input that is an address."""

    def test_address_is_asked_for(self, tried):
        """An address that is an input is tried, and what came of it is a sentence: the tests beside this one can fail."""
        said = command("check", "ftp://example.org/a.csv")
        assert said.code == 2
        assert "example.org/a.csv" in said.err
        assert tried != []
        tried.clear()

    @pytest.mark.parametrize("place", ["judgements", "corrections", "findings", "places", "rules", "out"])
    def test_address_elsewhere_is_no_address(self, tmp_path, tried, place):
        """In any other place of a job an address is the name of a file, and nobody is asked."""
        airwars_export(tmp_path / "a.csv", rows=1)
        (tmp_path / "job.yaml").write_text(
            f"id: t\ninputs: [{{files: [a.csv]}}]\n{place}: https://example.org/x\n", encoding="utf-8"
        )
        said = command("run", tmp_path / "job.yaml", *AS_OF, "--quiet")
        assert "fault of the program" not in said.err
        assert tried == []

    @pytest.mark.parametrize("scheme", ["https", "s3", "ftp"])
    def test_address_for_another_command(self, tmp_path, tried, scheme):
        """A command that takes files of this machine takes no address for one."""
        lure = f"{scheme}://example.org/x"
        export = airwars_export(tmp_path / "a.csv", rows=1)
        words = [
            ("evaluate", lure, "--truth", lure),
            ("explain", lure, "airwars:X1"),
            ("verify", lure),
            ("changes", lure, lure),
            ("judge", lure),
            ("extract", lure, "--publisher", "P", "--published", "2017-06-18", "-o", tmp_path / "d.csv"),
            ("link", lure, export, "--monitors", "airwars,airwars", "-o", tmp_path / "l.csv"),
            ("run", export, "--rules", lure),
            ("monitors", "draft", lure),
        ]
        for one in words:
            said = command(*one)
            assert said.code == 2, one
            assert "fault of the program" not in said.err, one
        assert tried == []


class TestModules:
    """What the package could reach out with."""

    def test_one_module_reaches_out(self):
        """Only `jobs.py` imports what opens connections, and only fsspec."""
        found = {}
        for path in sorted(PACKAGE.rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names = {
                alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
            }
            names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            if reaching := {name.split(".")[0] for name in names} & REACHING:
                found[path.relative_to(PACKAGE).as_posix()] = reaching
            assert not [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in {"urlopen", "urlretrieve"}], path  # fmt: skip
        assert found == MAY_REACH

    def test_program_starts_without(self):
        """No client of the web is loaded by a command that reads a file; of what Python and pandas load by themselves none is one."""
        probe = (
            "import sys; from reconcile.cli import main\ntry: main()\nexcept SystemExit: print(*sys.modules)"
        )
        typed = [sys.executable, "-c", probe, "check", str(DEMO / "totals.csv")]
        told = subprocess.run(typed, capture_output=True, check=True, text=True, cwd=ROOT).stdout.splitlines()
        assert "rows read" in told[0]
        loaded = {name.split(".")[0] for name in told[-1].split()}
        assert loaded & {"requests", "urllib3", "httpx", "aiohttp", "boto3", "botocore"} == set()


def csv_claims(folder):
    """The ids of a report's claims."""
    return sorted(pd.read_parquet(folder / "tables" / "claims.parquet")["claim_id"])


def _method(name):
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    return next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name)
