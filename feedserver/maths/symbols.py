"""What commands show and which letters can be raised and lowered: the tables behind the spelling of formulas."""

from pylatexenc.latex2text import get_default_latex_context_db as known_texts

SPACES = {
    ",": " ", ";": " ", ":": " ", " ": " ", ">": " ", "quad": " ", "qquad": " ", "!": "", "/": "", "xspace": "",
}  # fmt: skip
_SPELLED = {
    "colon": ":", "prime": "′", "iff": "⟺", "implies": "⟹", "coloneqq": "≔", "|": "‖", "lvert": "|", "rvert": "|",
    "mod": "mod", "bmod": "mod", "dotsc": "…", "dotsb": "⋯", "%": "%", "&": "&", "_": "_", "#": "#", "$": "$",
    "deg": "deg", "arg": "arg", "det": "det", "dim": "dim", "ker": "ker", "gcd": "gcd", "Pr": "Pr", "sec": "sec",
    "argmax": "argmax", "argmin": "argmin", "hom": "hom", "lg": "lg", "degree": "°", "textgreater": ">",
    "textless": "<", "LaTeX": "LaTeX", "TeX": "TeX", "varnothing": "∅", "eqsim": "≂", "lbrace": "{", "rbrace": "}",
    "lbrack": "[", "rbrack": "]", "nolimits": "", "cal": "", "rm": "", "bf": "", "it": "", "sf": "",
    "tt": "", "nonumber": "",
}  # fmt: skip
# Of what pylatexenc shows for a command, all but words that stand in for something: ``<cit.>``, today's date.
SYMBOLS: dict[str, str] = {
    spec.macroname: shown
    for spec in known_texts().iter_macro_specs()
    for shown in (spec.simplify_repl,)
    if isinstance(shown, str) and shown.strip() and (len(shown) == 1 or shown == spec.macroname)
} | _SPELLED
PLAIN = {
    "text", "textit", "textbf", "textrm", "textsf", "texttt", "textsc", "textnormal", "textup", "textsl", "textmd",
    "emph", "mbox", "mathrm", "mathbf", "mathit", "mathsf", "mathtt", "mathnormal", "boldsymbol", "bm", "pmb",
    "ensuremath", "operatorname", "underline", "mathop",
}  # fmt: skip
LETTERS = {  # style -> as Unicode's names of its letters have it
    "mathbb": ("DOUBLE-STRUCK",), "mathds": ("DOUBLE-STRUCK",), "mathcal": ("SCRIPT",), "mathscr": ("SCRIPT",),
    "mathfrak": ("FRAKTUR", "BLACK-LETTER"),
}  # fmt: skip
ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0305", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c",
    "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a",
}  # fmt: skip
PAIRS = {"frac", "tfrac", "dfrac", "nicefrac", "binom", "tbinom", "dbinom", "stackrel", "overset", "underset"}
ARGUMENTS = {**dict.fromkeys(PLAIN | LETTERS.keys() | ACCENTS.keys(), "{"), **dict.fromkeys(PAIRS, "{{")} | {
    "textsuperscript": "{", "textsubscript": "{", "pmod": "{", "sqrt": "[{", "not": "{",
}  # fmt: skip
SUPERSCRIPT = dict(zip(
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιφχ*∘′†‡⋆⊤°",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᵠᵡ*°′†‡⋆ᵀ°",
    strict=True,
))  # fmt: skip
SUBSCRIPT = dict(zip("0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
RELATIONS = "≤≥≠≈∼≃≅≡∈∉∋⊂⊆⊃⊇→←↔⇒⇐⇔⟶⟵⟹⟺↦⟼∝≪≫≺≻⊢⊨≜≔⩽⩾≲≳"
OPERATORS = "×·±∓∘∪∩⊗⊕⊙∖∧∨∗÷"
LARGE = "∑∏∫⋃⋂∐"
