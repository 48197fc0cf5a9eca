"""The one door to YAML: rule files, job files, judgements and corrections become frozen models, faults come with lines."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import pandas as pd
import yaml  # type: ignore[import-untyped]  # PyYAML comes without types
from pydantic import BaseModel, TypeAdapter, ValidationError

from reconcile.codtables import read_cod_table
from reconcile.errors import RuleFaults, UsageFault
from reconcile.ruleset import (
    Correction,
    DiscrepancyRules,
    FindingDecision,
    Grammar,
    HealthRules,
    Judgement,
    Linkage,
    Monitor,
    ProseRules,
    Ruleset,
    Vocabulary,
    fold_spelling,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reconcile.ruleset import Layout

    Loc = tuple[str | int, ...]
    # Where in a file a fault stands, and its sentence.
    Told = tuple[Loc, str]

Model = TypeVar("Model", bound=BaseModel)
PLACE_COLUMNS = (
    "place_id",
    "name",
    "alternates",
    "kind_code",
    "country_code",
    "admin1",
    "pcode",
    "latitude",
    "longitude",
    "radius_km",
    "source",
)


class _Fast(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml's loader has no stubs
    """Reads plain content as YAML 1.2 has it, ten times faster than the reader that knows lines; on any doubt it gives up.

    Days are left as text, so that one that does not exist is a fault of its line and not of the file.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {}


_Fast.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Fast.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
_Fast.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")
)
_Fast.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?$"), list("-+0123456789")
)
# Other spellings of numbers, merges and tags of its own: what the reader that knows lines makes of them, counts.
_Fast.add_implicit_resolver(
    "!doubt",
    re.compile(
        r"^(?![0-9]{4}-[0-9]{2}-[0-9]{2}$)(?:[-+]?\.?[0-9][0-9_.:eEoxXbBa-fA-F+-]*|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)|<<|=)$"
    ),
    list("-+.0123456789<="),
)


def _unique_mapping(loader: Any, node: Any) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    if len(set(keys)) < len(keys):
        raise yaml.YAMLError("a key that stands twice")
    return {
        key: loader.construct_object(value, deep=True)
        for key, (_, value) in zip(keys, node.value, strict=True)
    }


_Fast.add_constructor("tag:yaml.org,2002:map", _unique_mapping)


# What every reader takes for a text without quotes, and the words among them that some reader takes for something else.
_PLAIN = re.compile(r"[^\W\d](?:[\w .()/%-]*[\w.()/%-])?")
_NO_TEXTS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})

# Tags and tabs, which the two readers take differently.
_DOUBTFUL = re.compile(r"\t|(?:^|[\s,:\[{-])![^\s]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file: its plain content, its text, and the name to show a person."""

    shown: str
    content: Any
    text: str

    @property
    def tree(self) -> Any:
        """The node tree with line numbers: read where a fault has to be told."""
        return _tree_of(self.text)


@dataclass(frozen=True, slots=True)
class Filled(Generic[Model]):
    """A rule file: its document, None where it can't be read, and its model, None where it is at fault."""

    document: Document | None
    model: Model | None


def shipped_dir(part: str) -> Path:
    """Return the folder of shipped files: inside the wheel, or the checkout of an editable install.

    Args:
        part: "rules" or "demo".
    """
    package = Path(__file__).parent
    inside = package / "_shipped" / part
    checkout = package.parent / {"rules": "rules", "demo": "fixtures/demo"}[part]
    return inside if inside.is_dir() else checkout


def load_rules(folder: Path | None = None) -> Ruleset:
    """Read every rule file of a folder.

    Args:
        folder: of the layout of `rules/`; None for the rules shipped with the program.

    Raises:
        RuleFaults: with every fault of every file at once.
        UsageFault: when the folder holds no rules at all.
    """
    root = folder or shipped_dir("rules")
    if not (root / "monitors").is_dir():
        raise UsageFault(
            f"{root}: no rules here; expected a folder with monitors/, vocabularies/, linkage/ and places/ in it."
        )
    root = root.absolute()  # so that "." has a name to tell
    faults: list[str] = []
    monitor_files = _load_all(root, "monitors", Monitor, faults)
    vocabulary_files = _load_all(root, "vocabularies", Vocabulary, faults, skip=frozenset({"quantities"}))
    grammars = _load_all(root, "grammars", Grammar, faults)
    prose = _models(_load_all(root, "prose", ProseRules, faults))
    linkage = _models(_load_all(root, "linkage", Linkage, faults))
    quantities = _load_mapping(root / "vocabularies" / "quantities.yaml", root, faults)
    kinds = _load_one(root / "discrepancies.yaml", root, DiscrepancyRules, faults)
    # Rules of before there was such a file are whole without it.
    has_health = (root / "health.yaml").is_file()
    health = _load_one(root / "health.yaml", root, HealthRules, faults) if has_health else HealthRules()
    places = _load_places(root, faults)
    faults += _cross_faults(monitor_files, vocabulary_files)
    faults += _grammar_faults(monitor_files, grammars)
    if faults or kinds is None or health is None:
        raise RuleFaults(faults)
    return Ruleset(
        root=root,
        monitors=_models(monitor_files),
        vocabularies=_models(vocabulary_files),
        grammars=_models(grammars),
        prose=prose,
        quantities=quantities,
        places=places,
        linkage=linkage,
        discrepancies=kinds,
        health=health,
        digest=digest_folder(root),
    )


def digest_folder(root: Path) -> str:
    """Return the SHA-256 over the names and bytes of every rule file, independent of the platform's line ends."""
    digest = hashlib.sha256()
    for path in sorted(
        (*root.rglob("*.yaml"), *root.rglob("*.csv")), key=lambda path: path.relative_to(root).as_posix()
    ):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def load_model(path: Path, model: type[Model], shown: str | None = None) -> Model:
    """Read one YAML file into one model.

    Raises:
        RuleFaults: with every fault of the file.
    """
    faults: list[str] = []
    document = _read(path, shown or path.name, faults)
    filled: Model | None = _fill(document, TypeAdapter(model), faults) if document else None
    if filled is None:
        raise RuleFaults(faults)
    return filled


def line_of(path: Path, *keys: str) -> int:
    """Return the line on which a key of a YAML file stands, the nearest one above it where it does not."""
    document = _read(path, path.name, [])
    return _locate(document.tree, keys)[0] if document else 1


def write_linkage(source: Path, target: Path, linkage: Linkage) -> None:
    """Write a linkage rule file anew with other numbers: comments, titles and reasons stand as they do in the source.

    Raises:
        UsageFault: when the file can't be written.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415 - see `_tree_of`

    writer = YAML(typ="rt")
    writer.width = 128
    tree = writer.load(source.read_text(encoding="utf-8"))
    tree["trained_on"] = linkage.trained_on
    for key in ("prior_bits", "expected_share"):
        if key in tree:
            tree[key] = getattr(linkage, key)
    for name, levels in linkage.comparisons.items():
        for level, rule in levels.items():
            tree["comparisons"][name][level].update(m=rule.m, u=rule.u)
    try:
        with target.open("w", encoding="utf-8", newline="\n") as stream:
            writer.dump(tree, stream)
    except OSError as error:
        raise UsageFault(f"{target}: can't be written ({error.strerror}).") from None


def yaml_scalar(text: str) -> str:
    """Return a text as YAML on one line that every reader reads as that text: plain where nothing else can be meant, else quoted."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _NO_TEXTS:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    # Half of a pair that some systems write is no character, and no file in UTF-8 can hold it.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    escaped = (
        sign if sign.isprintable() and sign not in {'"', "\\"} else f"\\U{ord(sign):08x}" for sign in whole
    )
    return f'"{"".join(escaped)}"'


def load_judgements(path: Path) -> tuple[Judgement, ...]:
    """Read a judgements file; a missing file is an empty list."""
    return _load_list(path, tuple[Judgement, ...])


def load_corrections(path: Path) -> tuple[Correction, ...]:
    """Read a corrections file; a missing file is an empty list."""
    return _load_list(path, tuple[Correction, ...])


def load_finding_decisions(path: Path) -> tuple[FindingDecision, ...]:
    """Read a file of decisions on findings; a missing file is an empty list."""
    return _load_list(path, tuple[FindingDecision, ...])


def with_records(path: Path, kind: type[Model], added: Sequence[Model], withdrawn: Sequence[int]) -> str:
    """Return the text of a file of decisions with some of them withdrawn and others added at its end; comments and order stand.

    Args:
        path: of the file; there need be none.
        kind: what one record of it is.
        added: records.
        withdrawn: places of the records to mark so.

    Raises:
        RuleFaults: when the file, as it is, can't be read.
        UsageFault: when nothing can be added to it without changing what stands there.
    """
    from io import StringIO  # noqa: PLC0415 - see `_tree_of`

    from ruamel.yaml import YAML  # noqa: PLC0415 - see `_tree_of`

    stands = _load_list(path, tuple[kind, ...])  # type: ignore[valid-type]
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    offset = len(first[1]) if (first := re.search(r"^( *)- ", text, re.MULTILINE)) else 0
    writer = YAML(typ="rt")
    writer.preserve_quotes = True
    writer.width = 4096
    writer.indent(mapping=2, sequence=offset + 2, offset=offset)
    tree = writer.load(text) if stands else None
    records = [_stated(one) for one in added]
    out = StringIO()
    if tree is None:
        # A file of comments alone keeps them.
        plain = re.sub(r"^\s*\[\s*\]\s*$", "", text, flags=re.MULTILINE)
        out.write(plain if plain.endswith("\n") or not plain else f"{plain}\n")
        tree = []
    elif records:
        tree.fa.set_block_style()
    for place in withdrawn:
        tree[place]["status"] = "withdrawn"
    tree.extend(records)
    if tree:
        writer.dump(tree, out)
    faults: list[str] = []
    document = _read_text(out.getvalue(), path.name, faults)
    read = _fill(document, TypeAdapter(tuple[kind, ...]), faults) if document and tree else ()  # type: ignore[valid-type]
    wanted = [
        one.model_copy(update={"status": "withdrawn"}) if place in set(withdrawn) else one
        for place, one in enumerate(stands)
    ]
    if list(read or ()) != [*wanted, *added]:
        raise UsageFault(
            f"{path}: can't be added to as it is written. Write its records one below the other."
        )
    return out.getvalue()


def _stated(record: BaseModel) -> dict[str, Any]:
    """Return what a record states, in the order of its kind; what is left out has its default."""
    told = record.model_dump(exclude_defaults=True)
    # Of one and the same day the writer would make a name, and point to it.
    return {
        key: value.replace() if isinstance(value, date) else value
        for key, value in told.items()
        if value != ""
    }


def _load_list(path: Path, kind: Any) -> tuple[Any, ...]:
    if not path.is_file():
        return ()
    faults: list[str] = []
    document = _read(path, path.name, faults)
    if document is not None and document.content is None and not faults:
        return ()
    filled: tuple[Any, ...] = _fill(document, TypeAdapter(kind), faults) if document else ()
    if faults:
        raise RuleFaults(faults)
    return filled


def _load_all(
    root: Path, part: str, model: type[Model], faults: list[str], skip: frozenset[str] = frozenset()
) -> dict[str, Filled[Model]]:
    loaded: dict[str, Filled[Model]] = {}
    for path in sorted((root / part).glob("*.yaml")):
        if path.stem in skip:
            continue
        document = _read(path, _shown(path, root), faults)
        one: Model | None = _fill(document, TypeAdapter(model), faults) if document else None
        loaded[path.stem] = Filled(document, one)
        found = getattr(one, "id", path.stem)
        if document and found != path.stem:
            faults.append(
                _tell(document, ("id",), f"found {found!r}, but the file's name says {path.stem!r}.")
            )
    return loaded


def _models(files: Mapping[str, Filled[Model]]) -> dict[str, Model]:
    return {name: file.model for name, file in files.items() if file.model is not None}


def _load_one(path: Path, root: Path, model: type[Model], faults: list[str]) -> Model | None:
    document = _read(path, _shown(path, root), faults)
    return _fill(document, TypeAdapter(model), faults) if document else None


def _load_mapping(path: Path, root: Path, faults: list[str]) -> dict[str, object]:
    document = _read(path, _shown(path, root), faults)
    if document is None or not isinstance(document.content, dict):
        return {}
    return document.content


def _shown(path: Path, root: Path) -> str:
    return f"{root.name}/{path.relative_to(root).as_posix()}"


def _read(path: Path, shown: str, faults: list[str]) -> Document | None:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        faults.append(f"{shown}: there is no such file.")
        return None
    except UnicodeDecodeError as error:
        faults.append(f"{shown}: not UTF-8 text (byte {error.start}); save it as UTF-8.")
        return None
    return _read_text(text, shown, faults)


def _read_text(text: str, shown: str, faults: list[str]) -> Document | None:
    if _DOUBTFUL.search(text):
        return _read_with_lines(text, shown, faults)
    try:
        return Document(shown, _plain(yaml.load(text, Loader=_Fast)), text)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return _read_with_lines(text, shown, faults)


def _read_with_lines(text: str, shown: str, faults: list[str]) -> Document | None:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415 - see `_tree_of`

    try:
        return Document(shown, _plain(_tree_of(text)), text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.append(f"{shown}:{line}: not readable as YAML: {error.problem or error.context}.")
    except (YAMLError, ValueError) as error:
        faults.append(f"{shown}:1: not readable as YAML: {error}.")
    return None


@lru_cache(maxsize=64)
def _tree_of(text: str) -> Any:
    # Lines are told where something is wrong; most runs never need them, nor the time that this reader takes.
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.constructor import RoundTripConstructor  # noqa: PLC0415

    class _DaysAsText(RoundTripConstructor):
        """Leaves days as text, as `_Fast` does."""

    _DaysAsText.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: self.construct_scalar(node))
    reader = YAML(typ="rt")
    reader.allow_duplicate_keys = False
    reader.Constructor = _DaysAsText
    return reader.load(text)


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _fill(document: Document, adapter: TypeAdapter[Any], faults: list[str]) -> Any:
    try:
        return adapter.validate_python(document.content)
    except ValidationError as error:
        seen: set[str] = set()
        told = error.errors()
        # A list all of whose members are at fault is also "too short": that says nothing new.
        deeper = [fault["loc"] for fault in told]
        for fault in told:
            if fault["type"] == "too_short" and any(
                loc[: len(fault["loc"])] == fault["loc"] != loc for loc in deeper
            ):
                continue
            sentence = _tell(document, fault["loc"], _sentence(fault))
            if sentence not in seen:
                seen.add(sentence)
                faults.append(sentence)
    return None


def _tell(document: Document, loc: Sequence[Any], sentence: str) -> str:
    line, path = _locate(document.tree, loc)
    return f"{document.shown}:{line}: {path}{': ' if path else ''}{sentence}"


def _locate(tree: Any, loc: Sequence[Any]) -> tuple[int, str]:
    # pydantic's location also holds names of union members, which are no keys of the file: they are passed over.
    node: Any = tree
    line = 1
    path: list[str] = []
    for step in loc:
        positions = getattr(getattr(node, "lc", None), "data", None) or {}
        if (isinstance(node, dict) and step in node) or (
            isinstance(node, list) and isinstance(step, int) and step < len(node)
        ):
            line = positions[step][0] + 1 if step in positions else line
        elif isinstance(node, dict) and step == loc[-1] and isinstance(step, str) and step != "[key]":
            path.append(step)
            continue
        else:
            continue
        path.append(str(step))
        node = node[step]
    return line, ".".join(path)


def _sentence(fault: Any) -> str:
    kind, given = fault["type"], fault.get("input")
    if kind == "extra_forbidden":
        return "not a key that is known here; check its spelling or remove it."
    if kind == "missing":
        return "missing; it has to be stated."
    if kind == "literal_error":
        return f"found {given!r}; allowed are {fault['ctx']['expected']}."
    if given is None and kind.endswith("_type"):
        return "nothing stands here yet; write what it is."
    message = str(fault["msg"]).removeprefix("Value error, ")
    shown = "" if isinstance(given, (dict, list)) else f"found {given!r}; "
    return f"{shown}{message}."


def _load_places(root: Path, faults: list[str]) -> pd.DataFrame:
    tables = [
        _read_places(path, _shown(path, root), faults) for path in sorted((root / "places").glob("*.csv"))
    ]
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in PLACE_COLUMNS})
    places = pd.concat(tables, ignore_index=True)
    repeated = places.loc[places["place_id"].duplicated(), "place_id"]
    faults += [f"{root.name}/places: place_id {place_id!r} stands twice." for place_id in repeated]
    return places


def load_places(path: Path) -> pd.DataFrame:
    """Read a user's gazetteer: a COD-AB table as OCHA publishes it, or one of the columns of `rules/places`.

    Raises:
        RuleFaults: when it can't be read, lacks a column, or has a row that can't be read.
    """
    faults: list[str] = []
    places = read_cod_table(path, path.name, faults)
    if places is None:
        places = _read_places(path, path.name, faults)
    if faults:
        raise RuleFaults(faults)
    return places


def _read_places(path: Path, shown: str, faults: list[str]) -> pd.DataFrame:
    blank = pd.DataFrame({name: pd.Series(dtype="str") for name in PLACE_COLUMNS})
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        faults.append(f"{shown}: not readable as CSV in UTF-8: {error}.")
        return blank
    if lost := [name for name in PLACE_COLUMNS if name not in table.columns]:
        faults.append(
            f"{shown}:1: missing columns: {', '.join(lost)}; a gazetteer has {', '.join(PLACE_COLUMNS)}."
        )
        return blank
    for name in ("latitude", "longitude", "radius_km"):
        numbers = pd.to_numeric(table[name], errors="coerce")
        faults += [
            f"{shown}:{row + 2}: {name}: found {table[name].iloc[row]!r}; a number is needed."
            for row in table.index[numbers.isna()]
        ]
        table[name] = numbers
    return table[list(PLACE_COLUMNS)]


# ---- what files say of each other ----------------------------------------------------------------------------------

# A longer vocabulary is not told in full.
TERMS_TOLD = 20
# Fields whose codes must be terms of a vocabulary.
CODED_FIELDS = {
    "grade_code": "grades",
    "attribution_code": "attributions",
    "violence_code": "violence",
    "position_code": "positions",
    "place_kind_code": "place_kinds",
    "measure_code": "measures",
    "population_code": "populations",
    "country_code": "countries",
    "perpetrator_codes": "perpetrators",
    "victim_sex_code": "sexes",
    "origin_code": "origins",
    "belligerent_code": "perpetrators",
}


def _cross_faults(
    monitors: Mapping[str, Filled[Monitor]], vocabularies: Mapping[str, Filled[Vocabulary]]
) -> Iterator[str]:
    for words in vocabularies.values():
        if words.document and words.model:
            yield from (_tell(words.document, *told) for told in _vocabulary_faults(words.model))
    for file in monitors.values():
        if file.document and file.model:
            yield from (_tell(file.document, *told) for told in _monitor_faults(file.model, vocabularies))


def _grammar_faults(
    monitors: Mapping[str, Filled[Monitor]], grammars: Mapping[str, Filled[Grammar]]
) -> Iterator[str]:
    owner: dict[str, str] = {}
    for name, file in monitors.items():
        if not (file.document and file.model):
            continue
        for at, layout in enumerate(file.model.layouts):
            other = owner.setdefault(layout.id, name)
            if other != name:
                sentence = f"{layout.id!r} is a layout of {other} too; the ids of layouts have to differ."
                yield _tell(file.document, ("layouts", at, "id"), sentence)
            if layout.grammar and layout.grammar not in grammars:
                sentence = f"no grammar {layout.grammar!r}; known are {', '.join(grammars) or 'none'}."
                yield _tell(file.document, ("layouts", at, "grammar"), sentence)
            grammar = grammars[layout.grammar].model if layout.grammar in grammars else None
            lost = [name for name in layout.columns if grammar and name not in grammar.columns]
            if lost:
                sentence = f"the grammar {layout.grammar!r} makes no such columns: {', '.join(lost)}."
                yield _tell(file.document, ("layouts", at, "columns"), sentence)


def _vocabulary_faults(vocabulary: Vocabulary) -> Iterator[Told]:
    owner: dict[str, str] = {}
    for code, term in vocabulary.terms.items():
        if lost := [parent for parent in term.parents if parent not in vocabulary.terms]:
            yield ("terms", code, "parents"), f"no such terms: {', '.join(lost)}."
        for alias in term.aliases:
            other = owner.setdefault(fold_spelling(alias), code)
            if other != code:
                yield ("terms", code, "aliases"), f"{alias!r} already stands under {other!r}."
    for at, dependent in enumerate(vocabulary.depends):
        if dependent.code not in vocabulary.terms:
            yield ("depends", at, "code"), f"no such term: {dependent.code}."


def _monitor_faults(monitor: Monitor, vocabularies: Mapping[str, Filled[Vocabulary]]) -> Iterator[Told]:
    yield from _term_faults(_codes_of_monitor(monitor), vocabularies)
    for at, layout in enumerate(monitor.layouts):
        for column, rules in layout.columns.items():
            for which, rule in enumerate(rules):
                if rule.vocabulary and rule.vocabulary not in {*vocabularies, "monitors"}:
                    loc = ("layouts", at, "columns", column, which, "vocabulary")
                    yield loc, _no_vocabulary(rule.vocabulary, vocabularies)
        for place, column in _wheres_of(layout):
            if column not in layout.columns:
                known = ", ".join(layout.columns)
                yield ("layouts", at, *place), f"no column {column!r}; `columns` describes {known}."


def _term_faults(
    coded: Iterator[tuple[Loc, str, str]], vocabularies: Mapping[str, Filled[Vocabulary]]
) -> Iterator[Told]:
    # A vocabulary that is not there is told once a file; of one that is at fault itself nothing more is said.
    absent: set[str] = set()
    for loc, field, code in coded:
        name = CODED_FIELDS[field]
        if name not in vocabularies:
            if name not in absent:
                yield loc, _no_vocabulary(name, vocabularies)
            absent.add(name)
        elif (vocabulary := vocabularies[name].model) and code not in vocabulary.terms:
            yield loc, f"{code} not in the vocabulary {name!r}; it has {_some_terms(code, vocabulary)}."


def _some_terms(code: str, vocabulary: Vocabulary) -> str:
    if len(vocabulary.terms) <= TERMS_TOLD:
        return ", ".join(vocabulary.terms)
    alike = difflib.get_close_matches(code, vocabulary.terms)
    return f"{len(vocabulary.terms)} terms, {'the nearest ' + ', '.join(alike) if alike else 'none alike'}"


def _no_vocabulary(name: str, vocabularies: Mapping[str, Filled[Vocabulary]]) -> str:
    return f"no vocabulary {name!r}; known are {', '.join(vocabularies)}."


def _codes_of_monitor(monitor: Monitor) -> Iterator[tuple[Loc, str, str]]:
    """Yield where each code stands that has to be a term, the field it is of, and the code."""
    for field in ("origin_code", "belligerent_code"):
        if code := getattr(monitor, field):
            yield (field,), field, code
    for at, rung in enumerate(monitor.grade_rungs):
        for which, grade in enumerate(rung.grades):
            yield ("grade_rungs", at, "grades", which), "grade_code", grade
    for at, layout in enumerate(monitor.layouts):
        for loc, field, codes in _codes_of(layout):
            for code in codes.split() if field in CODED_FIELDS else ():
                yield ("layouts", at, *loc), field, code


def _codes_of(layout: Layout) -> Iterator[tuple[Loc, str, str]]:
    """Yield where codes stand, the field they are of, and the codes, several joined by spaces."""
    for column, rules in layout.columns.items():
        for at, rule in enumerate(rules):
            for written, codes in (rule.codes or {}).items():
                yield ("columns", column, at, "codes", written), rule.field or "", codes
    for field, codes in layout.constants.items():
        yield ("constants", field), field, codes
    for at, figure in enumerate(layout.figures):
        yield ("figures", at, "measure_code"), "measure_code", figure.measure_code
        yield ("figures", at, "population_code"), "population_code", figure.population_code


def _wheres_of(layout: Layout) -> Iterator[tuple[Loc, str]]:
    for name, rules in layout.columns.items():
        for at, rule in enumerate(rules):
            if rule.where:
                yield ("columns", name, at, "where", "column"), rule.where.column
    for at, unit in enumerate(layout.units):
        if unit.where:
            yield ("units", at, "where", "column"), unit.where.column
    for at, figure in enumerate(layout.figures):
        for key, column in figure.wheres:
            yield ("figures", at, key, "column"), column


# ---- schemas -------------------------------------------------------------------------------------------------------


def write_schemas(folder: Path, more: Mapping[str, type[BaseModel]]) -> list[Path]:
    """Write a JSON Schema for each kind of rule file, for completion in editors; return the paths."""
    models: dict[str, type[BaseModel]] = {
        "monitor": Monitor,
        "vocabulary": Vocabulary,
        "grammar": Grammar,
        "prose": ProseRules,
        "linkage": Linkage,
        "discrepancies": DiscrepancyRules,
        "health": HealthRules,
        **more,
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, model in sorted(models.items()):
        path = folder / f"{name}.json"
        schema = json.dumps(
            model.model_json_schema(by_alias=True), indent=2, sort_keys=True, ensure_ascii=False
        )
        path.write_text(schema + "\n", encoding="utf-8", newline="\n")
        written.append(path)
    return written
