"""Archives give the files in them: each by its name, none passed over, and no bomb opened."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile.errors import InputFault
from reconcile.read import files
from reconcile.read.files import SourceFile
from reconcile.read.unpack import Unpacked, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CSV = b"code,place\nX1,Tell Example\n"


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def locked(content: bytes) -> bytes:
    """A zip whose only member says of itself that it is encrypted."""
    changed = bytearray(content)
    changed[6] |= 1
    changed[changed.find(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


def opened(name: str, content: bytes) -> Unpacked:
    """What is in a file."""
    return unpack(SourceFile(name, content))


def names(name: str, content: bytes) -> list[str]:
    """The names of the files in an archive that has nothing else in it."""
    found = opened(name, content)
    assert (found.skipped, found.faults) == ((), ())
    return [one.name for one in found.files]


def fault(content: bytes) -> str:
    """What is said of an archive that can't be opened."""
    with pytest.raises(InputFault) as caught:
        opened("given.zip", content)
    sentence = str(caught.value)
    assert sentence.startswith("given.zip")
    assert sentence.endswith(".")
    return sentence


# ---- what comes out --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        b"",
        zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}),
        zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}),
        b"PAR1" + CSV,
        b"\xd0\xcf\x11\xe0" + CSV,
    ],
)
def test_file_that_is_no_archive_is_itself(content: bytes) -> None:
    """Texts and workbooks stay as they are, whatever they are called."""
    for name in ("given.csv", "given.zip", "given.gz"):
        source = SourceFile(name, content)
        assert unpack(source) == Unpacked((source,))


@pytest.mark.parametrize(
    ("pack", "suffix"), [(gzip.compress, ".gz"), (bz2.compress, ".bz2"), (lzma.compress, ".xz")]
)
def test_packed_file_is_the_one_in_it(pack: Callable[[bytes], bytes], suffix: str) -> None:
    """It is named without the ending; one that was named for what is in it keeps its name."""
    for name, expected in (
        (f"a.csv{suffix}", "a.csv"),
        (f"A.CSV{suffix.upper()}", "A.CSV"),
        ("a.csv", "a.csv"),
    ):
        assert opened(name, pack(CSV)).files == (SourceFile(expected, CSV),)
    assert opened(f"a.csv{suffix}", pack(CSV) + pack(b"X2,y\n")).files[0].content == CSV + b"X2,y\n"
    assert opened("empty.csv.gz", pack(b"")).files[0].content == b""


def test_zip_is_its_members_in_order_of_names() -> None:
    """Each member that we read is named by the archive and itself; a workbook in it stays whole."""
    book = zipped({"[Content_Types].xml": b"<x/>"})
    members = {"b.csv": CSV, "a/d.XLSX": book, "c.csv.gz": gzip.compress(CSV), "a/b.json": b"[]"}
    found = opened("GED.zip", zipped(members))
    assert [one.name for one in found.files] == [
        "GED.zip/a/b.json",
        "GED.zip/a/d.XLSX",
        "GED.zip/b.csv",
        "GED.zip/c.csv",
    ]
    assert [one.content for one in found.files] == [b"[]", book, CSV, CSV]
    assert (found.skipped, found.faults) == ((), ())


def test_litter_is_no_file_and_strangers_are_told() -> None:
    """What a system adds is passed over; a manual, a picture, a README are named."""
    litter = (
        "__MACOSX/._a.csv",
        ".DS_Store",
        "x/.DS_Store",
        "Thumbs.db",
        "x/desktop.ini",
        "~$a.xlsx",
        "x/",
        "._a.csv",
    )
    strangers = ("Codebook.pdf", "README", "README.txt", "license.txt", "map.shp", "x/Read me.txt")
    found = opened(
        "given.zip", zipped({"a.csv": CSV, "notes.txt": b"x", **dict.fromkeys((*litter, *strangers), b"x")})
    )
    assert [one.name for one in found.files] == ["given.zip/a.csv", "given.zip/notes.txt"]
    assert found.skipped == tuple(f"given.zip/{name}" for name in strangers)


def test_path_is_a_name_only() -> None:
    """A member that would be written elsewhere is read like any other: nothing is written."""
    assert names("given.zip", zipped({"../../etc/a.csv": CSV, "/b.csv": CSV})) == [
        "given.zip/../../etc/a.csv",
        "given.zip//b.csv",
    ]


def test_names_that_would_be_alike_keep_apart() -> None:
    """Rows are accounted for by the name of their file, so none stands twice."""
    assert names("given.zip", zipped({"a.csv": CSV, "a.csv.gz": gzip.compress(CSV)})) == [
        "given.zip/a.csv",
        "given.zip/a.csv (2)",
    ]


def test_one_archive_in_another_is_opened_and_no_more() -> None:
    """Of three inside each other the innermost is a fault of its own, beside what was read."""
    inner = zipped({"a.csv": CSV, "b.csv.gz": gzip.compress(CSV)})
    found = opened("given.zip", zipped({"in.zip": inner, "c.csv": CSV}))
    assert [one.name for one in found.files] == ["given.zip/c.csv", "given.zip/in.zip/a.csv"]
    ((one,), _) = found.faults, found.skipped
    assert str(one).startswith("given.zip/in.zip/b.csv.gz: is an archive in an archive in an archive.")
    assert names("given.zip.gz", gzip.compress(zipped({"a.csv": CSV}))) == ["given.zip/a.csv"]


MEMBERS = st.dictionaries(
    st.text(st.sampled_from("ab./\\é"), min_size=1, max_size=4).map(lambda stem: f"x{stem}y.csv"), st.binary(max_size=30).map(b"a".__add__), min_size=1, max_size=5
)  # fmt: skip


@budget(100)
@given(MEMBERS)
def test_unpack_nothing_is_passed_over(members: dict[str, bytes]) -> None:
    """Whatever members are called and hold, each comes out, as it went in."""
    found = opened("given.zip", zipped(members))
    expected = {f"given.zip/{name}": content for name, content in members.items()}
    assert {one.name: one.content for one in found.files} == expected


# ---- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(zipped({"a.csv": CSV})[:-9], "ends too early or is damaged", id="cut zip"),
        pytest.param(gzip.compress(CSV * 99)[:-9], "can't be unpacked", id="cut gz"),
        pytest.param(bz2.compress(CSV * 99)[:-9], "can't be unpacked", id="cut bz2"),
        pytest.param(lzma.compress(CSV * 99)[:-9], "can't be unpacked", id="cut xz"),
        pytest.param(gzip.compress(CSV) + b"more", "can't be unpacked", id="something behind a gz"),
        pytest.param(b"\x1f\x8bno gz", "can't be unpacked", id="no gz"),
        pytest.param(zipped({}), "in it: nothing at all", id="empty zip"),
        pytest.param(zipped({"a.pdf": b"", "b.doc": b""}), "in it: 1 .doc, 1 .pdf.", id="nothing readable"),
        pytest.param(locked(zipped({"a.csv": CSV})), "a.csv: is locked with a password", id="locked"),
        pytest.param(gzip.compress(bytes(257) + b"ustar" + bytes(99)), "is a packed tar archive", id="tar"),
        pytest.param(zipped({"a.csv": bytes(2**27)}), "was not opened", id="zip bomb"),
        pytest.param(gzip.compress(bytes(2**27)), "was not opened", id="gz bomb"),
        pytest.param(bz2.compress(bytes(2**27)), "was not opened", id="bz2 bomb"),
        pytest.param(lzma.compress(bytes(2**27)), "was not opened", id="xz bomb"),
        pytest.param(zipped({"a.csv.gz": gzip.compress(bytes(2**27))}), "was not opened", id="bomb in a zip"),
    ],
)  # fmt: skip
def test_archive_that_can_not_be_opened_says_why(content: bytes, said: str) -> None:
    """Damage, bombs and locks are one sentence."""
    assert said in fault(content)


def test_zip_that_is_called_a_workbook_is_left_to_those() -> None:
    """A zip of nothing that we read, called .xlsx, is told as a workbook that is none; one of exports is unpacked."""
    source = SourceFile("given.xlsx", zipped({"note": b"x"}))
    assert unpack(source) == Unpacked((source,))
    assert names("given.xlsx", zipped({"a.csv": CSV})) == ["given.xlsx/a.csv"]


def test_damaged_member_leaves_the_others() -> None:
    """A member whose checksum is wrong is a fault of its own."""
    content = bytearray(zipped({"a.csv": CSV * 99, "b.csv": CSV}))
    content[45] ^= 0xFF
    found = opened("given.zip", bytes(content))
    assert [one.name for one in found.files] == ["given.zip/b.csv"]
    assert [str(one).split(" ")[0] for one in found.faults] == ["given.zip/a.csv:"]


def test_unpack_bombs_stay_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members none of which is a bomb alone are counted together, those in nested archives too."""
    monkeypatch.setattr(files, "UNZIPPED_LIMIT", 1000)
    content = zipped({f"{number}.csv.gz": gzip.compress(bytes(300)) for number in range(4)})
    with pytest.raises(InputFault, match=r"^given\.zip: would unpack"):
        opened("given.zip", content)


@budget(100)
@given(
    st.data(),
    st.sampled_from(
        [zipped({"a.csv": CSV, "b.csv": CSV}), gzip.compress(CSV), lzma.compress(CSV), bz2.compress(CSV)]
    ),
)
def test_spoiled_archives_end_in_a_sentence(data: st.DataObject, whole: bytes) -> None:
    """Whatever happens to an archive on its way, it is opened or refused, and nothing else."""
    content = bytearray(whole[: data.draw(st.integers(1, len(whole)))])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        opened("given.zip", bytes(content))
    except InputFault:
        return
