import csv
import io
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from shutil import which

import pytest
import webvtt

from replay import exports
from replay.facts import TalkFacts, Topic
from replay.timeline import Chapter, Evidence, Heat, Highlight, Timeline

NASTY = "=1+1 <b>A --> B</b> & C\n\nWEBVTT; #x\\ \x00 ★"


def timeline(title: str = "Pricing") -> Timeline:
    told = Evidence(41, 210, 20, 603.0, 4.8, 37.2, 7.75, {"Funny": 30}, title, "", 0, [])
    return Timeline(
        duration_s=3700.0,
        chapters=[Chapter(0.0, 60.0, "Opening"), Chapter(60.0, 3700.0, title)],
        highlights=[
            Highlight("h612", 600.0, 617.0, 20.0, 0.7, title, "41 of 210 people", told),
            Highlight("h3672", 3660.5, 3677.0, 9.0, 0.5, title, "12 of 210 people", told),
        ],
        heat=Heat(2, {"all": [0.0, 0.5]}),
    )


def test_chapters_are_read_by_a_webvtt_reader() -> None:
    read = webvtt.from_string(exports.webvtt(timeline()))

    assert [(cue.start, cue.end, cue.text) for cue in read] == [
        ("00:00:00.000", "00:01:00.000", "Opening"),
        ("00:01:00.000", "01:01:40.000", "Pricing"),
    ]


def test_no_title_breaks_out_of_its_webvtt_cue() -> None:
    written = exports.webvtt(timeline(NASTY))

    assert written.count("-->") == 2
    assert "\x00" not in written
    assert "<b>" not in written
    assert len(webvtt.from_string(written)) == 2


def test_highlights_travel_as_json_in_metadata_cues() -> None:
    read = webvtt.from_string(exports.webvtt_highlights(timeline(NASTY)))

    told = [json.loads(cue.text) for cue in read]

    assert [one["id"] for one in told] == ["h612", "h3672"]
    assert told[0]["title"] == NASTY
    assert told[0]["evidence"]["people"] == 41


def test_podcast_chapters_name_their_version_and_starts() -> None:
    read = json.loads(exports.podcast_chapters(timeline()))

    assert read["version"] == "1.2.0"
    assert [one["startTime"] for one in read["chapters"]] == [0.0, 60.0]


def test_a_youtube_list_begins_at_zero_and_rises_by_ten_seconds_at_least() -> None:
    crowded = Timeline(
        duration_s=100.0,
        chapters=[Chapter(0.0, 4.0, "A"), Chapter(4.0, 20.0, "B"), Chapter(20.0, 100.0, "C")],
        highlights=timeline().highlights,
        heat=Heat(2, {}),
    )

    assert exports.youtube(crowded).splitlines() == [
        "0:00 A",
        "0:20 C",
        "10:00 ★ Pricing",
        "1:01:00 ★ Pricing",
    ]


def test_ffmetadata_escapes_its_own_syntax() -> None:
    written = exports.ffmetadata(timeline("a=b;c#d\\e\nf"))

    assert written.startswith(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=60000\n")
    assert "title=a\\=b\\;c\\#d\\\\e f\n" in written


def test_ffmetadata_reads_back_as_it_was_written() -> None:
    written = exports.ffmetadata(timeline("a=b;c#d\\e"))

    # as its documentation says: a backslash makes the character after it a plain one
    plain = re.sub(r"\\(.)", r"\1", written)
    assert re.findall(r"^START=(\d+)", plain, re.MULTILINE) == ["0", "60000"]
    assert re.findall(r"^title=(.*)", plain, re.MULTILINE) == ["Opening", "a=b;c#d\\e"]


def test_no_cell_of_the_table_is_a_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(exports.table(timeline(NASTY)))))

    assert [row["what"] for row in rows] == ["chapter", "chapter", "highlight", "highlight"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert rows[1]["title"].startswith("'=1+1")


def test_every_format_writes_a_talk_in_which_nothing_happened() -> None:
    from replay.timeline import build

    empty = build(TalkFacts(duration_s=0.0))

    for name, format_ in exports.FORMATS.items():
        assert format_.write(empty), name


def test_titles_without_a_visible_character_are_still_titles() -> None:
    silent = TalkFacts(duration_s=60.0, topics=(Topic("t", "\x00\n", 0.0),))
    from replay.timeline import build

    assert "\n…\n" in exports.webvtt(build(silent))


def test_the_list_of_cuts_holds_the_confident_highlights_in_order() -> None:
    highlights = [
        replace(timeline().highlights[0], start_s=start, end_s=end, confidence=confidence)
        for start, end, confidence in ((90, 100, 0.9), (5, 20, 0.7), (15, 25, 0.6), (40, 50, 0.4))
    ]

    written = exports.cut_list(replace(timeline(), highlights=highlights))

    assert written.splitlines() == [
        "ffconcat version 1.0",
        *("file recording.mp4", "inpoint 5.000", "outpoint 25.000"),
        *("file recording.mp4", "inpoint 90.000", "outpoint 100.000"),
    ]


@pytest.mark.skipif(not which("ffmpeg"), reason="ffmpeg is not installed")
def test_ffmpeg_reads_the_chapters_and_cuts_the_highlights(tmp_path: Path) -> None:
    highlights = [
        replace(one, start_s=s, end_s=s + 1.5)
        for one, s in zip(timeline().highlights, (1.0, 6.0), strict=True)
    ]
    told = Timeline(
        10.0, [Chapter(0.0, 4.0, "Opening"), Chapter(4.0, 10.0, NASTY)], highlights, Heat(2, {})
    )
    (tmp_path / "list.ffmeta").write_text(exports.ffmetadata(told), encoding="utf-8")
    (tmp_path / "list.ffconcat").write_text(exports.cut_list(told), encoding="utf-8")
    silence = ("-t", "10", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono")

    run(tmp_path, "ffmpeg", *silence, "-i", "list.ffmeta", "-map_metadata", "1", "recording.mp4")
    run(tmp_path, "ffmpeg", "-f", "concat", "-i", "list.ffconcat", "-c", "copy", "reel.mp4")
    probed = json.loads(
        run(tmp_path, "ffprobe", "-show_chapters", "-show_format", "-of", "json", "recording.mp4")
    )
    reel = json.loads(run(tmp_path, "ffprobe", "-show_format", "-of", "json", "reel.mp4"))

    chapters = [
        (float(one["start_time"]), float(one["end_time"]), one["tags"]["title"])
        for one in probed["chapters"]
    ]
    assert chapters == [
        (0.0, 4.0, "Opening"),
        (4.0, 10.0, " ".join(NASTY.replace("\x00", " ").split())),
    ]
    assert float(reel["format"]["duration"]) == pytest.approx(3.0, abs=0.3)


def run(folder: Path, program: str, *arguments: str) -> str:
    command = [program, "-v", "error", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()
