"""How good highlights are on recordings whose highlights are known, beside two other methods.

    python tests/load/highlight_figures.py FOLDER [--held-out SETTINGS]
    python tests/load/highlight_figures.py --speed

FOLDER holds, for each talk, ``NAME.jsonl`` (the import form) and ``NAME.truth.json``: a list of
``{"start", "end"}`` in seconds. A highlight is a hit when it starts between ten seconds before
a true one and its end. ``--held-out`` draws so many other settings of the method's numbers, and
measures each talk with the best setting of the other four fifths of the talks. ``--speed``
works out a two-hour talk with a million ticks.
"""
# ruff: noqa: T201 - figures are what it is for

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from replay.facts import Floats, Ints, TalkFacts, Ticks
from replay.method import METHOD, Method
from replay.reactions import Reactions, reactions
from replay.recorded import read
from replay.timeline import build

RESAMPLES = 4000
EARLY_S = 10.0


@dataclass(frozen=True)
class Found:
    """What a method finds: where highlights start, best first, and the heat of each second."""

    starts: Sequence[float]
    heat: Floats


Detector = Callable[[TalkFacts], Found]
Span = tuple[float, float]
Figures = dict[str, float]


def ours(facts: TalkFacts) -> Found:
    timeline = build(facts, heat_step_s=1)
    starts = [one.start_s for one in timeline.highlights]
    return Found(starts, np.array(timeline.heat.curves["all"]))


def bursts(facts: TalkFacts) -> Found:
    """Kleinberg's two states over bins of 5 s: the usual rate, and three times that."""
    bin_s, times, cost = 5, 3.0, 0.3
    heard = reactions(facts)
    counts = np.add.reduceat(_thinned(heard), np.arange(0, heard.seconds, bin_s))
    low = counts.mean()
    saved = counts * np.log(times) - (times - 1) * low
    busy = _busiest(saved, cost * np.log(len(counts)))
    runs = np.flatnonzero(np.diff(busy.astype(int), prepend=0, append=0)).reshape(-1, 2)
    ranked = sorted(runs.tolist(), key=lambda run: -saved[run[0] : run[1]].sum())
    return Found([max(0.0, begin * bin_s - 10.0) for begin, _ in ranked], counts.repeat(bin_s))


def _busiest(saved: Floats, step: float) -> Ints:
    """The cheapest path through the states; going up costs ``step``."""
    calm, high, came = 0.0, -step, []
    for gain in saved:
        came.append((high > calm, high >= calm - step))
        calm, high = max(calm, high), max(high, calm - step) + gain
    state, path = high > calm, []
    for from_high_to_calm, stayed_high in reversed(came):
        path.append(state)
        state = stayed_high if state else from_high_to_calm
    return np.array(path[::-1], np.int64)


def scan(facts: TalkFacts) -> Found:
    """A Poisson scan of four widths against the ten minutes around, best width and peaks."""
    heard = reactions(facts)
    counts = _thinned(heard)
    second = np.arange(len(counts))
    total = np.concatenate([[0.0], np.cumsum(counts)])

    def between(begin: Ints, end: Ints) -> Floats:
        last = len(counts)
        return total[np.clip(end, 0, last)] - total[np.clip(begin, 0, last)]

    length = np.clip(second + 301, 0, len(counts)) - np.clip(second - 300, 0, len(counts))
    usual = 0.6 * between(second - 300, second + 301) / length + 0.4 * counts.mean() + 1e-4
    before = (between(second - 30, second) + 20 * usual) / 50
    rate = 0.6 * usual + 0.4 * np.maximum(before, usual)
    widths = (8, 12, 18, 27)
    score = np.max([_excess(between(second, second + w), rate * w, w) for w in widths], axis=0)
    score = np.convolve(score, np.exp(-0.5 * (np.arange(-16, 17) / 4) ** 2) / 10, "same")
    delay = np.clip(12.5 - 5 * np.log(usual), 5, 20)
    heat = np.roll(score, -round(0.6 * float(delay.mean())))
    return Found([max(0.0, at - float(delay[at])) for at in _peaks(score)], heat)


def _excess(observed: Floats, expected: Floats, width: int) -> Floats:
    more = np.maximum(observed, expected)
    return (more * np.log(more / expected) - (more - expected)) / (width / 20) ** 0.25


def _peaks(score: Floats) -> Iterator[int]:
    left = np.where(np.arange(len(score)) < 60, score / 2, score)
    left[-75:] /= 2
    while left.max() > 0:
        at = int(left.argmax())
        yield at
        left[max(0, at - 44) : at + 45] = 0


def _thinned(heard: Reactions) -> Floats:
    """Reactions per second; of each person those 15 s after that person's last that counted."""
    counts, person, last = np.zeros(heard.seconds), -1, 0.0
    for at, who in zip(heard.felt_s.tolist(), heard.person.tolist(), strict=True):
        if who != person or at - last >= 15:
            person, last = who, at
            counts[min(int(at), heard.seconds - 1)] += 1
    return counts


def figures(found: Found, truth: Sequence[Span]) -> Figures:
    """P@5 and P@10 of the starts; average precision and NDCG of the heat."""
    hits = [any(b - EARLY_S <= at <= e for b, e in truth) for at in found.starts]
    second = np.arange(len(found.heat)) + 0.5
    inside = np.any([(b <= second) & (second <= e) for b, e in truth], axis=0)
    return {
        "P@5": sum(hits[:5]) / 5,
        "P@10": sum(hits[:10]) / 10,
        "mAP": _average_precision(found.heat, inside),
        "NDCG": _ndcg(found.heat, inside),
    }


def _average_precision(heat: Floats, inside: Ints) -> float:
    ranked = inside[np.argsort(-heat, kind="stable")]
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    return float(precision[ranked].mean()) if ranked.any() else 0.0


def _ndcg(heat: Floats, inside: Ints) -> float:
    """Of bins of 5 s, the hottest tenth: how much of them is inside."""
    bins = len(heat) // 5
    gain = inside[: bins * 5].reshape(bins, 5).mean(axis=1)
    hottest = np.argsort(-heat[: bins * 5].reshape(bins, 5).max(axis=1), kind="stable")
    worth = 1 / np.log2(np.arange(max(1, bins // 10)) + 2)
    best = float((np.sort(gain)[::-1][: len(worth)] * worth).sum())
    return float((gain[hottest[: len(worth)]] * worth).sum()) / best if best else 0.0


RIVALS = (("bursts", ("P@5", "P@10")), ("scan", ("P@5", "P@10", "mAP", "NDCG")))


def talks_of(folder: Path) -> Iterator[tuple[TalkFacts, list[Span]]]:
    """Read the talks whose highlights are known."""
    for path in sorted(folder.glob("*.jsonl")):
        truth = json.loads(path.with_suffix("").with_suffix(".truth.json").read_text())
        if truth:
            spans = [(one["start"], one["end"]) for one in truth]
            yield read(path.read_bytes().splitlines()), spans


def compare(folder: Path, settings: int) -> None:
    """Print the mean of each figure, and how far ours is above the others, paired by talk."""
    talks = list(talks_of(folder))
    told = {one.__name__: _measured(one, talks) for one in (ours, bursts, scan)}
    for name, by_talk in told.items():
        means = (f"{key} {np.mean([talk[key] for talk in by_talk]):.3f}" for key in by_talk[0])
        print(f"{name:8}", *means)
    _print_differences("ours", told)
    if settings:
        told["held out"] = held_out(talks, settings)
        _print_differences("held out", told)


def _measured(detector: Detector, talks: Sequence[tuple[TalkFacts, list[Span]]]) -> list[Figures]:
    return [figures(detector(facts), spans) for facts, spans in talks]


def _print_differences(name: str, told: dict[str, list[Figures]]) -> None:
    for rival, keys in RIVALS:
        for key in keys:
            print(f"{name} - {rival}, {key}:", _difference(told[name], told[rival], key))


def held_out(
    talks: Sequence[tuple[TalkFacts, list[Span]]], settings: int, divisions: int = 40
) -> list[Figures]:
    """Measure each talk with the setting that is best for talks of the other four folds.

    A talk's figures are the means over some divisions into five folds, for where a talk falls
    is chance.
    """
    chance = np.random.default_rng(2026)
    found = []
    for setting in [METHOD, *(_other_setting(chance) for _ in range(settings))]:
        with numbers(setting):
            found.append(_measured(ours, talks))
    worth = np.array([[f["P@5"] + f["P@10"] + f["mAP"] for f in by_talk] for by_talk in found])
    chosen = np.zeros((divisions, len(talks)), int)
    for division in chosen:
        order = chance.permutation(len(talks))
        for fold in (order[n::5] for n in range(5)):
            division[fold] = np.delete(worth, fold, axis=1).mean(axis=1).argmax()
    return [
        {key: float(np.mean([found[n][talk][key] for n in chosen[:, talk]])) for key in found[0][0]}
        for talk in range(len(talks))
    ]


def _other_setting(chance: np.random.Generator) -> Method:
    widths = ((8, 12, 18, 27, 40), (12, 27), (8, 12, 18, 27), (12, 18, 27, 40), (10, 20, 40))
    return replace(
        METHOD,
        silence_s=chance.uniform(12, 45),
        greeting=chance.uniform(0.1, 0.6),
        audience_power=chance.uniform(0.4, 1),
        before=chance.uniform(0.1, 0.8),
        smooth_s=chance.uniform(3, 8),
        chat_delay_s=chance.uniform(10, 16),
        chat_hurry_s=chance.uniform(2, 6),
        bye_s=chance.uniform(40, 110),
        widths_s=widths[chance.integers(len(widths))],
    )


@contextmanager
def numbers(setting: Method) -> Iterator[None]:
    """Let the method have other numbers: constants of the program, which are only tried here."""
    usual = asdict(METHOD)
    try:
        for name, number in asdict(setting).items():
            object.__setattr__(METHOD, name, number)
        yield
    finally:
        for name, number in usual.items():
            object.__setattr__(METHOD, name, number)


def _difference(first: list[Figures], second: list[Figures], key: str) -> str:
    by_talk = np.array([a[key] - b[key] for a, b in zip(first, second, strict=True)])
    chance = np.random.default_rng(0)
    drawn = by_talk[chance.integers(0, len(by_talk), (RESAMPLES, len(by_talk)))].mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{by_talk.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def speed() -> None:
    """Print how long a million ticks of 20,000 people take."""
    chance, ticks = np.random.default_rng(7), 1_000_000
    at_s = np.sort(chance.uniform(0, 7200, ticks))
    who = chance.integers(0, 20_000, ticks)
    rows = (
        (at, f"p{one}", "agree", None) for at, one in zip(at_s.tolist(), who.tolist(), strict=True)
    )
    facts = TalkFacts(duration_s=7200.0, ticks=Ticks.of(rows))
    begun = time.perf_counter()
    build(facts)
    print(f"{ticks:,} ticks in {time.perf_counter() - begun:.2f} s")


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--held-out", type=int, default=0, metavar="SETTINGS")
    parser.add_argument("--speed", action="store_true")
    asked = parser.parse_args()
    if asked.speed:
        speed()
    if asked.folder:
        compare(asked.folder, asked.held_out)


if __name__ == "__main__":
    main()
