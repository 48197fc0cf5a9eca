"""Articles out of text files and saved pages: what is kept, what is left out, and what is said of files that are none."""

from __future__ import annotations

import contextlib
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.errors import InputFault
from reconcile.prose import pages
from reconcile.prose.articles import LARGEST_BYTES, read_article, refuse_size

DAY = date(2017, 6, 18)
BODY = (
    "Air strikes by the coalition killed at least 40 civilians in the town of Tell Example on Saturday, a monitoring group said.",
    "The Example Observatory, which tracks the war, said in a statement that 12 children were among the dead.",
    "“They were all in one cellar,” a doctor said.",
    "Eight were freed.",
    "The ministry denied the report, and said that its aircraft had hit fighters only.",
)
ARABIC = (
    "قالت المديرية إن 25 مدنياً قتلوا يوم السبت في غارات جوية على مدينة المثال شمالي البلاد.",
    "وأضافت في بيان أن 7 أطفال كانوا بين القتلى.",
    "ونفت الوزارة ذلك.",
)
TITLE = "Strikes kill dozens in Tell Example"
# Each holds a number of its own, so that a claim read from it would show.
FURNITURE = {
    "cookie banner": '<div id="cookie-banner"><p>We and our 812 partners store facts about your visit to 99 sites.</p></div>',
    "consent box": "<div class='onetrust-consent-sdk'><p>We value your privacy, and so do 812 partners of ours.</p></div>",
    "menu": "<nav><ul><li><a href='/w'>War: 300 dead</a></li><li><a href='/s'>Sport</a></li></ul></nav>",
    "picture": "<figure><img src='x.jpg'><figcaption>The tower after 77 people died there [AFP]</figcaption></figure>",
    "caption of a blog": "<div class='wp-caption'><p class='wp-caption-text'>The tower after 77 people died there.</p></div>",
    "advert": "<div class='ad advert'><p>Advertisement</p></div>",
    "lone word": "<p>ADVERTISEMENT</p>",
    "related articles": "<aside class='related'><h3>Related</h3><ul><li><a href='/a'>99 killed in market blast</a></li></ul></aside>",
    "related box": "<div class='RelatedStories'><p>Last week 99 people were killed in a market blast nearby.</p></div>",
    "pointer": "<p><strong>Read more:</strong> <a href='/a'>99 killed in market blast</a></p>",
    "comments": "<section id='comments'><p>A reader: 500 were killed, I am told, and nobody says so.</p></section>",
    "comments of a blog": "<ol class='commentlist'><li><p>500 were killed, I am told, and nobody says so.</p></li></ol>",
    "script": "<script>var told = '66 people were killed';</script><style>p {color: red}</style><!-- 67 killed -->",
    "newsletter": "<div class='newsletter'><p>Join the 9,000 people who read our morning letter.</p></div>",
    "footer": "<footer><p>Copyright 2017 Example Media. All 44 rights reserved.</p></footer>",
}


def paragraphs(*texts: str, tag: str = "p") -> str:
    """Return texts as paragraphs of a page."""
    return "".join(f"<{tag}>{text}</{tag}>\n" for text in texts)


def page(body: str, head: str = f"<title>{TITLE} | Example News</title>") -> bytes:
    """Return a page."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'.encode()
    )


def read(content: bytes | str, name: str = "article.txt"):
    """Return what is read of a file."""
    return read_article(name, content.encode() if isinstance(content, str) else content, "Example News", DAY)


def split(content: bytes | str, name: str = "article.txt") -> list[str]:
    """Return the paragraphs of a file's article."""
    return read(content, name).article.text.split("\n\n")


def fault(content: bytes | str, name: str = "article.txt") -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(InputFault) as refused:
        read(content, name)
    assert str(refused.value).startswith(f"{name}: ")
    assert refused.value.todo.endswith(".")
    return refused.value.found


class TestPlainText:
    """Text files, of whatever encoding and whatever their lines."""

    def test_blocks_and_lines_are_paragraphs(self):
        """Lines that nobody wrapped are paragraphs: a headline, a byline and a caption do not run together."""
        text = f"{TITLE}\n3 min read\n18 June, 2017\n\n{BODY[0]}\n{BODY[1]}\n \n\n\n{BODY[2]}\n"
        assert split(text) == [TITLE, "3 min read", "18 June, 2017", *BODY[:3]]

    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_wrapped_lines_are_joined(self, newline):
        """A paragraph that a program or a person broke into lines is one again, on any system."""
        lines = ["Forty people were killed in an air strike on a market in", "Tell Example on Saturday, the observatory said in a statement",
                 "that it put out.", "", "Twelve were children, it said in that statement of Saturday,", "and eight were freed."]  # fmt: skip
        assert split(newline.join(lines)) == [" ".join(lines[:3]), " ".join(lines[4:])]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    @pytest.mark.parametrize("texts", [BODY, ARABIC])
    def test_unicode_is_read(self, encoding, texts):
        """UTF-8, and the wide encodings with their mark."""
        one = read("\n\n".join(texts).encode(encoding))
        assert one.article.text == "\n\n".join(texts)
        assert one.remarks == ()

    @pytest.mark.parametrize(
        ("encoding", "texts"), [("cp1252", (*BODY, "Zoë saw it from a café.")), ("cp1256", ARABIC)]
    )
    def test_a_guess_is_said(self, encoding, texts):
        """An older encoding is told by its letters, and the guess is said."""
        one = read("\n\n".join(texts).encode(encoding))
        assert one.article.text == "\n\n".join(texts)
        assert encoding in one.remarks[0]

    def test_marks_of_direction_go(self):
        """Signs that only turn the direction of writing stand in no word and no number."""
        marked = ARABIC[0].replace("25", "\u200f25\u200e")
        assert split(f"\u202b{marked}\u202c\ufeff") == [ARABIC[0]]

    def test_control_characters_go_and_are_said(self):
        """A stray NUL spoils nothing, and is told."""
        one = read("Forty\0 people were killed.\x07")
        assert one.article.text == "Forty people were killed."
        assert "2 control characters" in one.remarks[0]

    def test_headline(self):
        """The first paragraph is the headline where it is short and no sentence; it stays in the text."""
        one = read(f"{TITLE}\n\n{BODY[0]}").article
        assert (one.title, one.text.startswith(TITLE)) == (TITLE, True)
        assert read("\n\n".join(BODY)).article.title == ""
        assert read(TITLE).article.title == ""

    def test_markdown(self):
        """Signs of Markdown go, a number at the start of a line stays."""
        text = f"# {TITLE}\n\n**Forty** people were [killed](http://x.example) in:\n\n- Tell A\n\n> 12 died.\n\n40. It was Monday."
        assert split(text, "a.md") == [
            TITLE,
            "Forty people were killed in:",
            "Tell A",
            "12 died.",
            "40. It was Monday.",
        ]
        assert split("# not a headline", "a.txt") == ["# not a headline"]

    def test_publisher_day_and_name_are_kept(self):
        """What the analyst states is the article's."""
        one = read("\n\n".join(BODY)).article
        assert (one.name, one.publisher, one.published, one.language) == (
            "article.txt",
            "Example News",
            DAY,
            "en",
        )


class TestLanguage:
    """English and Arabic are read, others are told."""

    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("ar", ARABIC[0]),
            ("ar", f"{ARABIC[0]} (SOHR, Aleppo)"),
            ("en", BODY[0]),
            ("en", "40 dead"),
            ("en", "Zoë and Émile Ålund died, she told me."),
            ("en", "Al-Waleed (الوليد) fell on Monday."),
        ],
    )
    def test_known(self, language, text):
        """Names of the other script, and accents, do not turn a text."""
        assert read(text).article.language == language

    @pytest.mark.parametrize(
        "text",
        [
            "Quarante civils ont été tués samedi dans la ville de Tell Example, selon les secouristes.",
            "Vierzig Zivilisten wurden am Samstag bei einem Luftangriff auf die Stadt getötet, sagt der Bürgermeister.",
            "Cuarenta civiles murieron el sábado en la ciudad.",
            "Hava saldırısında 40 sivil öldü, 12 kişi yaralandı.",
            "Сорок человек погибли в субботу.",
            "星期六有四十人在空袭中丧生。",
            "۴۰ نفر در حملات هوایی به شهر کشته شدند و گروهی زخمی شدند.",
            "٤٠ کەس لە هێرشی ئاسمانی کوژران و ١٢ کەس بریندار بوون.",
        ],
    )
    def test_others_are_refused(self, text):
        """French, German, Spanish, Turkish, Russian, Chinese, Persian and Kurdish are none of the two."""
        assert "another language" in fault(text)


class TestNoArticles:
    """Files that are none, each with its reason and what to do."""

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "is empty"),
            (b"\xef\xbb\xbf \r\n\0", "is empty"),
            ("\u200f\u200e".encode(), "is blank"),
            (b"%PDF-1.7 ...", "a PDF"),
            (b"PK\x03\x04....", "a Word document"),
            (b"\xd0\xcf\x11\xe0\xa1", "older Word"),
            (b"{\\rtf1 Forty people were killed.}", "rich text"),
            (bytes(range(256)) * 20, "neither text nor a web page"),
            (b"a " * 1_100_000, "2,200,000 characters"),
            (page(""), "no running text"),
            (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: image/png\n\nx\n--x--\n",
             "without the page"),
        ],
    )  # fmt: skip
    def test_reason(self, content, reason):
        """The sentence names what was found."""
        assert reason in fault(content)

    def test_size(self):
        """A file larger than any article is refused by its size, before it is read."""
        with pytest.raises(InputFault, match="is 50 MB large"):
            refuse_size("big.txt", 50 * 2**20)
        assert "is 30 MB large" in fault(b"a" * (LARGEST_BYTES + 1))

    def test_without_what_reads_pages(self, monkeypatch):
        """Where the extra is not installed, a page is refused with how to install it; text is read."""
        monkeypatch.setitem(__import__("sys").modules, "trafilatura", None)
        assert "not installed" in fault(page(paragraphs(*BODY)))
        assert split(BODY[0]) == [BODY[0]]


class TestPages:
    """Pages saved from a browser, in several shapes."""

    @pytest.mark.parametrize("around", FURNITURE)
    def test_furniture_is_left_out(self, around):
        """What stands around an article, or inside it without being of it, is not read."""
        box = FURNITURE[around]
        inside = page(
            f"<main><article><h1>{TITLE}</h1>{paragraphs(*BODY[:2])}{box}{paragraphs(*BODY[2:])}</article></main>"
        )
        beside = page(f"{box}<article><h1>{TITLE}</h1>{paragraphs(*BODY)}</article>{box}")
        assert split(inside) == split(beside) == [TITLE, *BODY]

    @pytest.mark.parametrize("tag", ["p", "div", "li", "blockquote"])
    def test_without_article(self, tag):
        """A page without an element that says what is the article."""
        body = f"<div class='content'><h1>{TITLE}</h1>{paragraphs(*BODY, tag=tag)}</div>"
        around = f"<div class='top'><a href='/'>Home</a></div>{body}<div class='footer'>{FURNITURE['footer']}</div>"
        assert split(page(around)) == [TITLE, *BODY]

    def test_old_layout(self):
        """A table that frames a page, with menus beside the text, and two line breaks for a paragraph's end."""
        links = "<a href='/1'>99 killed in market blast</a><br><a href='/2'>300 wounded in quake</a>"
        text = f"<font face=arial><b>{TITLE}</b><br><br>" + "<BR>\n<br />".join(BODY) + "</font>"
        frame = f"<table width=100%><tr><td colspan=3>{links}</td></tr><tr><td>{links}</td><td>{text}</td><td>Advertisement</td></tr></table>"
        assert split(page(frame)) == [TITLE, *BODY]

    def test_right_to_left(self):
        """A page in Arabic."""
        around = "<nav><a href='/'>الرئيسية</a></nav>{}<aside><h4>اقرأ أيضا</h4><a href='/r'>مقتل 90 في انفجار</a></aside>"
        body = f'<article dir="rtl"><h1>غارات تقتل مدنيين</h1>{paragraphs(*ARABIC)}<p>اقرأ أيضاً: مقتل 90 في انفجار</p></article>'
        one = read(page(around.format(body), "<title>غارات تقتل مدنيين | أخبار</title>")).article
        assert one.text.split("\n\n") == ["غارات تقتل مدنيين", *ARABIC]
        assert (one.language, one.title) == ("ar", "غارات تقتل مدنيين")

    def test_one_form_around_the_page(self):
        """Boxes with telling names are kept where they hold the page itself."""
        body = f"<form><div class='page no-ads'><main aria-hidden='true' id='social'>{paragraphs(*BODY)}</main></div></form>"
        assert split(page(body)) == list(BODY)

    def test_headline(self):
        """Of several large headings the one by which the page calls itself; else what it calls itself."""
        both = f"<header><h1>Example News</h1></header><article><h1>{TITLE}</h1>{paragraphs(*BODY)}</article>"
        assert read(page(both, f'<meta property="og:title" content="{TITLE}">')).article.title == TITLE
        named = read(
            page(paragraphs(*BODY), f'<meta property="og:title" content="{TITLE}"><title>x</title>')
        ).article
        assert (named.title, named.text) == (TITLE, "\n\n".join(BODY))

    def test_marks_on_words(self):
        """Links, bold words and footnotes leave a sentence whole, and a footnote is no digit of a number."""
        marked = "<p>At least <b>40</b><sup>[2]</sup> <a href='/x'>civilians</a> and 12<sup>3</sup> fighters died, <i>it</i> said.</p>"
        assert split(page(marked)) == ["At least 40 civilians and 12 fighters died, it said."]

    def test_a_list_and_a_table(self):
        """Points of a list are paragraphs; a table of figures is no prose."""
        table = "<table><tr><th>Town</th><th>Dead</th></tr><tr><td>Tell A</td><td>14</td></tr></table>"
        points = ("Two teachers were killed in Tell Sample.", "Nine people were wounded in Tell Other.")
        body = (
            paragraphs(*BODY[:2])
            + f"<h2>The toll</h2><ul>{paragraphs(*points, tag='li')}</ul>{table}"
            + paragraphs(*BODY[2:])
        )
        assert split(page(body)) == [*BODY[:2], "The toll", *points, *BODY[2:]]

    @pytest.mark.parametrize(
        "head",
        [
            '<meta property="article:published_time" content="2017-06-17T09:00:00Z">',
            '<meta itemprop="datePublished" content="2017-06-17">',
            '<script type="application/ld+json">{"datePublished": "2017-06-17T09:00:00Z"}</script>',
        ],
    )
    def test_another_day_is_said(self, head):
        """The day that the page states is told where it is another; the stated one is kept."""
        one = read(page(paragraphs(*BODY), head))
        assert one.article.published == DAY
        assert "2017-06-17; --published says 2017-06-18" in one.remarks[0]
        assert read(page(paragraphs(*BODY), head.replace("06-17", "06-18"))).remarks == ()

    def test_stated_encoding(self):
        """The encoding that a page states is the one it is read by, without a remark."""
        text = f'<html><meta charset="iso-8859-1">{paragraphs(*BODY, "It was in the café.")}</html>'.encode(
            "cp1252"
        )
        one = read(text)
        assert one.article.text.endswith("It was in the café.")
        assert one.remarks == ()
        assert "“They" in one.article.text

    def test_saved_as_one_file(self):
        """What a browser saves with its pictures (.mhtml)."""
        lines = (
            "From: <Saved by Blink>", "Subject: x", "MIME-Version: 1.0", "Content-Type: multipart/related;",
            '\ttype="text/html";', '\tboundary="--B"', "", "----B", "Content-Type: text/html",
            "Content-Transfer-Encoding: quoted-printable", "", "<html><body><p>Forty were killed in the caf=C3=A9 on Satur=",
            "day, the group said.</p></body></html>", "----B", "Content-Type: image/png", "", "x", "----B--", "",
        )  # fmt: skip
        assert split("\r\n".join(lines), "a.mhtml") == [
            "Forty were killed in the café on Saturday, the group said."
        ]

    @pytest.mark.parametrize(
        ("body", "kept"),
        [
            ("<div>" * 100_000 + BODY[0], None),
            (f"<p>{BODY[0]}</p>" + "<br>" * 100_000, [BODY[0]]),
            (f"<p>{BODY[0]}{'<sup>1</sup>' * 50_000}</p>", [BODY[0]]),
            (f"<p>{BODY[0]}</p>" + "<b>" * 50_000, [BODY[0]]),
            (f"<img src='data:image/png;base64,{'A' * 20_000_000}'><p>{BODY[0]}</p>", [BODY[0]]),
            ("<table><tr><td>" * 300 + BODY[0] * 3, None),
        ],
        ids=["depth", "breaks", "footnotes", "bold", "picture", "tables"],
    )
    def test_pages_made_to_hurt(self, body, kept):
        """They end soon, in the text or in a sentence."""
        started = time.monotonic()
        if kept is None:
            assert "no running text" in fault(page(body))
        else:
            assert split(page(body)) == kept
        assert time.monotonic() - started < 10

    def test_entities_are_not_expanded(self):
        """A page's own entities grow nothing and open no file."""
        declared = (
            '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
        )
        (text,) = split(f"{declared}<html><body><p>&b;&f; {BODY[0]}&rlm;</p></body></html>")
        assert text == f"&b;&f; {BODY[0]}"


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=300)


@given(
    st.one_of(st.binary(max_size=400), TEXTS.map(str.encode), TEXTS.map(lambda text: page(f"<p>{text}</p>")))
)
@settings(max_examples=150, deadline=None)
def test_articles_nothing_else_is_raised(content):
    """Whatever the bytes are, an article comes out, or one fault."""
    with contextlib.suppress(InputFault):
        assert read(content).article.text


@given(
    st.lists(st.sampled_from([*BODY, *ARABIC, TITLE, "", " ", "\t", "3 min read"]), min_size=1),
    st.sampled_from(["\n", "\n\n", "\r\n"]),
)
@settings(max_examples=100, deadline=None)
def test_articles_paragraphs_stand_apart(lines, newline):
    """No paragraph is blank or holds a line break."""
    try:
        texts = split(newline.join([*lines, BODY[0]]))
    except InputFault:
        return
    assert all(text.strip() == text and text and len(text.splitlines()) == 1 for text in texts)


@given(
    st.lists(st.sampled_from([*BODY, TITLE, "", "of 12", "and 7 more", "the 5th"]), min_size=1),
    st.sampled_from(["\n", "\n\n", "\r\n"]),
)
@settings(max_examples=100, deadline=None)
def test_articles_words_are_kept(lines, newline):
    """Every word of a plain text is in the article, in its order."""
    text = newline.join([*lines, BODY[0]])
    assert read(text).article.text.split() == text.split()


def test_pages_are_told_by_their_content():
    """What counts is how a file begins, and not what it is called."""
    assert pages.is_page(b"\n<HTML>")
    assert not pages.is_page(b"Forty <b>people</b>")
    assert split(page(paragraphs(*BODY)), "page.txt") == list(BODY)
