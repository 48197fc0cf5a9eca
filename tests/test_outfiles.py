"""Files that a command writes: CSV that no spreadsheet program runs, and files that are whole or as they were."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.errors import OutputFault
from reconcile.outfiles import guarded, restored, write_whole

RISKY = ("=1+1", "+40 dead", "-12", "@observatory said", " =x", "\t=x", "\rx", "'=x", "''-x", "＝1")
CELLS = st.one_of(st.sampled_from(RISKY), st.text(st.characters(exclude_categories=("Cs",)), max_size=20))


@given(CELLS)
@settings(max_examples=200, deadline=None)
def test_outfiles_nothing_runs(text):
    """No cell begins with a sign that Excel makes a formula of, however much white space stands before it."""
    assert not guarded(text).lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not guarded(text).startswith(("\t", "\r"))


@given(CELLS, st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_outfiles_text_comes_back(text, apostrophes):
    """Text that is guarded comes back as it was, whatever apostrophes it had of its own."""
    assert restored(guarded("'" * apostrophes + text)) == "'" * apostrophes + text


def test_what_stood_there_stays(tmp_path):
    """Where a file can't be replaced, it is as it was, and nothing lies beside it."""
    path = tmp_path / "kept"
    path.mkdir()
    with pytest.raises(OutputFault, match="can't be written"):
        write_whole(path, b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["kept"]
    assert path.is_dir()
