"""Every formula of the course and of the papers it names, by a short name."""

from __future__ import annotations

FORMULAS: dict[str, str] = {
    # Decision processes, returns, policies (Sutton & Barto)
    "mdp": r"\mathcal{M} = (\mathcal{S}, \mathcal{A}, P, R, \gamma)",
    "dynamics": r"p(s', r \mid s, a) = \Pr\{S_{t+1} = s', R_{t+1} = r \mid S_t = s, A_t = a\}",
    "markov": r"P(S_{t+1} \mid S_t) = P(S_{t+1} \mid S_0, S_1, \dots, S_t)",
    "trajectory": r"\tau = (S_0, A_0, R_1, S_1, A_1, R_2, \ldots)",
    "cumulative": r"R(\tau) = \sum_{k=0}^{\infty} r_{t+k+1}",
    "return": r"G_t = \sum_{k=0}^{\infty} \gamma^k r_{t+k+1}",
    "return written out": r"G_t = R_{t+1} + \gamma R_{t+2} + \gamma^2 R_{t+3} + \cdots",
    "return recursive": r"G_t = R_{t+1} + \gamma G_{t+1}",
    "horizon": r"\sum_{k=0}^{\infty} \gamma^k = \frac{1}{1-\gamma}, \qquad 0 \le \gamma < 1",
    "trajectory probability": (
        r"P(\tau \mid \pi) = \rho_0(s_0) \prod_{t=0}^{T-1} P(s_{t+1} \mid s_t, a_t)\, \pi(a_t \mid s_t)"
    ),
    "policy sums to one": (
        r"\sum_{a \in \mathcal{A}(s)} \pi(a \mid s) = 1 \quad \text{for all } s \in \mathcal{S}"
    ),
    "stochastic policy": (
        r"\pi(a \mid s) = \begin{cases} 0.7 & \text{if } a = X \\ 0.3 & \text{if } a = Y \end{cases}"
    ),
    "optimal policy": r"\pi^* = \arg\max_{\pi} \mathbb{E}_{\tau \sim \pi}[R(\tau)]",
    "softmax": r"\pi_\theta(a \mid s) = \frac{e^{h_\theta(s,a)}}{\sum_{b} e^{h_\theta(s,b)}}",
    "softmax temperature": r"p_i = \frac{\exp(z_i / T)}{\sum_{j=1}^{n} \exp(z_j / T)}",
    "boltzmann": r"\pi(a \mid s) \propto e^{\frac{Q(s,a)}{\tau}}",
    "epsilon greedy": (
        r"\pi(a \mid s) = \begin{cases} 1 - \varepsilon + \frac{\varepsilon}{|\mathcal{A}|} & \text{if }"
        r" a = \arg\max_{a'} Q(s, a') \\ \frac{\varepsilon}{|\mathcal{A}|} & \text{otherwise} \end{cases}"
    ),
    "bandit update": r"Q_{n+1} = Q_n + \frac{1}{n}\left[R_n - Q_n\right]",
    "ucb": r"A_t = \operatorname*{arg\,max}_a \left[ Q_t(a) + c \sqrt{\frac{\ln t}{N_t(a)}} \right]",
    "regret": r"L_T = T\mu^* - \mathbb{E}\left[\sum_{t=1}^{T} \mu_{A_t}\right]",
    # Values and Bellman equations
    "state value": r"V_\pi(s) = \mathbb{E}_\pi[G_t \mid S_t = s]",
    "action value": r"Q_\pi(s, a) = \mathbb{E}_\pi[G_t \mid S_t = s, A_t = a]",
    "value long": (
        r"v_\pi(s) = \mathbb{E}_\pi\left[\sum_{k=0}^{\infty} \gamma^k R_{t+k+1} \,\middle|\, S_t ="
        r" s\right]"
    ),
    "value from action values": r"V_\pi(s) = \sum_a \pi(a \mid s)\, Q_\pi(s, a)",
    "greedy": r"\pi^*(s) = \arg\max_a Q^*(s, a)",
    "advantage": r"A_\pi(s, a) = Q_\pi(s, a) - V_\pi(s)",
    "bellman short": r"V(S_t) = r + \gamma V(S_{t+1})",
    "bellman expectation": (
        r"V_\pi(s) = \sum_a \pi(a \mid s) \sum_{s', r} p(s', r \mid s, a) \left[ r + \gamma V_\pi(s')"
        r" \right]"
    ),
    "bellman optimality": (
        r"V^*(s) = \max_a \sum_{s', r} p(s', r \mid s, a) \left[ r + \gamma V^*(s') \right]"
    ),
    "bellman optimality q": (
        r"Q^*(s, a) = \mathbb{E}\left[ R_{t+1} + \gamma \max_{a'} Q^*(S_{t+1}, a') \,\middle|\, S_t = s,"
        r" A_t = a \right]"
    ),
    "bellman matrix": r"V_\pi = (I - \gamma P_\pi)^{-1} R_\pi",
    "transition matrix": (
        r"P_\pi = \begin{pmatrix} 0.8 & 0.2 & 0 \\ 0.1 & 0.8 & 0.1 \\ 0 & 0 & 1 \end{pmatrix}"
    ),
    "value iteration": (
        r"V_{k+1}(s) = \max_a \left( R(s, a) + \gamma \sum_{s'} P(s' \mid s, a) V_k(s') \right)"
    ),
    "contraction": r"\| T V - T U \|_\infty \le \gamma \| V - U \|_\infty",
    "policy improvement": (
        r"Q_\pi(s, \pi'(s)) \ge V_\pi(s) \implies V_{\pi'}(s) \ge V_\pi(s) \quad \forall s"
    ),
    # Monte Carlo, temporal differences, control
    "monte carlo": r"V(S_t) \leftarrow V(S_t) + \alpha \left[ G_t - V(S_t) \right]",
    "td": r"V(S_t) \leftarrow V(S_t) + \alpha\left[R_{t+1} + \gamma V(S_{t+1}) - V(S_t)\right]",
    "td error": r"\delta_t = R_{t+1} + \gamma V(S_{t+1}) - V(S_t)",
    "n step": r"G_{t:t+n} = R_{t+1} + \gamma R_{t+2} + \dots + \gamma^{n-1} R_{t+n} + \gamma^n V(S_{t+n})",
    "lambda return": r"G_t^\lambda = (1 - \lambda) \sum_{n=1}^{\infty} \lambda^{n-1} G_{t:t+n}",
    "eligibility": r"e_t(s) = \gamma\lambda e_{t-1}(s) + \mathbb{1}[S_t = s]",
    "rms": (
        r"\mathrm{RMS} = \sqrt{\frac{1}{|\mathcal{S}|} \sum_{s \in \mathcal{S}} \left( V(s) - v_\pi(s)"
        r" \right)^2}"
    ),
    "sarsa": (
        r"Q(S_t, A_t) \leftarrow Q(S_t, A_t) + \alpha [R_{t+1} + \gamma Q(S_{t+1}, A_{t+1}) - Q(S_t,"
        r" A_t)]"
    ),
    "q learning": (
        r"Q(S_t, A_t) \leftarrow Q(S_t, A_t) + \alpha \Bigl[ R_{t+1} + \gamma \max_{a} Q(S_{t+1}, a) -"
        r" Q(S_t, A_t) \Bigr]"
    ),
    "expected sarsa": r"R_{t+1} + \gamma \sum_a \pi(a \mid S_{t+1}) Q(S_{t+1}, a)",
    "double q": (
        r"Q_1(S, A) \leftarrow Q_1(S, A) + \alpha \left[ R + \gamma Q_2\left(S', \arg\max_a Q_1(S',"
        r" a)\right) - Q_1(S, A) \right]"
    ),
    "maximisation bias": (
        r"\mathbb{E}\left[\max_a \hat{Q}(a)\right] \geq \max_a \mathbb{E}\left[\hat{Q}(a)\right]"
    ),
    "robbins monro": (
        r"\sum_{n=1}^{\infty} \alpha_n = \infty \quad \text{and} \quad \sum_{n=1}^{\infty} \alpha_n^2 <"
        r" \infty"
    ),
    # Policy gradients
    "objective": r"J(\theta) = \mathbb{E}_{\tau \sim \pi_\theta}\left[ \sum_{t=0}^{T} \gamma^t r_t \right]",
    "ascent": r"\theta_{k+1} = \theta_k + \alpha \nabla_\theta J(\theta) \Big|_{\theta = \theta_k}",
    "score": (
        r"\nabla_\theta \pi_\theta(a \mid s) = \pi_\theta(a \mid s) \nabla_\theta \log \pi_\theta(a \mid"
        r" s)"
    ),
    "policy gradient": (
        r"\nabla_\theta J(\theta) = \mathbb{E}_{\pi_\theta}\left[ \nabla_\theta \log \pi_\theta(a_t \mid"
        r" s_t)\, Q^{\pi_\theta}(s_t, a_t) \right]"
    ),
    "policy gradient theorem": (
        r"\nabla J(\theta) \propto \sum_s \mu(s) \sum_a q_\pi(s, a) \nabla \pi(a \mid s, \theta)"
    ),
    "reinforce": (
        r"\theta \leftarrow \theta + \alpha \gamma^t G_t \nabla_\theta \ln \pi_\theta(A_t \mid S_t)"
    ),
    "reinforce estimate": (
        r"\hat{g} = \frac{1}{N} \sum_{i=1}^{N} \sum_{t=0}^{T} \nabla_\theta \log \pi_\theta(a_t^{(i)}"
        r" \mid s_t^{(i)})\, \bigl( G_t^{(i)} - b(s_t^{(i)}) \bigr)"
    ),
    "baseline": (
        r"\mathbb{E}_{a \sim \pi_\theta}\left[ \nabla_\theta \log \pi_\theta(a \mid s)\, b(s) \right] = 0"
    ),
    "gaussian policy": (
        r"\pi_\theta(a \mid s) = \frac{1}{\sigma\sqrt{2\pi}} \exp\left( -\frac{(a -"
        r" \mu_\theta(s))^2}{2\sigma^2} \right)"
    ),
    "actor critic": (
        r"\theta \leftarrow \theta + \alpha_\theta\, \delta_t \nabla_\theta \log \pi_\theta(A_t \mid S_t)"
    ),
    "a2c advantage": r"\hat{A}_t = R_{t+1} + \gamma V_\phi(S_{t+1}) - V_\phi(S_t)",
    "critic loss": (
        r"L(\phi) = \frac{1}{2} \mathbb{E}_t\left[ \left( V_\phi(s_t) - \hat{R}_t \right)^2 \right]"
    ),
    "gae": r"\hat{A}_t^{\mathrm{GAE}(\gamma, \lambda)} = \sum_{l=0}^{\infty} (\gamma\lambda)^l \delta_{t+l}",
    "gae delta": r"\delta_t^V = r_t + \gamma V(s_{t+1}) - V(s_t)",
    "gae recursive": r"\hat{A}_t = \delta_t + \gamma\lambda (1 - d_{t+1}) \hat{A}_{t+1}",
    "gae limits": (
        r"\begin{aligned} \lambda = 0: \quad \hat{A}_t &= \delta_t = r_t + \gamma V(s_{t+1}) - V(s_t) \\"
        r" \lambda = 1: \quad \hat{A}_t &= \sum_{l=0}^{\infty} \gamma^l \delta_{t+l} ="
        r" \sum_{l=0}^{\infty} \gamma^l r_{t+l} - V(s_t) \end{aligned}"
    ),
    "normalised advantage": r"\tilde{A}_i = \frac{A_i - \bar{A}}{\sigma_A + 10^{-8}}",
    "entropy": r"H(\pi(\cdot \mid s)) = -\sum_a \pi(a \mid s) \log \pi(a \mid s)",
    "explained variance": (
        r"\mathrm{EV} = 1 - \frac{\operatorname{Var}[\hat{R} - V]}{\operatorname{Var}[\hat{R}]}"
    ),
    # TRPO and PPO
    "ratio": r"r_t(\theta) = \frac{\pi_\theta(a_t \mid s_t)}{\pi_{\theta_{\mathrm{old}}}(a_t \mid s_t)}",
    "importance sampling": (
        r"\mathbb{E}_{x \sim p}[f(x)] = \mathbb{E}_{x \sim q}\left[ \frac{p(x)}{q(x)} f(x) \right]"
    ),
    "cpi": (
        r"L^{\mathrm{CPI}}(\theta) = \hat{\mathbb{E}}_t\left[ \frac{\pi_\theta(a_t \mid"
        r" s_t)}{\pi_{\theta_{\mathrm{old}}}(a_t \mid s_t)} \hat{A}_t \right] = \hat{\mathbb{E}}_t\left["
        r" r_t(\theta) \hat{A}_t \right]"
    ),
    "clip": (
        r"L^{\mathrm{CLIP}}(\theta) = \hat{\mathbb{E}}_t\left[ \min\left( r_t(\theta) \hat{A}_t,"
        r" \operatorname{clip}(r_t(\theta), 1 - \epsilon, 1 + \epsilon) \hat{A}_t \right) \right]"
    ),
    "clip function": (
        r"\operatorname{clip}(x, l, h) = \begin{cases} l & \text{if } x < l \\ x & \text{if } l \le x"
        r" \le h \\ h & \text{if } x > h \end{cases}"
    ),
    "clip gradient": (
        r"\nabla_\theta L_t = \begin{cases} 0 & \text{if } \hat{A}_t > 0 \text{ and } r_t > 1 + \epsilon"
        r" \\ 0 & \text{if } \hat{A}_t < 0 \text{ and } r_t < 1 - \epsilon \\ \hat{A}_t \nabla_\theta"
        r" r_t(\theta) & \text{otherwise} \end{cases}"
    ),
    "ppo loss": (
        r"L_t^{\mathrm{CLIP}+\mathrm{VF}+S}(\theta) = \hat{\mathbb{E}}_t\left["
        r" L_t^{\mathrm{CLIP}}(\theta) - c_1 L_t^{\mathrm{VF}}(\theta) + c_2 S[\pi_\theta](s_t) \right]"
    ),
    "value loss": r"L_t^{\mathrm{VF}}(\theta) = \left( V_\theta(s_t) - V_t^{\mathrm{targ}} \right)^2",
    "clipped value loss": (
        r"L^V = \max\left[ (V_\theta - V_{\mathrm{targ}})^2, (\operatorname{clip}(V_\theta,"
        r" V_{\mathrm{old}} - \epsilon, V_{\mathrm{old}} + \epsilon) - V_{\mathrm{targ}})^2 \right]"
    ),
    "weather": r"r = \frac{0.25}{0.15} \approx 1.67, \quad \operatorname{clip}(1.67, 0.8, 1.2) = 1.2",
    "rlhf example": r"\min\left( 1.875 \times 1.8,\; 1.2 \times 1.8 \right) = \min(3.375,\; 2.16) = 2.16",
    "kl penalty": (
        r"L^{\mathrm{KLPEN}}(\theta) = \hat{\mathbb{E}}_t\left[ \frac{\pi_\theta(a_t \mid"
        r" s_t)}{\pi_{\theta_{\mathrm{old}}}(a_t \mid s_t)} \hat{A}_t - \beta\,"
        r" \mathrm{KL}[\pi_{\theta_{\mathrm{old}}}(\cdot \mid s_t), \pi_\theta(\cdot \mid s_t)] \right]"
    ),
    "adaptive beta": (
        r"\beta \leftarrow \begin{cases} \beta / 2 & \text{if } d < d_{\mathrm{targ}} / 1.5 \\ 2\beta &"
        r" \text{if } d > 1.5\, d_{\mathrm{targ}} \end{cases}"
    ),
    "trpo": (
        r"\begin{aligned} \underset{\theta}{\text{maximize}} \quad & \hat{\mathbb{E}}_t\left["
        r" \frac{\pi_\theta(a_t \mid s_t)}{\pi_{\theta_{\mathrm{old}}}(a_t \mid s_t)} \hat{A}_t \right]"
        r" \\ \text{subject to} \quad & \hat{\mathbb{E}}_t\left["
        r" \mathrm{KL}[\pi_{\theta_{\mathrm{old}}}(\cdot \mid s_t), \pi_\theta(\cdot \mid s_t)] \right]"
        r" \le \delta \end{aligned}"
    ),
    "trpo constraint": r"\bar{D}_{\mathrm{KL}}(\theta \| \theta_k) \le \delta",
    "natural gradient": (
        r"\theta_{k+1} = \theta_k + \sqrt{\frac{2\delta}{\hat{g}^\top \hat{H}^{-1} \hat{g}}}\,"
        r" \hat{H}^{-1} \hat{g}"
    ),
    "line search": (
        r"\theta_{k+1} = \theta_k + \alpha^j \sqrt{\frac{2\delta}{x^\top F x}}\, x, \qquad F x = g"
    ),
    "fisher": (
        r"F(\theta) = \mathbb{E}_{s, a \sim \pi_\theta}\left[ \nabla_\theta \log \pi_\theta(a \mid s)\,"
        r" \nabla_\theta \log \pi_\theta(a \mid s)^\top \right]"
    ),
    "kakade langford": (
        r"J(\pi') - J(\pi) = \frac{1}{1 - \gamma} \mathbb{E}_{s \sim d^{\pi'},\, a \sim \pi'}\left["
        r" A_\pi(s, a) \right]"
    ),
    "trpo bound": (
        r"J(\tilde{\pi}) \ge L_\pi(\tilde{\pi}) - \frac{4\epsilon\gamma}{(1 - \gamma)^2}\, \alpha^2,"
        r" \quad \epsilon = \max_{s,a} |A_\pi(s, a)|"
    ),
    # KL and its estimators
    "kl": (
        r"D_{\mathrm{KL}}(\pi_\theta \| \pi_{\mathrm{ref}}) = \sum_a \pi_\theta(a \mid s) \log"
        r" \frac{\pi_\theta(a \mid s)}{\pi_{\mathrm{ref}}(a \mid s)}"
    ),
    "k1": r"k_1 = -\log r, \quad r = \frac{p(x)}{q(x)}, \quad x \sim q",
    "k2": r"k_2 = \frac{1}{2} (\log r)^2",
    "k3": r"k_3 = (r - 1) - \log r",
    "kl reward": (
        r"r_t^{\mathrm{total}} = r_t - \beta \log \frac{\pi_\theta(a_t \mid s_t)}{\pi_{\mathrm{ref}}(a_t"
        r" \mid s_t)}"
    ),
    "adaptive kl": (
        r"e_t = \operatorname{clip}\left( \frac{\mathrm{KL}(\pi_t, \rho) -"
        r" \mathrm{KL}_{\mathrm{target}}}{\mathrm{KL}_{\mathrm{target}}}, -0.2, 0.2 \right), \qquad"
        r" \beta_{t+1} = \beta_t (1 + K_\beta e_t)"
    ),
    # Learning from preferences
    "bradley terry": (
        r"P(y_w \succ y_l \mid x) = \sigma\left( r(x, y_w) - r(x, y_l) \right) = \frac{1}{1 + e^{-(r(x,"
        r" y_w) - r(x, y_l))}}"
    ),
    "reward model loss": (
        r"\operatorname{loss}(\theta) = -\frac{1}{\binom{K}{2}} \mathbb{E}_{(x, y_w, y_l) \sim D}\left["
        r" \log\left( \sigma\left( r_\theta(x, y_w) - r_\theta(x, y_l) \right) \right) \right]"
    ),
    "sft": r"\mathcal{L}_{\mathrm{SFT}}(\theta) = -\sum_{t=1}^{T} \log \pi_\theta(y_t \mid x, y_{<t})",
    "instructgpt": (
        r"\begin{aligned} \operatorname{objective}(\phi) = {} & \mathbb{E}_{(x,y) \sim"
        r" D_{\pi_\phi^{\mathrm{RL}}}}\left[ r_\theta(x, y) - \beta \log\left( \pi_\phi^{\mathrm{RL}}(y"
        r" \mid x) / \pi^{\mathrm{SFT}}(y \mid x) \right) \right] \\ & + \gamma\, \mathbb{E}_{x \sim"
        r" D_{\mathrm{pretrain}}}\left[ \log(\pi_\phi^{\mathrm{RL}}(x)) \right] \end{aligned}"
    ),
    "rlhf objective": (
        r"\max_{\pi_\theta} \mathbb{E}_{x \sim \mathcal{D}, y \sim \pi_\theta(y \mid x)}\bigl[ r_\phi(x,"
        r" y) \bigr] - \beta \mathbb{D}_{\mathrm{KL}}\bigl[ \pi_\theta(y \mid x) \,\|\,"
        r" \pi_{\mathrm{ref}}(y \mid x) \bigr]"
    ),
    "dpo": (
        r"\mathcal{L}_{\mathrm{DPO}}(\pi_\theta; \pi_{\mathrm{ref}}) = -\mathbb{E}_{(x, y_w, y_l) \sim"
        r" \mathcal{D}}\left[ \log \sigma\left( \beta \log \frac{\pi_\theta(y_w \mid"
        r" x)}{\pi_{\mathrm{ref}}(y_w \mid x)} - \beta \log \frac{\pi_\theta(y_l \mid"
        r" x)}{\pi_{\mathrm{ref}}(y_l \mid x)} \right) \right]"
    ),
    "dpo optimum": (
        r"\pi_r(y \mid x) = \frac{1}{Z(x)} \pi_{\mathrm{ref}}(y \mid x) \exp\left( \frac{1}{\beta} r(x,"
        r" y) \right)"
    ),
    "grpo": (
        r"\mathcal{J}_{\mathrm{GRPO}}(\theta) = \mathbb{E}\left[ \frac{1}{G} \sum_{i=1}^{G}"
        r" \frac{1}{|o_i|} \sum_{t=1}^{|o_i|} \left\{ \min\left[ \frac{\pi_\theta(o_{i,t} \mid q,"
        r" o_{i,<t})}{\pi_{\theta_{\mathrm{old}}}(o_{i,t} \mid q, o_{i,<t})} \hat{A}_{i,t},"
        r" \operatorname{clip}\left( \frac{\pi_\theta(o_{i,t} \mid q,"
        r" o_{i,<t})}{\pi_{\theta_{\mathrm{old}}}(o_{i,t} \mid q, o_{i,<t})}, 1 - \varepsilon, 1 +"
        r" \varepsilon \right) \hat{A}_{i,t} \right] - \beta \mathbb{D}_{\mathrm{KL}}\left[ \pi_\theta"
        r" \| \pi_{\mathrm{ref}} \right] \right\} \right]"
    ),
    "grpo advantage": (
        r"\hat{A}_{i,t} = \tilde{r}_i = \frac{r_i -"
        r" \operatorname{mean}(\mathbf{r})}{\operatorname{std}(\mathbf{r})}"
    ),
    "grpo kl": (
        r"\mathbb{D}_{\mathrm{KL}}\left[ \pi_\theta \| \pi_{\mathrm{ref}} \right] ="
        r" \frac{\pi_{\mathrm{ref}}(o_{i,t} \mid q, o_{i,<t})}{\pi_\theta(o_{i,t} \mid q, o_{i,<t})} -"
        r" \log \frac{\pi_{\mathrm{ref}}(o_{i,t} \mid q, o_{i,<t})}{\pi_\theta(o_{i,t} \mid q,"
        r" o_{i,<t})} - 1"
    ),
    "token state": r"s_t = (x, y_1, \dots, y_t), \qquad a_t = y_{t+1} \sim \pi_\theta(\cdot \mid s_t)",
    "sequence probability": r"\pi_\theta(y \mid x) = \prod_{t=1}^{|y|} \pi_\theta(y_t \mid x, y_{<t})",
    "verifier reward": r"R(x, y) = \mathbb{1}\{\text{answer}(y) = y^*\} \in \{0, 1\}",
    "pass at k": r"\text{pass@}k = \mathbb{E}\left[ 1 - \frac{\binom{n-c}{k}}{\binom{n}{k}} \right]",
    "best of n": r"y^* = \arg\max_{y \in \{y_1, \dots, y_N\}} r_\phi(x, y)",
    "best of n kl": r"\mathrm{KL}_{\mathrm{BoN}} = \log n - \frac{n - 1}{n}",
    "puct": (
        r"a_t = \arg\max_a \left( Q(s, a) + c_{\mathrm{puct}} P(s, a) \frac{\sqrt{\sum_b N(s, b)}}{1 +"
        r" N(s, a)} \right)"
    ),
    "adam": r"\theta_{t+1} = \theta_t - \eta \frac{\hat{m}_t}{\sqrt{\hat{v}_t} + \epsilon}",
    "gradient clip": r"g \leftarrow g \cdot \min\left( 1, \frac{c}{\| g \|_2} \right)",
    "learning rate": r"\alpha_u = \alpha_0 \left( 1 - \frac{u - 1}{U} \right)",
    "momentum": (
        r"\frac{\partial L}{\partial \theta} = \frac{1}{B} \sum_{b=1}^{B} \frac{\partial"
        r" \ell_b}{\partial \theta}"
    ),
    "chain": r"G_0 = \underbrace{0 + 0 + \dots + 0}_{T - 1 \text{ steps}} + \gamma^{T-1} R_T",
    "integral": r"J = \int_{\mathcal{S}} \rho(s) \int_{\mathcal{A}} \pi(a \mid s)\, r(s, a) \, da \, ds",
    "substack": r"\max_{\substack{\theta \in \Theta \\ \|\theta\| \le 1}} J(\theta) \tag{1}",
    "definition": r"f \overset{\mathrm{def}}{=} \{ x \in \mathbb{R}^n : \lVert x \rVert \ne 0 \}",
}
