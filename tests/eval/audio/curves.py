# SPDX-License-Identifier: GPL-3.0-or-later
"""How much is recognised, and mistaken, by the evidence that is asked for."""

import pathlib
import sys

from matplotlib.figure import Figure

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import plots  # noqa: E402

SHOWN = (3, 5)  # s
MOST = 30  # nats
# Lines of the plot, where these were measured, and how they are called.
LINES = {
    "clean": "clean", "microphone": "microphone", "pitch-2": "pitch -2",
    "babble5": "babble 5 dB", "voice0": "commentary",
    "voice-6": "commentary, 6 dB louder", "babble0": "babble 0 dB",
    "combo": "commentary, speed, Opus"}


def get_shares(values):
    """% of @values above each tenth of a nat."""
    bounds = [i / 10 for i in range(10 * MOST + 1)]
    return bounds, [100 * sum(value > bound for value in values) / len(values)
                    for bound in bounds]


def plot_curves(path, figures, flag):
    """Of each length a panel: the conditions, and the negatives."""
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    panels = figure.subplots(1, len(SHOWN), sharey=True)
    for panel, length in zip(panels, SHOWN):
        negatives = figures["negatives"][length]
        for name, title in LINES.items():
            if name in figures["conditions"]:
                panel.plot(*get_shares(
                    figures["conditions"][name]["evidence"][length]),
                    label=title, linewidth=1.2)
        panel.step(*get_shares(negatives["evidence"]), where="mid",
                   color=plots.CUT_COLOR, label="negatives, mistaken",
                   linestyle="--")
        for bound, title in ((negatives["tail"], "1e-6"), (flag, "flag")):
            panel.axvline(bound, color="#888888", linewidth=0.8,
                          linestyle=":")
            panel.annotate(f" {title}", (bound, 1), fontsize=8)
        panel.set_xlabel(f"evidence asked for within {length} s, nats")
        panel.set_xlim(0, MOST)
        panel.set_ylim(0, 102)
    panels[0].set_ylabel("% of clips, or of negatives")
    plots.clear_spines(*panels)
    plots.add_legend(figure, panels[0], 5)
    plots.save(figure, path)
