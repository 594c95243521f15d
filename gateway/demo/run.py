"""``hearhear demo``: two talks in a throw-away folder, one that has ended and one that goes on."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from domain import commands
from domain.application import Hearhear
from domain.clock import iso
from domain.errors import Unavailable
from domain.speaker import Speaker
from domain.store import Answer
from gateway.bootstrap import counting, presence_at, serve
from gateway.demo import audience, chimes, session
from gateway.demo.performance import Pace, Performance
from gateway.demo.programme import BRIDGES, GARDENS, Programme
from gateway.presence import Present
from gateway.recorded import Import
from gateway.settings import Settings
from gateway.system import System

HOST, USUAL_PORT = "127.0.0.1", 8000
CROWD = "demo-crowd"

LIVE_S = 180.0
FINISHED_S = 480.0
AFTERGLOW_S = 20.0
"""How long a talk goes on at least after the last moment that is loved."""

LOVED_LIVE = (40.0, 85.0, 140.0)
LOVED_BEFORE = (60.0, 150.0, 250.0, 330.0, 430.0)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wishes:
    """What the visitor of the demo asked for; ``moments`` is None when they did not say."""

    seed: int
    people: int
    speed: float
    moments: tuple[float, ...] | None

    @property
    def loved_before(self) -> tuple[float, ...]:
        """The moments of the finished talk."""
        return LOVED_BEFORE if self.moments is None else self.moments

    @property
    def loved_live(self) -> tuple[float, ...]:
        """The moments of the live talk, which lasts three minutes whatever they are."""
        chosen = LOVED_LIVE if self.moments is None else self.moments
        return tuple(moment for moment in chosen if moment < LIVE_S)


def moments_of(text: str) -> tuple[float, ...] | None:
    """Read ``60,150,…`` or ``none``; empty is None: the demo's own choice.

    Raises ``ValueError`` when it is neither.
    """
    if text == "none":
        return ()
    moments = tuple(float(word) for word in text.split(",")) if text else None
    if moments and not all(0 <= moment <= 3_600 for moment in moments):  # noqa: PLR2004 - an hour
        raise ValueError("a moment lies within an hour")
    return moments


@dataclass(frozen=True)
class Stage:
    """Where the demo's talks are held: the application, and the site where its pages are."""

    app: Hearhear
    host: Speaker
    site: str
    recordings: Path
    """The folder that the site shows under ``/demo/``."""

    def schedule(
        self, programme: Programme, starts_at: datetime, *, policy: commands.SetPolicy
    ) -> str:
        """Announce a talk with its panel, and return its id."""
        announced = commands.ScheduleTalk(
            title=programme.title, starts_at=iso(starts_at), policy=policy
        )
        answer = self.app.schedule_talk(announced, self.app.new_id(), self.host).result()
        talk = answer.result["talk"]
        for name, about in programme.panel:
            self._do(talk, commands.IntroducePanelist(name=name, about=about), starts_at)
        return talk

    def record(
        self,
        talk: str,
        programme: Programme,
        *,
        started_at: datetime,
        length_s: float,
        moments: Sequence[float],
    ) -> None:
        """Make the recording of a talk, and attach it."""
        count = len(programme.subjects)
        topics_s = [number * length_s / count for number in range(count)]
        file = self.recordings / f"{talk}.wav"
        chimes.write(file, length_s=length_s, topics_s=topics_s, moments=moments)
        url = f"{self.site}/demo/{file.name}"
        self._do(talk, commands.AttachRecording(url=url, started_at=iso(started_at)), started_at)

    def start(self, talk: str, programme: Programme, at: datetime) -> list[str]:
        """Go live with the whole agenda, and return the ids of its topics."""
        agenda = [commands.IntroduceTopic(title=subject.title) for subject in programme.subjects]
        topics = [self._do(talk, topic, at).result["topic"] for topic in agenda]
        self._do(talk, commands.StartTalk(), at)
        return topics

    def _do(self, talk: str, command: commands.Command, at: datetime) -> Answer:
        return self.app.submit(talk, command, self.app.new_id(), self.host, at=at).result()


def hold_finished(stage: Stage, wishes: Wishes) -> str:
    """Hold a talk that has ended yesterday; its facts are there when this returns. Blocks."""
    length_s = max(FINISHED_S, *(m + AFTERGLOW_S for m in wishes.loved_before), 0)
    started_at = (stage.app.now() - timedelta(days=1)).replace(microsecond=0)
    talk = stage.schedule(BRIDGES, started_at, policy=commands.SetPolicy(hold_posts="off"))
    acts = audience.evening(
        BRIDGES,
        seed=wishes.seed,
        people=wishes.people,
        moments=wishes.loved_before,
        length_s=length_s,
    )
    lines = session.lines(BRIDGES, acts, audience.names(wishes.people), length_s=length_s)
    Import(stage.app, stage.app.talk(talk)).take(enumerate(lines, 1))
    stage.record(
        talk, BRIDGES, started_at=started_at, length_s=length_s, moments=wishes.loved_before
    )
    return talk


def begin_live(stage: Stage, wishes: Wishes) -> tuple[Performance, list[audience.Act]]:
    """Begin a talk that goes on as you look; its performance is to be awaited. Blocks.

    Posts from elsewhere wait at its desk, so that there is something to moderate.
    """
    pace = Pace(stage.app.now(), LIVE_S, wishes.speed)
    talk = stage.schedule(GARDENS, pace.started_at, policy=commands.SetPolicy())
    stage.record(
        talk, GARDENS, started_at=pace.started_at, length_s=LIVE_S, moments=wishes.loved_live
    )
    topics = stage.start(talk, GARDENS, pace.started_at)
    acts = audience.evening(
        GARDENS,
        seed=wishes.seed + 1,
        people=wishes.people,
        moments=wishes.loved_live,
        length_s=LIVE_S,
    )
    people = [
        Speaker(person=stage.app.new_id(), name=name) for name in audience.names(wishes.people)
    ]
    return Performance(stage.app, talk, GARDENS, stage.host, people, topics, pace), acts


@dataclass
class Crowd:
    """The simulated people, who are counted as those of another gateway are."""

    talk: str
    people: int
    elsewhere: Mapping[str, Present] = field(default_factory=dict)

    def talks_present(self) -> Mapping[str, Present]:
        """Tell that all of them have come to the talk."""
        return {self.talk: Present(self.people)}


@dataclass(frozen=True)
class Links:
    """Where to look: the host's link works once, for one browser."""

    host: str
    attendee: str
    replay: str


def run(wishes: Wishes, port: int | None, tell: Callable[[Links], None]) -> None:
    """Show the demo until it is ended; ``tell`` is called when both talks are there.

    Without a port it takes 8000, or a free one. Raises ``OSError`` when the port is taken.
    """
    with TemporaryDirectory(prefix="hearhear-demo-") as folder:
        recordings = Path(folder) / "recordings"
        recordings.mkdir()
        store_url = f"sqlite:///{folder}/hearhear.db"
        chosen = free_port(HOST, USUAL_PORT) if port is None else port
        settings = Settings.from_env({}, store_url=store_url, host=HOST, port=chosen)
        showing: list[asyncio.Task[None]] = []

        def begin(system: System) -> None:
            logging.getLogger().setLevel(logging.WARNING)  # links should stand alone
            showing.append(asyncio.create_task(_show(system, wishes, recordings, tell)))
            showing[0].add_done_callback(_end_unless_well)

        route = Mount("/demo", StaticFiles(directory=recordings))
        serve(settings, on_ready=begin, more_routes=[route])


async def _show(
    system: System, wishes: Wishes, recordings: Path, tell: Callable[[Links], None]
) -> None:
    site = system.settings.site
    host = Speaker(person=system.app.new_id(), name="Hanna")
    stage = Stage(system.app, host, site, recordings)
    finished = await asyncio.to_thread(hold_finished, stage, wishes)
    performance, acts = await asyncio.to_thread(begin_live, stage, wishes)
    code = system.identity.code_for(host)
    live = f"{site}/talks/{performance.talk}"
    tell(Links(f"{live}/desk#code={code}", live, f"{site}/talks/{finished}/replay"))
    crowd = Crowd(performance.talk, wishes.people)
    with closing(presence_at(system.settings, CROWD)) as presence:
        async with counting(crowd, presence):
            with suppress(Unavailable):  # the demo was ended before the talk
                await performance.perform(acts)


def _end_unless_well(showing: "asyncio.Task[None]") -> None:
    """End the server when there is nothing to show; why is on stderr."""
    if not showing.cancelled() and showing.exception():
        _log.error("the demo can't go on", exc_info=showing.exception())
        signal.raise_signal(signal.SIGTERM)


def free_port(host: str, wished: int) -> int:
    """Return the wished port, or another one that nobody listens on."""
    for port in (wished, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"no port of {host} can be listened on")
