r"""TeX in texts: what becomes of it, and of all that only looks like it.

The tables are the specification: in front what upstream writes, behind it what people read.
"""

import json
import re
import sys
import time
from html import unescape

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedserver.maths import Formula, mathml, parts, unicode
from feedserver.maths.formulas import LONGEST
from feedserver.maths.words import MOST_FORMULAS
from feedserver.text import clean
from tests.entries import CAPTURED, needs_captured

FORMULAS = [
    ("S$^2$R: Teaching LLMs", "S²R: Teaching LLMs"),
    ("DR$^{3}$-Eval and A$^*$ search", "DR³-Eval and A* search"),
    ("LLM$\\times$MapReduce", "LLM×MapReduce"),
    ("ImageNet$256\\times 256$", "ImageNet256×256"),
    ("$VILA^2$: VILA", "VILA²: VILA"),
    ("$γ-$MoD", "γ-MoD"),
    ("pass@$k$, the $k$th and $n$-grams", "pass@k, the kth and n-grams"),
    ("$\\mathsf{TC}^0$ for $P\\subset \\mathbb{R}^d$", "TC⁰ for P ⊂ ℝᵈ"),
    ("$f\\colon\\mathbb R^n\\to\\mathbb R$", "f:ℝⁿ → ℝ"),
    ("$\\tilde{O}(\\varepsilon^{-4})$-query", "Õ(ε⁻⁴)-query"),
    ("$\\tildeΘ(n)$", "Θ̃(n)"),  # a command's name ends before another alphabet
    ("$M = O(K^2\\log{(N/K)}/p^3)$", "M = O(K² log(N/K)/p³)"),
    ("$\\mathcal{O}(n\\log n)$", "𝒪(n log n)"),
    ("$\\frac{a+b}{2c}$, $\\frac12$", "(a+b)/(2c), 1/2"),
    ("$\\sqrt{n}$, $\\sqrt{n+1}$, $\\sqrt[3]{x}$", "√n, √(n+1), ³√x"),
    ("$\\sum_{i=1}^n x_i$", "∑ᵢ₌₁ⁿ xᵢ"),
    ("$e^{-\\frac{x^2}{2}}$", "e^(-x²/2)"),
    ("$x_{\\max}$, $\\ell_\\infty$, $L_{1,2}$", "x_max, ℓ_∞, L_(1,2)"),
    ("SelfCap$_{\\text{LR}}$", "SelfCap_LR"),
    ("$\\left(\\frac{a}{b}\\right)^{\\!2}$", "(a/b)²"),
    ("$\\left. f\\right|_0$", "f|₀"),
    ("$\\|x\\|_2 \\leq 1$", "‖x‖₂ ≤ 1"),
    ("$\\{1, \\dots, n\\}$", "{1, …, n}"),
    ("$\\hat{y}$, $\\bar x$, $\\overline{AB}$", "ŷ, x̄, A̅B̅"),
    ("$R^{\\top}$, $f'(x)$, $360^\\circ$", "Rᵀ, f′(x), 360°"),
    ("$\\binom{n}{k}$, $a \\not= b$, $\\stackrel{!}{=}$", "C(n, k), a ≠ b, =^!"),
    ("$95%$ and $25\\%$", "95% and 25%"),
    ("only $50$ tests, from $0.001$ to $0.5$", "only 50 tests, from 0.001 to 0.5"),
    (
        "at least \\(9.6\\times\\) fewer; \\( O(n^3) \\) time; ratio (\\(TPP\\))",
        "at least 9.6× fewer; O(n³) time; ratio (TPP)",
    ),
    ("$$E = mc^2$$ and \\[x = y\\]", "E = mc² and x = y"),
    ("costs \\$200, with $x^2$", "costs $200, with x²"),
    ("$5 for $n^2$ steps", "$5 for n² steps"),
    ("World Preference Modeling$ (WorldPM), $k$", "World Preference Modeling$ (WorldPM), k"),
]

COMMANDS = [
    ("$\\textit{Trans-LoRA}$: towards", "Trans-LoRA: towards"),
    ("\\textbf{Large}, \\emph{1.46} and \\texttt{run\\_me}", "Large, 1.46 and run_me"),
    ("\\textit{a \\textbf{b $x^2$} c}", "a b x² c"),
    ("{\\it Shallow UNet}, {\\em leakage\\/}, {\\bf x}", "Shallow UNet, leakage, x"),
    ("E\\textsuperscript{2}R", "E²R"),
    ("Schr\\\"odinger, Schr{\\\"o}dinger, Schr\\\"{o}dinger", "Schrödinger, Schrödinger, Schrödinger"),
    ("Pok\\'eChamp, na\\\"ive, Fr\\'{e}chet, Garc\\'{\\i}a, Ruf\\'\\i no", "PokéChamp, naïve, Fréchet, García, Rufíno"),
    ("Fran\\c{c}ois, Erd\\H{o}s, Nem\\v{c}ov\\'a, Mu\\~noz", "François, Erdős, Nemčová, Muñoz"),
    ("Bj\\o rn, \\L ukasz, Pawe{\\l}, Stra{\\ss}e, \\O{}rsted", "Bjørn, Łukasz, Paweł, Straße, Ørsted"),
    ("360{\\deg}, {\\Delta}{\\Delta}G, 3.6\\times faster, PixArt-\\alpha", "360°, ΔΔG, 3.6× faster, PixArt-α"),
    ("18.18\\%, S\\&R, SDXL\\_NCP, \\#1, \\$5", "18.18%, S&R, SDXL_NCP, #1, $5"),
    ("tokens\\textemdash discrete units, \\textgreater 96", "tokens—discrete units, >96"),
    ("LLaMA\\nobreakdash-3.1, 1.5\\,TB, vs.\\ 9.67", "LLaMA-3.1, 1.5 TB, vs. 9.67"),
    ("(\\eg, PPO, \\ie tokens, \\etc.)", "(e.g., PPO, i.e. tokens, etc.)"),
    ("\\LaTeX, \\LaTeX{} code", "LaTeX, LaTeX code"),
    ("\\url{https://x.org/a\\_b}", "https://x.org/a_b"),
    ("\\href{https://x.org}{our page}; \\href{x.org}{x.org}", "our page (https://x.org); x.org"),
    ("tasks\\footnote{Code soon.} by \\cite{dunlop2018}", "tasks (Code soon.) by [dunlop2018]"),
    ("The code~\\url{x.org} of Knowing--Using -- all---here", "The code x.org of Knowing–Using – all—here"),
    ("https://x.org/jumping\\_cod/~me/a--b/", "https://x.org/jumping_cod/~me/a--b/"),
]  # fmt: skip

UNTOUCHED = [
    "from $5 to $10", "costs $20k ... $30k", "US$ 5 or US$7", "5$-10$", "4$ per hour", "a $1 fee, $2M in all",
    "$5/$10", "$5 or so$", "$5 or 6$", "a $5-$ note", "$x$2", "\\d{n} times",
    "(\\500 vs. 100,000)", "between $5-$10 and $20-$30", "A$AP and Ke$ha", "a US$-C$ swap",
    "$HOME and $PATH", "$HOME/$USER", "${HOME}/bin:${PATH}", "$(pwd)/$(ls)", "echo $$; kill $$", "$AAPL, $GOOG",
    "one $ alone", "ends in $", "$ x$", "$x $", "$$$", "$$ to $$$", "$", "$$", "C:\\new\\alpha", "D:\\textit{x}",
    "src\\alpha.py", "..\\beta\\gamma", "dir\\times\\x", "\\d+\\$", "^\\w+\\.\\alpha", "foo$|^bar$", "\\d{3}",
    "[^\\%]", "\\(foo\\|bar\\)", "s/\\(a\\)/b/", "\\[1\\]", "\\[link\\]", "\\u{1F600}", "\\n and \\t", "`a\\_b`",
    "\\\\alpha", "the \\\"edge\\\" of", "an object\\'s", "they\\'re", "\\method and {\\name}, \\ours{}", "of \\~8B",
    "\\begin{matrix}\\alpha\\end{matrix}", "$x", "$x^$", "${x$", "$x}$", "$\\frac{1}$", "$\\unknown{x}$", "$a^b^$",
    "\\textit{x", "{\\it x", "\\href{a}", "\\\"{", "\\", "\\(x", "\\[x^2", "$x_\\text$",
    "$\\begin{pmatrix}1\\end{pmatrix}$", "$boldsymbol{inftyBench+}, and other public test sets, the context window$",
    "8timesA800, nabla^2DFT, d^2Cache, {sim}70K, {scriptsize CODE2SEQ}", "~70K --amend a--b \\unknown",
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), FORMULAS, ids=[text[:40] for text, _ in FORMULAS])
def test_a_formula_becomes_unicode(text: str, shown: str) -> None:
    """What has no letters of its own keeps its mark."""
    assert unicode(text) == shown


@pytest.mark.parametrize(("text", "shown"), COMMANDS, ids=[text[:40] for text, _ in COMMANDS])
def test_a_command_outside_of_formulas_becomes_what_it_shows(text: str, shown: str) -> None:
    """As titles and abstracts have them."""
    assert unicode(text) == shown


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_no_tex_or_broken_stays_as_it_is(text: str) -> None:
    """Prices, variables, paths, regular expressions, what is unknown, and the words that stripped TeX leaves."""
    assert unicode(text) == text


READABLE = [
    ("x^2", "x^2"),
    ("x^{n+1}_i", "x_i^(n+1)"),
    ("\\frac{a+b}{c}", "(a+b)/c"),
    ("\\sqrt{x}", "√x"),
    ("\\sqrt[3]{x}", "x^(1/3)"),
    ("\\sqrt{x+1}", "√(x+1)"),
    ("O(n\\log n)", "O(nlog n)"),
    ("\\mathbb R^d", "ℝ^d"),
    ("\\sum_{i=1}^n i", "∑_(i=1)^ni"),
    ("\\tilde O", "O~"),
    ("p < 0.05 \\& q", "p<0.05&q"),
]


@pytest.mark.parametrize(("tex", "words"), READABLE)
def test_mathml_can_be_read_without_its_tags(tex: str, words: str) -> None:
    """A reader that takes them away shows ``x^2``, never ``x2``."""
    found = made(tex)
    assert "".join(etree.fromstring(found).itertext()) == unescape(re.sub("<[^>]*>", "", found)) == words


def test_readers_that_know_mathml_get_it() -> None:
    """The allow list of feedparser's sanitiser has every element of it."""
    found = made("\\left(\\frac{a_i}{\\sqrt[3]{x}}\\right)^2 \\in \\mathbb{R}")
    item = f"<item><description><![CDATA[<p>{found}</p>]]></description></item>"
    feed = f"<rss version='2.0'><channel>{item}</channel></rss>"
    kept = feedparser.parse(feed).entries[0].summary
    tags = [re.findall(r"<(\w+)", html) for html in (kept, f"<p>{found}</p>")]
    assert tags[0] == tags[1]
    assert "mphantom" in tags[0]


def made(tex: str) -> str:
    """Return the MathML of a formula."""
    found = mathml(Formula(tex, "?"))
    assert found is not None
    return found


def test_a_formula_apart_from_the_text_is_a_block() -> None:
    """``$$x$$`` and ``\\[x^2\\]``."""
    blocks = [part.display for text in ("$$x$$", "\\[x^2\\]", "$x$", "\\(x\\)") for part in formulas(text)]
    assert blocks == [True, True, False, False]


def formulas(text: str) -> list[Formula]:
    """Return the formulas of a text."""
    return [part for part in parts(text) if isinstance(part, Formula)]


def test_what_latex2mathml_does_not_know_has_no_mathml() -> None:
    """It would show the command's name."""
    assert mathml(Formula("\\foo{x}", "x")) is None
    assert mathml(Formula("x^", "x")) is None


def test_a_text_without_dollars_and_backslashes_is_the_same_object() -> None:
    """Nearly all texts are such."""
    text = "Plain -- as ~most {are}, 100% of them"
    assert unicode(text) is text
    assert parts(text) == (text,)


def test_long_and_many_formulas_stay_as_they_are() -> None:
    """Work is bounded."""
    longest = f"${'x' * 4}^{'{' + 'y' * (LONGEST - 7) + '}'}$"
    assert unicode(longest) != longest
    assert unicode(longest.replace("y}", "yy}")) == longest.replace("y}", "yy}")
    many = "$x$ " * (MOST_FORMULAS + 1)
    assert unicode(many) == "x " * MOST_FORMULAS + "$x$ "
    assert unicode("a" * 100_000 + "\\%") == "a" * 100_000 + "\\%"


HOSTILE = [
    "$", "$$", "\\", "{", "}", "\\(", "\\[", "$x$", "$x ", "$ x", "$_{", "\\textit{", "{\\it ", "\\frac{", "$\\frac{",
    "$a^", "\\begin{a}", "\\a", "\\a.", ".", ".\\", "a\\", "-", "~", "\\\"o", "\\'{e}", "\\%", "`a", "https://",
    "https://a\\_", "\\href{a}{b}", "[^", "\\d ", ".*", "{\\deg}", "\\o ", "$\\left(", "A:\\", "$\\sqrt", "$\\hat",
    "}{", "\\textit{\\textbf{$x_1$", "\\footnote{x}",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_more_than_a_moment(piece: str) -> None:
    """Whatever is repeated in 100,000 characters; a moment is a second on a slow machine."""
    text = (piece * 100_000)[:100_000]
    started = time.process_time()
    assert unicode(text)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("before", "middle", "after"),
    [
        ("\\sqrt", "x", ""),
        ("\\left(", "x", "\\right)"),
        ("{", "x", "}"),
        ("x^", "x", ""),
        ("\\frac", "xy", ""),
        ("\\hat{", "x", "}"),
    ],
)
def test_deep_nesting_ends_in_the_text_itself_or_in_unicode(before: str, middle: str, after: str) -> None:
    """No recursion runs away, not even where little of the stack is left."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit - 400)
    try:
        for depth in (3, 10, 30, 60, 200):
            text = f"${before * depth}{middle}{after * depth}$"
            for part in parts(text):
                assert isinstance(part, str) or mathml(part) is None or part.spelled
    finally:
        sys.setrecursionlimit(limit)


PIECES = [
    "$", "$$", "\\(", "\\)", "\\[", "\\]", "{", "}", "^", "_", "\\", " ", "%", "&", "<", "~", "--", "'", '"', "`",
    "5", "x", "é", "\\frac", "\\sqrt", "\\hat", "\\textit", "\\text{a b}", "\\left", "\\right", "\\not", "\\alpha",
    "\\log", "\\mathbb", "\\url", "\\href", "\\it ", "\\'", '\\"', "\\c", "\\begin{a}", "\\end{a}", "\\,", "\\%",
    "\\char", "\\hspace", "\\over", "\\limits", "\\color", "\\substack", "\\genfrac", "\\middle", "\\verb", "\\ ",
]  # fmt: skip
TEX = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=25).map("".join)


@given(TEX, st.sampled_from(["{}", "a $x_{{{}}}$ b", "\\textit{{{}}}", "${}$"]))
def test_whatever_is_written_comes_out_as_xml_may_hold_it(tex: str, around: str) -> None:
    """No error, no character that XML forbids, MathML that is well formed."""
    cleaned = clean(around.format(tex))
    shown = unicode(cleaned)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", shown)
    for part in parts(cleaned):
        if isinstance(part, Formula) and (found := mathml(part)):
            etree.fromstring(found)


@given(st.text(st.characters(exclude_characters="$\\")))
def test_text_without_signs_of_tex_is_not_touched(text: str) -> None:
    """Whatever else is in it."""
    assert unicode(text) == text


@needs_captured
def test_every_price_in_the_captured_listings_stays() -> None:
    """What follows a dollar as a number, in titles and abstracts, and is no formula to the eye."""
    prices = 0
    for file in sorted((CAPTURED / "nextday").glob("*.json")):
        for element in json.loads(file.read_bytes()):
            for text in map(clean, (element["paper"]["title"], element["paper"]["summary"])):
                found = re.findall(r"(?<![\w\\])\$\d[\d.,]*\d?(?= |\))", text)
                prices += len(found)
                assert all(price in unicode(text) for price in found)
    assert prices >= 5
