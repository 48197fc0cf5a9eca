"""The one door to spaCy: paragraphs in, sentences of tokens out, with the phrases of a lexicon marked in them.

Only its blank pipelines are used, which split text and match phrases: no model, no guess at what a word is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile.errors import UsageFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

# A blank line; or what is no word, but a key or an image in letters, which takes minutes to split.
_PARAGRAPH = re.compile(r"\n\s*\n\s*|\S{300,}")
_ENDS = frozenset({".", "!", "?", "؟", "!!", "?!", "!?", "۔", "؛"})
_CLOSERS = frozenset("\"'”’»)]")
_OPENERS = "\"'“‘«([—–-"
# A line so short that ends without a comma is a headline, a byline or an item of a list.
_SHORT_LINE = 60
# Tokens of the longest sentence; more of them is a list or a table, and is read piece by piece.
_LONGEST_SENTENCE = 120
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'", "\u2010": "-", "\u2011": "-"})
_LETTERS = str.maketrans("أإآٱىیکة", "اااا" + "يي" + "ك" + "ه")
_UNSEEN = dict.fromkeys([0x00AD, 0x0640, 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0xFEFF])
_ARABIC = re.compile("[\u0621-\u064a]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign.

    Attributes:
        start: position in the article's text.
        end: position after it.
        text: as written.
        norm: folded for look-up.
    """

    start: int
    end: int
    text: str
    norm: str

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[:1].isupper()


@dataclass(frozen=True, slots=True)
class Mark:
    """A phrase of the lexicon in a sentence.

    Attributes:
        kind: what the phrase is.
        code: what it means.
        first: its first token.
        last: the token after it.
    """

    kind: str
    code: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an article.

    Attributes:
        start: position in the article's text.
        end: position after it.
        text: the article's text between the two.
        paragraph: number of its paragraph.
        tokens: in order.
        marks: in order; several may stand on one token.
    """

    start: int
    end: int
    text: str
    paragraph: int
    tokens: tuple[Token, ...]
    marks: tuple[Mark, ...]

    def of(self, *kinds: str) -> list[Mark]:
        """Return the marks of some kinds, in order."""
        return [mark for mark in self.marks if mark.kind in kinds]

    def words(self, first: int, last: int) -> str:
        """Return the text from one token to before another."""
        if first >= last:
            return ""
        return self.text[self.tokens[first].start - self.start : self.tokens[last - 1].end - self.start]

    def token_at(self, position: int) -> int:
        """Return the first token that ends after a position in the sentence's text."""
        place = position + self.start
        return next((at for at, token in enumerate(self.tokens) if token.end > place), len(self.tokens))


def folded(text: str) -> str:
    """Return a word as it is looked up: case, apostrophes, vowel marks and seats of hamza aside."""
    plain = text.translate(_UNSEEN).translate(_APOSTROPHES).casefold()
    if _ARABIC.search(plain) is None:
        return plain
    bare = "".join(sign for sign in unicodedata.normalize("NFC", plain) if unicodedata.category(sign) != "Mn")
    return bare.translate(_LETTERS)


class Splitter:
    """A blank pipeline of one language and the phrases it knows."""

    def __init__(
        self,
        language: str,
        phrases: Mapping[tuple[str, str], Iterable[str]],
        abbreviations: Iterable[str],
        prefixes: Iterable[str],
        known: Callable[[str], bool],
    ) -> None:
        """Build the pipeline.

        Args:
            language: its ISO code.
            phrases: spellings by kind and code.
            abbreviations: words whose stop ends no sentence.
            prefixes: letters written onto the next word.
            known: whether a word is one without its prefix, beside those of the phrases.

        Raises:
            UsageFault: when spaCy is not installed.
        """
        try:
            import spacy  # noqa: PLC0415 - an extra, and slow to load
            from spacy.matcher import PhraseMatcher  # noqa: PLC0415
            from spacy.tokens import Doc  # noqa: PLC0415
        except ImportError:
            raise UsageFault(
                "Reading prose needs spaCy, which is not installed: pip install 'reconcile[prose]'."
            ) from None
        self._pipeline: Any = spacy.blank(language)
        self._doc: Any = Doc
        self._abbreviations = frozenset(map(folded, abbreviations))
        self._prefixes = tuple(sorted(map(folded, prefixes), key=len, reverse=True))
        self._known = known
        self._words: set[str] = set()
        self._marks: dict[int, list[tuple[str, str]]] = {}
        self._matcher: Any = PhraseMatcher(self._pipeline.vocab, attr="NORM")
        for key, spellings in phrases.items():
            for spelling in dict.fromkeys(spellings):
                self._learn(key, spelling)

    def _learn(self, key: tuple[str, str], spelling: str) -> None:
        doc = self._folded_doc(spelling)
        if not len(doc):
            return
        self._words.update(token.norm_ for token in doc)
        name = "\x1f".join(token.norm_ for token in doc)
        number = self._pipeline.vocab.strings.add(name)
        if number not in self._marks:
            self._marks[number] = []
            self._matcher.add(name, [doc])
        if key not in self._marks[number]:
            self._marks[number].append(key)

    def folded(self, text: str) -> str:
        """Return a phrase as its tokens are looked up, one space between them."""
        return " ".join(token.norm_ for token in self._folded_doc(text) if not token.is_space)

    def sentences(self, text: str) -> Iterator[Sentence]:
        """Yield the sentences of an article in order."""
        for number, (start, end) in enumerate(_paragraphs(text)):
            doc = self._folded_doc(text[start:end])
            tokens = [
                Token(start + token.idx, start + token.idx + len(token), token.text, token.norm_)
                for token in doc
                if not token.is_space
            ]
            if not tokens:
                continue
            kept = [at for at, token in enumerate(doc) if not token.is_space]
            position = {at: index for index, at in enumerate(kept)}
            marks = self._marked(doc, position)
            for first, last in self._parted(text, tokens):
                yield Sentence(
                    tokens[first].start,
                    tokens[last - 1].end,
                    text[tokens[first].start : tokens[last - 1].end],
                    number,
                    tuple(tokens[first:last]),
                    tuple(
                        Mark(mark.kind, mark.code, mark.first - first, mark.last - first)
                        for mark in marks
                        if first <= mark.first and mark.last <= last
                    ),
                )

    def _marked(self, doc: Any, position: Mapping[int, int]) -> list[Mark]:
        found = []
        for number, first, last in self._matcher(doc):
            if first in position and last - 1 in position:
                for kind, code in self._marks[number]:
                    found.append(Mark(kind, code, position[first], position[last - 1] + 1))
        return sorted(found, key=lambda mark: (mark.first, -mark.last, mark.kind, mark.code))

    def _folded_doc(self, text: str) -> Any:
        doc = self._pipeline.tokenizer(text)
        if self._prefixes:
            doc = self._unprefixed(doc)
        before = ""
        for token in doc:
            norm = folded(token.text)
            # The article loses its first letter behind "for": للتحالف is ل + التحالف.
            whole = "\u0627" + norm
            if before == "\u0644" and norm[:1] == "\u0644" and whole in self._words:
                norm = whole
            token.norm_ = before = norm
        return doc

    def _unprefixed(self, doc: Any) -> Any:
        """Part the letters that are written onto the next word from it, where what is left is a word."""
        words: list[str] = []
        spaces: list[bool] = []
        for token in doc:
            pieces = self._pieces(token.text)
            words += pieces
            spaces += [False] * (len(pieces) - 1) + [bool(token.whitespace_)]
        return self._doc(doc.vocab, words=words, spaces=spaces) if len(words) > len(doc) else doc

    def _pieces(self, word: str) -> list[str]:
        """Return a word parted from the letters written onto it; whole where what is left is no word and no number."""
        if folded(word) in self._words:
            return [word]
        for prefix in self._prefixes:
            rest = word[len(prefix) :]
            if not rest or folded(word[: len(prefix)]) != prefix:
                continue
            inner = [rest] if self._is_word(rest) else self._pieces(rest)
            if len(inner) > 1 or self._is_word(rest):
                return [word[: len(prefix)], *inner]
        return [word]

    def _is_word(self, rest: str) -> bool:
        if rest[0].isdigit():
            return True
        norm = folded(rest)
        return len(rest) > 1 and (norm in self._words or "\u0627" + norm in self._words or self._known(rest))

    def _parted(self, text: str, tokens: list[Token]) -> Iterator[tuple[int, int]]:
        first = 0
        for at in range(len(tokens) - 1):
            is_long = at + 1 - first >= _LONGEST_SENTENCE
            if is_long or self._ends(tokens, at) or _breaks_line(text, tokens, at, first):
                yield first, at + 1
                first = at + 1
        yield first, len(tokens)

    def _ends(self, tokens: list[Token], at: int) -> bool:
        token, after = tokens[at], tokens[at + 1]
        if token.text in _CLOSERS and at and after.start > token.end:
            return self._ends_at(tokens, at - 1) and _may_begin(after)
        closes = after.text in _CLOSERS and after.start == token.end
        return self._ends_at(tokens, at) and not closes and _may_begin(after)

    def _ends_at(self, tokens: list[Token], at: int) -> bool:
        token = tokens[at]
        if token.text in _ENDS:
            before = tokens[at - 1] if at else None
            is_short = (
                before is not None
                and before.end == token.start
                and (
                    before.norm + "." in self._abbreviations or (len(before.text) == 1 and before.is_capital)
                )
            )
            return not (token.text == "." and is_short)
        # Glued to its stop: an unknown word, or the end of a line of a web page.
        glued = len(token.text) > 1 and token.text[-1] in "!?؟"
        return glued and token.norm not in self._abbreviations


def _may_begin(token: Token) -> bool:
    first = token.text[:1]
    return not first.islower() and (first.isalnum() or first in _OPENERS)


def _breaks_line(text: str, tokens: list[Token], at: int, first: int) -> bool:
    between = text[tokens[at].end : tokens[at + 1].start]
    if "\n" not in between:
        return False
    line = tokens[at].end - max(tokens[first].start, text.rfind("\n", 0, tokens[at].end) + 1)
    return line < _SHORT_LINE and tokens[at].text[-1] not in ",،;-–—" and _may_begin(tokens[at + 1])


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _PARAGRAPH.finditer(text):
        if gap.start() > start:
            yield start, gap.start()
        start = gap.end()
    if start < len(text):
        yield start, len(text)
