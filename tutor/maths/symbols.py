r"""What each LaTeX command that stands for a sign looks like, in Unicode and in 7 bits, and its class of atom.

The everyday signs are listed here with an ASCII form chosen for reading; any other command is looked up in the
symbol table of pylatexenc, which is imported only then.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from tutor.maths.nodes import Atom, Cls
from tutor.maths.width import to_ascii

_GREEK = """
alpha α beta β gamma γ delta δ epsilon ϵ zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ omicron ο
pi π rho ρ sigma σ tau τ upsilon υ phi ϕ chi χ psi ψ omega ω varepsilon ε vartheta ϑ varphi φ varrho ϱ varsigma ς
varpi ϖ Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
"""

_GREEK_ASCII = {
    "varepsilon": "epsilon",
    "varphi": "phi",
    "vartheta": "theta",
    "varrho": "rho",
    "varsigma": "sigma",
}

# name, sign, ASCII form ("-" where the name itself serves)
_TABLES: dict[Cls, str] = {
    "ord": r"""
infty ∞ inf  partial ∂ -  nabla ∇ grad  ell ℓ -  hbar ℏ -  emptyset ∅ {}  varnothing ∅ {}  forall ∀ -  exists ∃ -
neg ¬ not  lnot ¬ not  top ⊤ T  bot ⊥ _|_  prime ′ '  angle ∠ -  dagger † +  star ⋆ *  ast ∗ *  Re ℜ Re  Im ℑ Im
aleph ℵ -  imath ı i  jmath ȷ j  complement ∁ -  square □ []  Box □ []  blacksquare ■ []  checkmark ✓ ok
circ ∘ o  bullet • *  degree ° deg  diamond ⋄ <>  triangle △ -  surd √ sqrt  S § S  P ¶ P  backslash \ \  % % %
$ $ $  # # #  & & &  _ _ _  flat ♭ b  hslash ℏ hbar  nexists ∄ notexists
""",
    "bin": r"""
pm ± +-  mp ∓ -+  cdot · *  times × x  div ÷ /  setminus ∖ \  cup ∪ -  cap ∩ -  wedge ∧ and  land ∧ and  vee ∨ or
lor ∨ or  oplus ⊕ (+)  ominus ⊖ (-)  otimes ⊗ (x)  odot ⊙ (.)  oslash ⊘ (/)  sqcup ⊔ -  sqcap ⊓ -  uplus ⊎ -
amalg ⨿ -  bmod mod mod  smallsetminus ∖ \  wr ≀ wr  bigcirc ○ O  ltimes ⋉ -  rtimes ⋊ -
""",
    "rel": r"""
leq ≤ <=  le ≤ <=  geq ≥ >=  ge ≥ >=  leqslant ⩽ <=  geqslant ⩾ >=  neq ≠ !=  ne ≠ !=  ll ≪ <<  gg ≫ >>
approx ≈ ~=  approxeq ≊ ~=  simeq ≃ ~=  cong ≅ ~=  equiv ≡ ==  sim ∼ ~  propto ∝ -  doteq ≐ .=  triangleq ≜ :=
coloneqq ≔ :=  coloneq ≔ :=  defeq ≝ :=  asymp ≍ -  in ∈ in  notin ∉ notin  ni ∋ ni  subset ⊂ -  supset ⊃ -
subseteq ⊆ -  supseteq ⊇ -  subsetneq ⊊ -  to → ->  rightarrow → ->  leftarrow ← <-  gets ← <-
leftrightarrow ↔ <->  Rightarrow ⇒ =>  Leftarrow ⇐ <==  Leftrightarrow ⇔ <=>  implies ⟹ ==>  impliedby ⟸ <==
iff ⟺ <=>  mapsto ↦ |->  longmapsto ⟼ |->  longrightarrow ⟶ -->  longleftarrow ⟵ <--  Longrightarrow ⟹ ==>
Longleftarrow ⟸ <==  Longleftrightarrow ⟺ <=>  longleftrightarrow ⟷ <-->  uparrow ↑ ^  downarrow ↓ v
updownarrow ↕ -  nearrow ↗ -  searrow ↘ -  hookrightarrow ↪ ->  rightsquigarrow ⇝ ~>  leadsto ⇝ ~>
rightharpoonup ⇀ ->  rightleftharpoons ⇌ <=>  perp ⟂ _|_  models ⊨ |=  vdash ⊢ |-  dashv ⊣ -|  prec ≺ <  succ ≻ >
preceq ⪯ <=  succeq ⪰ >=  precsim ≾ <~  succsim ≿ >~  lesssim ≲ <~  gtrsim ≳ >~  lt < <  gt > >  nleq ≰ !<=
ngeq ≱ !>=  nmid ∤ !|  bowtie ⋈ -  therefore ∴ -  because ∵ -  xleftrightarrow ↔ <->  rightrightarrows ⇉ =>
""",
    "bar": r"mid | |  parallel ‖ ||",
    "stroke": r"vert | |  | ‖ ||  Vert ‖ ||",
    "open": r"""
{ { {  lbrace { {  ( ( (  [ [ [  lbrack [ [  lparen ( (  langle ⟨ <  lceil ⌈ ceil(  lfloor ⌊ floor(  lvert | |
lVert ‖ ||  lgroup ( (  llbracket ⟦ [[
""",
    "close": r"""
} } }  rbrace } }  ) ) )  ] ] ]  rbrack ] ]  rparen ) )  rangle ⟩ >  rceil ⌉ )  rfloor ⌋ )  rvert | |  rVert ‖ ||
rgroup ) )  rrbracket ⟧ ]]
""",
    "inner": r"""
dots … ...  ldots … ...  dotsc … ...  dotsb ⋯ ...  dotsi ⋯ ...  dotsm ⋯ ...  dotso … ...  cdots ⋯ ...  vdots ⋮ :
ddots ⋱ ...  mathellipsis … ...  textellipsis … ...
""",
    "punct": r"colon : :  comma , ,  semicolon ; ;",
    "bigop": r"""
sum ∑ sum  prod ∏ prod  coprod ∐ coprod  bigcup ⋃ union  bigcap ⋂ intersection  bigoplus ⨁ (+)  bigotimes ⨂ (x)
bigwedge ⋀ and  bigvee ⋁ or  bigsqcup ⨆ -  biguplus ⨄ -  int ∫ int  iint ∬ iint  iiint ∭ iiint  oint ∮ oint
smallint ∫ int
""",
}

_WITHOUT_LIMITS = {"int", "iint", "iiint", "oint", "smallint"}
_FUNCTIONS = (
    "log ln exp sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth arg deg dim hom ker lg sgn"
)
_LIMIT_FUNCTIONS = "max min sup inf lim limsup liminf det gcd Pr argmax argmin"
_SPACED_NAMES = {"limsup": "lim sup", "liminf": "lim inf", "argmax": "arg max", "argmin": "arg min"}


def _build() -> dict[str, Atom]:
    table: dict[str, Atom] = {}
    words = _GREEK.split()
    for name, sign in zip(words[::2], words[1::2], strict=True):
        table[name] = Atom(sign, _GREEK_ASCII.get(name, name))
    for cls, text in _TABLES.items():
        words = text.split()
        for name, sign, plain in zip(words[::3], words[1::3], words[2::3], strict=True):
            limits = cls == "bigop" and name not in _WITHOUT_LIMITS
            table[name] = Atom(sign, name if plain == "-" else plain, cls, limits)
    for name in _FUNCTIONS.split():
        table[name] = Atom(name, name, "op")
    for name in _LIMIT_FUNCTIONS.split():
        shown = _SPACED_NAMES.get(name, name)
        table[name] = Atom(shown, shown, "op", limits=True)
    return table


MACROS = _build()

# Characters as they stand in the source. Letters and digits need no entry.
CHARACTERS: dict[str, Atom] = {
    "+": Atom("+", "+", "bin"),
    "-": Atom("−", "-", "bin"),
    "*": Atom("∗", "*", "bin"),
    "/": Atom("/", "/"),
    "=": Atom("=", "=", "rel"),
    "<": Atom("<", "<", "rel"),
    ">": Atom(">", ">", "rel"),
    ":": Atom(":", ":", "rel"),
    ",": Atom(",", ",", "punct"),
    ";": Atom(";", ";", "punct"),
    "!": Atom("!", "!", "close"),
    "?": Atom("?", "?", "close"),
    "(": Atom("(", "(", "open"),
    ")": Atom(")", ")", "close"),
    "[": Atom("[", "[", "open"),
    "]": Atom("]", "]", "close"),
    "|": Atom("|", "|", "stroke"),
    "'": Atom("′", "'"),
    "~": Atom(" ", " "),
}
for _atom in MACROS.values():
    if len(_atom.text) == 1 and not _atom.text.isascii():
        CHARACTERS.setdefault(_atom.text, _atom)
CHARACTERS.update(
    {
        "−": CHARACTERS["-"],
        "…": MACROS["ldots"],
        "Σ": MACROS["Sigma"],
        "√": MACROS["surd"],
        "‖": MACROS["|"],
        "∣": MACROS["mid"],
    }
)


@lru_cache(maxsize=512)
def character(char: str) -> Atom:
    """The atom of one printable character of the source."""
    known = CHARACTERS.get(char)
    if known is not None:
        return known
    return Atom(char, to_ascii(char))


@lru_cache(maxsize=512)
def rare_symbol(name: str) -> Atom | None:
    r"""The sign of a command that is not in `MACROS`, by pylatexenc's own table; None where it has none."""
    from pylatexenc.latex2text import get_default_latex_context_db

    spec = get_default_latex_context_db().get_macro_spec(name)
    sign = getattr(spec, "simplify_repl", None)
    if not isinstance(sign, str) or len(sign) != 1 or not sign.isprintable() or sign.isspace():
        return None
    cls: Cls = "rel" if unicodedata.category(sign) == "Sm" else "ord"
    return Atom(sign, name, cls)
