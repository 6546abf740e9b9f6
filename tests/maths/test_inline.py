"""One-line forms, as they would be written by hand."""

from __future__ import annotations

import pytest

from tests.maths.corpus import FORMULAS
from tutor.maths import render_inline

UNICODE = {
    "return": "Gₜ = ∑_{k=0}^∞ γᵏrₜ₊ₖ₊₁",
    "trajectory probability": "P(τ|π) = ρ₀(s₀) ∏ₜ₌₀ᵀ⁻¹ P(sₜ₊₁|sₜ, aₜ) π(aₜ|sₜ)",
    "state value": "V_π(s) = 𝔼_π[Gₜ|Sₜ = s]",
    "horizon": "∑_{k=0}^∞ γᵏ = 1/(1 − γ),      0 ≤ γ < 1",
    "dynamics": "p(s′, r|s, a) = Pr{Sₜ₊₁ = s′, Rₜ₊₁ = r | Sₜ = s, Aₜ = a}",
    "greedy": "π*(s) = arg maxₐ Q*(s, a)",
    "bellman optimality": "V*(s) = maxₐ ∑_{s′,r} p(s′, r|s, a) [r + γV*(s′)]",
    "bellman matrix": "V_π = (I − γP_π)⁻¹R_π",
    "contraction": "‖TV − TU‖_∞ ≤ γ‖V − U‖_∞",
    "bandit update": "Qₙ₊₁ = Qₙ + (1/n)[Rₙ − Qₙ]",
    "boltzmann": "π(a|s) ∝ e^(Q(s,a)/τ)",
    "softmax temperature": "pᵢ = exp(zᵢ/T)/(∑ⱼ₌₁ⁿ exp(zⱼ/T))",
    "td": "V(Sₜ) ← V(Sₜ) + α[Rₜ₊₁ + γV(Sₜ₊₁) − V(Sₜ)]",
    "q learning": "Q(Sₜ, Aₜ) ← Q(Sₜ, Aₜ) + α[Rₜ₊₁ + γ maxₐ Q(Sₜ₊₁, a) − Q(Sₜ, Aₜ)]",
    "score": "∇_θ π_θ(a|s) = π_θ(a|s) ∇_θ log π_θ(a|s)",
    "gaussian policy": "π_θ(a|s) = (1/(σ√(2π))) exp(−(a − μ_θ(s))²/(2σ²))",
    "normalised advantage": "Ãᵢ = (Aᵢ − Ā)/(σ_A + 10⁻⁸)",
    "ratio": "rₜ(θ) = π_θ(aₜ|sₜ)/π_{θ_old}(aₜ|sₜ)",
    "clip": "L^CLIP(θ) = 𝔼̂ₜ[min(rₜ(θ)Âₜ, clip(rₜ(θ), 1 − ϵ, 1 + ϵ)Âₜ)]",
    "kl": "D_KL(π_θ‖π_ref) = ∑ₐ π_θ(a|s) log (π_θ(a|s)/π_ref(a|s))",
    "k3": "k₃ = (r − 1) − log r",
    "k1": "k₁ = −log r,   r = p(x)/q(x),   x ∼ q",
    "natural gradient": "θₖ₊₁ = θₖ + √(2δ/(ĝᵀĤ⁻¹ĝ)) Ĥ⁻¹ĝ",
    "bradley terry": "P(y_w ≻ yₗ | x) = σ(r(x, y_w) − r(x, yₗ)) = 1/(1 + e^{−(r(x,y_w)−r(x,yₗ))})",
    "adam": "θₜ₊₁ = θₜ − η(m̂ₜ/(√v̂ₜ + ϵ))",
    "stochastic policy": "π(a|s) = {0.7 if a = X; 0.3 if a = Y}",
    "transition matrix": "P_π = (0.8, 0.2, 0; 0.1, 0.8, 0.1; 0, 0, 1)",
    "momentum": "∂L/∂θ = (1/B) ∑_{b=1}^B ∂ℓ_b/∂θ",
    "token state": "sₜ = (x, y₁, …, yₜ),      aₜ = yₜ₊₁ ∼ π_θ(·|sₜ)",
    "pass at k": "pass@k = 𝔼[1 − (n − c choose k)/(n choose k)]",
}

ASCII = {
    "return": "G_t = sum_{k=0}^inf gamma^k r_{t+k+1}",
    "td": "V(S_t) <- V(S_t) + alpha[R_{t+1} + gamma V(S_{t+1}) - V(S_t)]",
    "state value": "V_pi(s) = E_pi[G_t|S_t = s]",
    "horizon": "sum_{k=0}^inf gamma^k = 1/(1 - gamma),      0 <= gamma < 1",
    "clip": (
        "L^CLIP(theta) = hat(E)_t[min(r_t(theta) hat(A)_t,"
        " clip(r_t(theta), 1 - epsilon, 1 + epsilon) hat(A)_t)]"
    ),
    "greedy": "pi^*(s) = arg max_a Q^*(s, a)",
    "boltzmann": "pi(a|s) propto e^(Q(s,a)/tau)",
    "k1": "k_1 = -log r,   r = p(x)/q(x),   x ~ q",
}

# Meanings that a careless one-line form loses, and the spaces of operators and functions.
DETAILS = {
    r"\frac{a+b}{c}": "(a + b)/c",
    r"\frac{a}{b+c}": "a/(b + c)",
    r"\frac{a}{bc}": "a/(bc)",
    r"\frac{a/b}{c}": "(a/b)/c",
    r"\log\frac{a}{b}": "log (a/b)",
    r"\frac{\log a}{b}": "(log a)/b",
    r"2\frac{a}{b}": "2(a/b)",
    r"\frac{a}{b} + c": "a/b + c",
    r"\frac{a}{b}\cdot c": "a/b · c",
    r"-\frac{a}{b}": "−a/b",
    r"\frac{1}{-3}": "1/(−3)",
    r"\frac{a}{b}^2": "(a/b)²",
    r"\frac{a}{b}!": "(a/b)!",
    r"{(a+b)}^2": "((a + b))²",
    r"{a+b}^2": "(a + b)²",
    r"e^{\frac{x}{y}}": "e^(x/y)",
    r"e^{-\frac{x}{y}}": "e^(−x/y)",
    r"x^{-1}": "x⁻¹",
    r"x'^2": "x′²",
    r"f''(x)": "f″(x)",
    r"V_\pi^*": "V*_π",
    r"r_{t+1}": "rₜ₊₁",
    r"P_{n1} x_{10} x_{g1}": "Pₙ₁x₁₀x_g1",
    r"\pi_\theta A": "π_θ A",
    r"\log x": "log x",
    r"\log(x)": "log(x)",
    r"\arg\max_a Q": "arg maxₐ Q",
    r"\arg\,\max_a Q": "arg maxₐ Q",
    r"\operatorname*{arg\,max}_a Q": "arg maxₐ Q",
    r"a-b": "a − b",
    r"=-b": "= −b",
    r"a = -b": "a = −b",
    r"(-b)": "(−b)",
    r"a \cdot b": "a · b",
    r"\pi(\cdot|s)": "π(·|s)",
    r"2|x| - 1": "2|x| − 1",
    r"\|x\|_2": "‖x‖₂",
    r"10{,}000": "10,000",
    r"f\colon S \to R": "f: S → R",
    r"\hat\mathbb{E}_t": "𝔼̂ₜ",
    r"\hat{r}": "r̂",
    r"\hat{A}": "Â",
    r"\text{if } x > 0": "if x > 0",
    r"\text{if $x_\theta > 0$}": "if x_θ > 0",
    r"\sqrt{x}": "√x",
    r"\sqrt{x+y}": "√(x + y)",
    r"\sqrt[3]{x}": "³√x",
    r"{\rm KL}(p)": "KL(p)",
    r"\binom{n}{k}": "(n choose k)",
    r"\mathcal{L} \mathfrak{g} \mathbf{x}": "ℒ𝔤𝐱",
    r"\int_0^1 f(x)\,dx": "∫₀¹ f(x) dx",
    r"\lVert x \rVert \lfloor y \rfloor": "‖x‖⌊y⌋",
    r"\left. f \right|_{x=0}": "f|ₓ₌₀",
    r"x_{\text{max}}": "x_max",
    r"\mathbb{1}[a = b]": "𝟙[a = b]",
    r"x \neq y \iff \neg z": "x ≠ y ⟺ ¬z",
    r"a\ b~c": "a b c",
    r"\begin{aligned} a &= b \\ &= c \\ d &= e \end{aligned}": "a = b = c; d = e",
    "γ ≤ Σ": "γ ≤ Σ",
}


@pytest.mark.parametrize("name", UNICODE)
def test_corpus_in_unicode(name: str) -> None:
    assert render_inline(FORMULAS[name]) == UNICODE[name]


@pytest.mark.parametrize("name", ASCII)
def test_corpus_in_ascii(name: str) -> None:
    assert render_inline(FORMULAS[name], ascii=True) == ASCII[name]


@pytest.mark.parametrize("latex", DETAILS)
def test_meaning_is_kept_on_one_line(latex: str) -> None:
    assert render_inline(latex) == DETAILS[latex]
