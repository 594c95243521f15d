"""How smooth the live page stays while a full room speaks: frames a second, long tasks, busy share.

    .venv/bin/python tests/load/live_page_speed.py [--throttle 6] [--trace FILE]

A headless Chromium opens the live page of a real gateway as a phone. Its live door is played within
the page, so that only the page is measured: a snapshot after 5,000 rows of history (the last 200 of
them, and 40 questions), then 50 changes a second (30 lines, 15 votes, 5 pulses) in 20 frames a
second, as the gateway's window of 50 ms makes them. The trace opens in the performance
panel of the browser.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright  # noqa: E402
from visitors import Gateway, Visitor  # noqa: E402

HISTORY = 5_000
SHOWN = 200
QUESTIONS = 40
FRAMES_PER_S = 20
CHANGES_PER_FRAME = 2.5
CHANGES = ("line", "line", "line", "vote", "line", "line", "line", "vote", "vote", "pulse")
SETTLES_S, MEASURES_S = 3, 10
LONG_TASK_US = 50_000
PHONE = {"viewport": {"width": 412, "height": 915}, "is_mobile": True, "has_touch": True}
WORDS = "the sewer people should pay for this because our street floods every July and nobody asks"
ME = {
    "type": "me",
    "attendee": "me",
    "name": "Nina",
    "nickname": "",
    "muted_until": "",
    "banned": False,
    "roles": {},
    "votes": {},
    "items": {},
    "own": {},
}
CATEGORIES = "toplevel,devtools.timeline,disabled-by-default-devtools.timeline,v8.execute"

DOOR = """(door) => {
  window.WebSocket = class {
    static OPEN = 1; readyState = 1;
    constructor() {
      let next = 0;
      const say = () => door.messages[next] && this.onmessage({ data: door.messages[next++] });
      setTimeout(() => { say(); setInterval(say, 1000 / door.perSecond); });
    }
    send() {} close() {}
  };
}"""

COUNTS_FRAMES = """async (seconds) => {
  let frames = 0, last = performance.now(), longest = 0;
  const begun = last;
  await new Promise((done) => requestAnimationFrame(function frame(now) {
    frames += 1; longest = Math.max(longest, now - last); last = now;
    if (now - begun < seconds * 1000) requestAnimationFrame(frame); else done();
  }));
  return { frames_per_s: frames / ((last - begun) / 1000), longest_frame_ms: longest };
}"""


class FullRoom:
    """A talk in which much is said, as its live door tells it."""

    def __init__(self, talk: dict[str, Any]) -> None:
        self.position = HISTORY
        self._talk = talk
        self._rows = [f"line-{number}" for number in range(HISTORY - SHOWN, HISTORY)]
        self._votes = dict.fromkeys((f"question-{number}" for number in range(QUESTIONS)), 0)
        self._changes = 0

    def messages(self) -> Iterator[str]:
        """Tell the room whole, then what changes, frame by frame."""
        beat = {"type": "beat", "position": self.position, "present": 900}
        yield json.dumps([self._snapshot(), ME, beat])
        due = 0.0
        while True:
            due += CHANGES_PER_FRAME
            prev, patch = self.position, {}
            while due >= 1:
                due -= 1
                self._change(patch)
            places = {"epoch": "e", "prev": prev, "position": self.position}
            yield json.dumps({"type": "patch", **places, "patch": patch})

    def _snapshot(self) -> dict[str, Any]:
        view = {
            "talk": self._talk,
            "feed": {row: _line(int(row.removeprefix("line-"))) for row in self._rows},
            "questions": {one: _question(one, number) for number, one in enumerate(self._votes)},
            "pulse": {"from_s": -1, "window_s": 30, "kinds": {}},
        }
        return {"type": "snapshot", "epoch": "e", "position": self.position, "view": view}

    def _change(self, patch: dict[str, Any]) -> None:
        kind = CHANGES[self._changes % len(CHANGES)]
        self._changes += 1
        self.position += 1
        if kind == "line":
            gone, new = self._rows.pop(0), f"line-{self.position}"
            self._rows.append(new)
            patch.setdefault("feed", {}).update({gone: None, new: _line(self.position)})
        elif kind == "vote":
            question = f"question-{self._changes * 7 % QUESTIONS}"
            self._votes[question] += 1
            patch.setdefault("questions", {})[question] = {"votes": self._votes[question]}
        else:
            told = {"people": self._changes % 9 + 1, "ticks": self._changes}
            kinds = dict.fromkeys(self._talk["kinds"], told)
            patch["pulse"] = {"from_s": self.position, "kinds": kinds}


def _line(position: int) -> dict[str, Any]:
    text = " ".join(WORDS.split()[: 4 + position % 12])
    at = f"2026-03-14T12:{position // 60 % 60:02}:{position % 60:02}.000Z"
    by = {"id": f"person-{position % 200}", "name": f"Person {position % 200}"}
    rest = {"about": "", "source": "", "url": "", "edited": False, "pinned": False}
    return {"kind": "line", "by": by, "text": text, "at": at, "position": position, **rest}


def _question(question: str, number: int) -> dict[str, Any]:
    return {
        "text": f"Why is it that {WORDS}?",
        "by": {"id": question, "name": "Ann"},
        "votes": 0,
        "state": "open",
        "merged_into": "",
        "answer": "",
        "pinned": False,
        "position": number + 1,
        "answered_from_s": -1,
        "answered_to_s": -1,
    }


def main() -> None:
    """Measure, and tell it as JSON."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--throttle", type=float, default=6)
    options.add_argument("--trace", type=Path)
    asked = options.parse_args()
    chromium = shutil.which("chromium") or sys.exit("needs chromium on the PATH")
    with (
        tempfile.TemporaryDirectory() as folder,
        Gateway(Path(folder)) as gateway,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(chromium))
        page = _full_room(browser, gateway)
        door = page.context.new_cdp_session(page)
        door.send("Emulation.setCPUThrottlingRate", {"rate": asked.throttle})
        page.wait_for_timeout(SETTLES_S * 1000)
        told, trace = _traced(door, page)
        rows = page.locator(".rows > li").count()
        browser.close()
    told = {"throttle": asked.throttle, "rows": rows, **told, **_tasks(trace)}
    sys.stdout.write(f"{json.dumps(told, indent=2)}\n")
    if asked.trace:
        asked.trace.write_text(json.dumps({"traceEvents": trace}))


def _full_room(browser: Browser, gateway: Gateway) -> Page:
    """Open a live talk as a phone, with its door played."""
    host = Visitor(browser.new_context(), gateway.url).join("Harriet")
    talk = host.hold()
    view = host.context.request.get(f"{gateway.url}/api/talks/{talk}/view").json()["view"]
    messages = FullRoom(view["talk"]).messages()
    lasts = (SETTLES_S + MEASURES_S + 10) * FRAMES_PER_S
    door = {"perSecond": FRAMES_PER_S, "messages": [next(messages) for _ in range(lasts)]}
    context = browser.new_context(**PHONE)  # type: ignore[arg-type]
    context.add_init_script(f"({DOOR})({json.dumps(door)})")
    page = context.new_page()
    page.goto(f"{gateway.url}/talks/{talk}")
    page.get_by_role("log").wait_for()
    return page


def _traced(door: CDPSession, page: Page) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Count frames while Chromium traces."""
    trace: list[dict[str, Any]] = []
    ended: list[object] = []

    def complete(told: object) -> None:
        ended.append(told)

    door.on("Tracing.dataCollected", lambda data: trace.extend(data["value"]))
    door.on("Tracing.tracingComplete", complete)
    door.send("Tracing.start", {"categories": CATEGORIES, "transferMode": "ReportEvents"})
    told = page.evaluate(COUNTS_FRAMES, MEASURES_S)
    door.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    return told, trace


def _tasks(trace: list[dict[str, Any]]) -> dict[str, Any]:
    """Tell how busy the page's main thread was, and with what; ``cpu`` leaves out others' work."""
    mains = {
        (event["pid"], event["tid"])
        for event in trace
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    events = [one for one in trace if "dur" in one and (one["pid"], one["tid"]) in mains]
    tasks = [one for one in events if one["name"] == "RunTask"]
    spent: dict[str, float] = {}
    for one in events:
        spent[one["name"]] = spent.get(one["name"], 0) + one.get("tdur", one["dur"])
    most = sorted(spent.items(), key=lambda item: -item[1])[:14]
    return {
        "busy": sum(one["dur"] for one in tasks) / 1e6 / MEASURES_S,
        "busy_cpu": sum(one.get("tdur", 0) for one in tasks) / 1e6 / MEASURES_S,
        "long_tasks": sum(one["dur"] > LONG_TASK_US for one in tasks),
        "long_tasks_cpu": sum(one.get("tdur", 0) > LONG_TASK_US for one in tasks),
        "longest_task_ms": max(one["dur"] for one in tasks) / 1000,
        "spent_s": {name: round(us / 1e6, 2) for name, us in most},
    }


if __name__ == "__main__":
    main()
