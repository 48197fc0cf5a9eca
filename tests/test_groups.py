"""Values gathered by group: the same as pandas makes of them, a group at a time."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from reconcile.groups import gathered, joined

ROWS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([1.0, 2.0, float("nan")]), st.text("xyz", max_size=3))
)


def frame_of(rows: list[tuple[str, float, str]]) -> pd.DataFrame:
    """Rows with two keys and a text, under an index that says nothing of their order."""
    made = pd.DataFrame(rows, columns=["name", "number", "text"]).astype(
        {"name": "str", "number": "float64", "text": "str"}
    )
    return made.set_axis(range(len(made), 0, -1), axis=0)


@given(ROWS)
def test_groups_are_those_of_pandas(rows: list[tuple[str, float, str]]) -> None:
    """Groups come in the order of their keys, values in that of their rows; a row without a key is in none."""
    made = frame_of(rows)
    found = gathered(made, ["name", "number"], "text")
    keyed = made.dropna(subset=["number"])
    wanted = {key: tuple(part["text"]) for key, part in keyed.groupby(["name", "number"], sort=True)}
    assert list(zip(found["name"], found["number"], strict=True)) == list(wanted)
    assert found["text"].tolist() == list(wanted.values())
    assert found.columns.tolist() == ["name", "number", "text"]


@given(ROWS)
def test_texts_are_joined(rows: list[tuple[str, float, str]]) -> None:
    """The texts of a group are one, and stay text where there is no group at all."""
    made = frame_of(rows)
    found = joined(made, ["name"], "text", "; ")
    assert found["text"].dtype == "str"
    assert found["text"].tolist() == ["; ".join(part["text"]) for _, part in made.groupby("name", sort=True)]
