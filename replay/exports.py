"""A timeline in the formats that players, hosts of podcasts and videos, and tables read.

Titles are free text of attendees: each format escapes what it would otherwise read as
its own syntax, and line breaks and control characters become spaces everywhere.
"""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass

from replay.timeline import Chapter, Highlight, Timeline, clock_time

YOUTUBE_APART_S = 10.0
"""YouTube takes no chapter list with an entry shorter than this."""
HIGHLIGHT_MARK = "★"
RECORDING = "recording.mp4"
"""What a list of cuts calls the recording, which lies beside it under this name."""
SURE = 0.5
"""From this confidence on a highlight is more than luck."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a timeline is written down: its media type and its writer."""

    media_type: str
    write: Callable[[Timeline], str]


def as_json(timeline: Timeline) -> str:
    """Everything, as the contract's timeline less its position."""
    return json.dumps(timeline.as_json(), ensure_ascii=False, allow_nan=False) + "\n"


def webvtt(timeline: Timeline) -> str:
    """The chapters as WebVTT, for ``<track kind="chapters">``."""
    cues = [
        _cue(f"chapter-{number}", one.start_s, one.end_s, _vtt_text(one.title))
        for number, one in enumerate(timeline.chapters, 1)
        if one.end_s > one.start_s
    ]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def webvtt_highlights(timeline: Timeline) -> str:
    """The highlights as WebVTT, for ``<track kind="metadata">``: a JSON object per cue."""
    cues = [
        _cue(one.id, one.start_s, max(one.end_s, one.start_s + 0.001), _vtt_data(one))
        for one in sorted(timeline.highlights, key=lambda one: (one.start_s, one.id))
    ]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def podcast_chapters(timeline: Timeline) -> str:
    """The chapters as Podcasting 2.0 JSON."""
    chapters = [
        {"startTime": one.start_s, "endTime": one.end_s, "title": _one_line(one.title)}
        for one in timeline.chapters
    ]
    return json.dumps({"version": "1.2.0", "chapters": chapters}, ensure_ascii=False) + "\n"


def youtube(timeline: Timeline) -> str:
    """Lines for a description: chapters, and highlights where there is room between them."""
    entries = [(one.start_s, one.title) for one in timeline.chapters]
    taken: list[tuple[float, str]] = []
    for start_s, title in entries + _marked(timeline.highlights):
        if all(abs(int(start_s) - int(other)) >= YOUTUBE_APART_S for other, _ in taken):
            taken.append((start_s, title))
    return "".join(f"{clock_time(at)} {_one_line(title)}\n" for at, title in sorted(taken))


def ffmetadata(timeline: Timeline) -> str:
    """The chapters as FFmpeg's metadata file, in milliseconds."""
    blocks = [_ffmetadata_chapter(one) for one in timeline.chapters]
    return "\n".join([";FFMETADATA1", *blocks]) + "\n"


def table(timeline: Timeline) -> str:
    """Chapters and highlights as CSV, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_rows(timeline))
    return out.getvalue()


def cut_list(timeline: Timeline) -> str:
    """The confident highlights as ffmpeg's list of cuts, in the order of the recording."""
    sure = [one for one in timeline.highlights if one.confidence >= SURE]
    cuts: list[tuple[float, float]] = []
    for begin, end in sorted((one.start_s, one.end_s) for one in sure):
        if cuts and begin <= cuts[-1][1]:
            cuts[-1] = cuts[-1][0], max(end, cuts[-1][1])
        else:
            cuts.append((begin, end))
    told = [f"file {RECORDING}\ninpoint {begin:.3f}\noutpoint {end:.3f}" for begin, end in cuts]
    return "\n".join(["ffconcat version 1.0", *told]) + "\n"


FORMATS: Mapping[str, Format] = {
    "json": Format("application/json", as_json),
    "vtt": Format("text/vtt; charset=utf-8", webvtt),
    "highlights.vtt": Format("text/vtt; charset=utf-8", webvtt_highlights),
    "chapters.json": Format("application/json+chapters", podcast_chapters),
    "youtube.txt": Format("text/plain; charset=utf-8", youtube),
    "ffmeta": Format("text/plain; charset=utf-8", ffmetadata),
    "ffconcat": Format("text/plain; charset=utf-8", cut_list),
    "csv": Format("text/csv; charset=utf-8", table),
}
"""By what stands after ``timeline.`` in the address."""

_COLUMNS = ("what", "id", "start_s", "end_s", "title", "score", "confidence", "why")


def _one_line(text: str) -> str:
    """The text with every line break and control character as a space, runs of them as one."""
    plain = "".join(" " if unicodedata.category(one) in _BREAKS else one for one in text)
    return " ".join(plain.split()) or "…"


_BREAKS = {"Cc", "Cs", "Zl", "Zp"}


def _cue(name: str, start_s: float, end_s: float, payload: str) -> str:
    return f"{name}\n{_vtt_time(start_s)} --> {_vtt_time(end_s)}\n{payload}"


def _vtt_time(at_s: float) -> str:
    minutes, millis = divmod(round(at_s * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{millis // 1000:02}.{millis % 1000:03}"


def _vtt_text(text: str) -> str:
    return _one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _vtt_data(highlight: Highlight) -> str:
    """JSON without a bare ``>``, so that no text in it ends the cue."""
    return json.dumps(asdict(highlight), allow_nan=False).replace(">", "\\u003e")


def _marked(highlights: list[Highlight]) -> list[tuple[float, str]]:
    return [(one.start_s, f"{HIGHLIGHT_MARK} {one.title}") for one in highlights]


def _ffmetadata_chapter(chapter: Chapter) -> str:
    title = "".join(f"\\{one}" if one in "=;#\\" else one for one in _one_line(chapter.title))
    start, end = round(chapter.start_s * 1000), round(chapter.end_s * 1000)
    return f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}"


def _rows(timeline: Timeline) -> Iterator[dict[str, object]]:
    for number, chapter in enumerate(timeline.chapters, 1):
        yield {
            "what": "chapter",
            "id": f"chapter-{number}",
            "start_s": chapter.start_s,
            "end_s": chapter.end_s,
            "title": _cell(chapter.title),
        }
    for one in timeline.highlights:
        yield {
            "what": "highlight",
            "id": one.id,
            "start_s": one.start_s,
            "end_s": one.end_s,
            "title": _cell(one.title),
            "score": one.score,
            "confidence": one.confidence,
            "why": _cell(one.why),
        }


def _cell(text: str) -> str:
    """A spreadsheet takes a text that begins like a formula for one; an apostrophe prevents it."""
    plain = _one_line(text)
    return f"'{plain}" if plain[0] in "=+-@" else plain
