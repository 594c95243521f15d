"""The command line: ``hearhear …``. Each command reads its options, calls one thing, and prints.

Results go to stdout; progress and errors to stderr, an error as one line that names the cause
and the cure. Exit codes: 0 done, 1 failed, 2 wrong usage or settings.
"""

import json
import logging
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from gateway import upload
from gateway.options import DONE, WRONG_USAGE, CommandError, fail, with_settings
from gateway.settings import Settings, with_kept_secrets

app = typer.Typer(
    name="hearhear",
    help="The live-event stream that remembers.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

if TYPE_CHECKING:
    from gateway import bootstrap
    from gateway.analysing import Analyst
    from gateway.system import System
    from replay.timeline import Timeline

VIEWS = ("room", "desk", "replay", "analytics", "all")

TalkId = Annotated[str, typer.Argument(help="The talk's id.")]
DEMO = """
  host      {host}
            opens and closes topics, ends the talk; this link works once
  attendee  {attendee}
            a live talk that ends in three minutes
  replay    {replay}
            a talk that has ended; its recording chimes where it was loved

Ctrl-C ends the demo and leaves nothing behind.
"""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command()
@with_settings
def serve(settings: Settings) -> None:
    """Serve everything in one process: a gateway with its projector."""
    _serve(settings, "serve")


@app.command()
@with_settings
def gateway(settings: Settings) -> None:
    """Serve pages and sockets; as many of these as you like, beside projectors."""
    _serve(settings, "gateway")


@app.command()
@with_settings
def projector(settings: Settings) -> None:
    """Keep the views; of several, one works and the others stand by."""
    _serve(settings, "projector")


def _serve(settings: Settings, role: "bootstrap.Role") -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from gateway import bootstrap
    from gateway.offline import reason_of

    def announce(system: "System") -> None:
        typer.echo(f"serving at {system.settings.site}")
        if role == "serve" and (link := bootstrap.first_host_link(system)):
            typer.echo(f"host link, good for one use: {link}")

    try:
        bootstrap.serve(settings, role, on_ready=announce)
    except OSError as error:
        reason = f"{settings.host}:{settings.port} can't be listened on: {error.strerror}"
        fail(f"{reason}: choose another --port, or --port 0 for a free one")
    except SQLAlchemyError as error:
        urls = "HEARHEAR_STORE_URL, HEARHEAR_VIEWS_URL and HEARHEAR_KEYS_URL"
        fail(f"a database can't be used ({reason_of(error)}): check {urls}")


@app.command()
def demo(
    *,
    seed: Annotated[int, typer.Option(help="Another number, another evening.")] = 1,
    moments: Annotated[str, typer.Option(help="Seconds that are loved: 60,150,… or none.")] = "",
    people: Annotated[int, typer.Option(min=0, max=5_000, help="How many attend.")] = 200,
    speed: Annotated[float, typer.Option(min=0.1, max=1_000, help="Of the live talk.")] = 1.0,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Default: 8000.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a finished talk with its replay, and a live one; Ctrl-C leaves nothing behind."""
    from gateway.demo import run as demo_run

    try:
        wishes = demo_run.Wishes(seed, people, speed, demo_run.moments_of(moments))
    except ValueError:
        fail("--moments should be seconds such as 60,150 or the word none", code=WRONG_USAGE)

    def tell(links: demo_run.Links) -> None:
        if as_json:
            print_json(asdict(links))
        else:
            typer.echo(DEMO.format(**asdict(links)))

    try:
        demo_run.run(wishes, port, tell)
    except OSError as error:
        fail(f"port {port} can't be listened on: {error.strerror}: choose another --port")


@app.command("import")
def import_session(
    file: Annotated[Path, typer.Argument(help="JSON lines of one recorded session.")],
    *,
    url: Annotated[str, typer.Option(help="The gateway.")],
    talk: Annotated[str, typer.Option(help="A talk that is there; default: a new one.")] = "",
    token: Annotated[str, typer.Option(help="Who imports; default: a new guest.")] = "",
    as_json: AsJson = False,
) -> None:
    """Import a recorded session into a running gateway; prints the talk's id last."""
    if not file.is_file():
        fail(f"{file} is no file: give the path of a recorded session")
    recorded = upload.look_at(file, now=datetime.now(UTC))
    gateway = upload.Gateway(url, token)
    gateway = gateway if token else gateway.as_guest("Import")
    into = talk or upload.schedule(gateway, recorded)
    with progress() as bar, bar.open(file, "rb", description="importing") as lines:
        answer = upload.send(gateway, into, lines, file.stat().st_size)
    if not talk:
        upload.finish(gateway, into, recorded)
    if not token:
        note(f"to import into this talk again: --talk {into} --token {gateway.token}")
    for refused in answer["refused"]:
        note(f"line {refused['line']} was refused: {refused['reason']} {refused['field']}")
    if as_json:
        print_json({"talk": into, **answer})
    else:
        note(
            f"{answer['recorded']} recorded, {answer['repeated']} repeated, "
            f"{len(answer['refused'])} refused"
        )
        typer.echo(into)


@app.command()
def convert(
    form: Annotated[str, typer.Argument(help="youtube or slido.")],
    file: Annotated[Path, typer.Argument(help="The export: live_chat.json, or CSV.")],
) -> None:
    """Turn another platform's export into JSON lines, on stdout, for an import to take."""
    from gateway.converting import FORMS
    from gateway.converting.export import UnreadableExportError

    if form not in FORMS:
        fail(f"there is no such form: name one of {', '.join(FORMS)}", code=WRONG_USAGE)
    try:
        for record in FORMS[form](file):
            print_json(record)
    except OSError as error:
        fail(f"{file} can't be read: {error.strerror}: give the path of an export")
    except UnreadableExportError as error:
        fail(f"{file}: {error}")


@app.command()
def highlights(
    file: Annotated[str, typer.Argument(help="JSON lines of one talk; - reads stdin.")],
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell in words what each highlight rests on.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw heat and highlights into this file (png, svg, pdf).")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="json, vtt, csv, …")] = "json",
) -> None:
    """Find the highlights of a talk kept as JSON lines; prints JSON with its heat curve."""
    from replay.exports import FORMATS
    from replay.recorded import UnreadableError, as_highlights, timeline_of
    from replay.telling import explained

    if form not in FORMATS:
        fail(f"--format should be one of {', '.join(FORMATS)}", code=WRONG_USAGE)
    if explain and form != "json":
        fail("--explain writes for people and --format for programs: give one", code=WRONG_USAGE)
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as lines:
            timeline, compute_s = timeline_of(lines)
    except OSError as error:
        fail(f"{file} can't be read: {error.strerror}: give the path of JSON lines, or -")
    except UnreadableError as error:
        fail(f"{file}, {error}: one JSON object a line is expected")
    if plot:
        _save_plot(timeline, plot, "" if file == "-" else Path(file).name)
    if explain:
        typer.echo(explained(timeline), nl=False)
    elif form == "json":
        print_json({**as_highlights(timeline), "compute_s": round(compute_s, 4)})
    else:
        typer.echo(FORMATS[form].write(timeline), nl=False)


def _save_plot(timeline: "Timeline", file: Path, title: str) -> None:
    from gateway.plotting import save

    try:
        save(timeline, file, title=title)
    except ImportError:
        fail("a plot takes matplotlib, which is not there: pip install 'hearhear[plot]'")
    except ValueError as error:
        fail(f"{file} can't be drawn: {error}", code=WRONG_USAGE)
    except OSError as error:
        fail(f"{file} can't be written: {error.strerror}: give another path")


@app.command()
@with_settings
def token(
    settings: Settings,
    *,
    name: Annotated[str, typer.Option(help="What the person is called.")],
    role: Annotated[str, typer.Option(help="What they may do.")] = "attendee",
    talk: Annotated[str, typer.Option(help="Where it holds; default: everywhere.")] = "",
    as_json: AsJson = False,
) -> None:
    """Sign a bearer token for somebody; prints it alone on the last line."""
    from uuid import uuid4

    from domain.clock import utc_now
    from gateway.identity import SITE_ROLES, Identity, UsedCodesInMemory

    if role not in SITE_ROLES:
        fail(f"--role should be one of {', '.join(SITE_ROLES)}", code=WRONG_USAGE)
    identity = Identity(
        with_kept_secrets(settings).secrets,
        used_codes=UsedCodesInMemory(utc_now),
        now=utc_now,
        new_id=lambda: str(uuid4()),
    )
    speaker = identity.invited(name, role=role, talk=talk)
    signed = identity.token_for(speaker)
    if as_json:
        print_json({"person": speaker.person, "name": name, "role": role, "token": signed})
    else:
        note(f"{name} is person {speaker.person}")
        typer.echo(signed)


@app.command()
@with_settings
def export(settings: Settings, talk: TalkId) -> None:
    """Write a talk as a recorded session on stdout: the JSON lines that an import takes."""
    from gateway.exporting import records_of
    from gateway.offline import must_be_there, opened_store

    with opened_store(settings) as store, progress() as bar:
        must_be_there(store, talk)
        for record in bar.track(records_of(store, talk), description="exporting"):
            print_json(record)


@app.command()
@with_settings
def catch(settings: Settings, talk: TalkId) -> None:
    """Catch posts that have a talk's hashtags, until it ends; started again, it goes on."""
    from gateway import bootstrap
    from gateway.catching import run as catching
    from gateway.catching.catcher import NothingToCatchError
    from gateway.catching.source import SourceError
    from gateway.offline import must_be_there, opened_store

    if not catching.are_set(settings):
        names = "HEARHEAR_MASTODON_URL, HEARHEAR_BLUESKY_URL or HEARHEAR_X_TOKEN"
        fail(f"there is no source to follow: set {names}", code=WRONG_USAGE)
    with opened_store(settings) as store:
        must_be_there(store, talk)
    try:
        with bootstrap.deciding(settings) as app:
            catching.run(app, settings, talk, note)
    except NothingToCatchError as error:
        fail(str(error))
    except SourceError as error:
        fail(f"no source is left: {error}: look at its address and its token")


@app.command()
@with_settings
def timeline(
    settings: Settings,
    talk: TalkId,
    *,
    form: Annotated[str, typer.Option("--format", help="json, vtt, csv, …")] = "json",
) -> None:
    """Print the timeline of a talk: chapters, highlights and the heat of the room."""
    from gateway.offline import must_be_there, opened_store
    from gateway.timelines import Timelines
    from replay.exports import FORMATS

    if form not in FORMATS:
        fail(f"--format should be one of {', '.join(FORMATS)}", code=WRONG_USAGE)
    with opened_store(settings) as store:
        must_be_there(store, talk)
        told = Timelines(store).of(talk)
    if form == "json":
        print_json({"position": told.position, **told.timeline.as_json()})
    else:
        typer.echo(FORMATS[form].write(told.timeline), nl=False)


@app.command()
@with_settings
def rebuild(
    settings: Settings,
    view: Annotated[str, typer.Argument(help="room, desk, replay, analytics or all.")],
    *,
    own: Annotated[
        Path | None, typer.Option("--with", help="A view of your own, in FILE.py, under VIEW.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fold views anew from the facts, beside those that are read; all are folded together."""
    from gateway.offline import build_own, opened_store, rebuild_views

    if own is None and view not in VIEWS:
        fail(f"there is no view of that name: name one of {', '.join(VIEWS)}", code=WRONG_USAGE)
    with opened_store(settings) as store, progress() as bar:
        task = bar.add_task("rebuilding", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if own is None:
            facts = rebuild_views(settings, store, tell)
        else:
            facts = build_own(settings, store, view, own, tell)
    if as_json:
        print_json({"facts": facts})
    else:
        typer.echo(f"folded {facts} facts")


@app.command()
@with_settings
def analyse(
    settings: Settings,
    talk: TalkId,
    *,
    sql: Annotated[str, typer.Option(help="Run this SELECT instead; sees every row.")] = "",
    plot: Annotated[
        Path | None, typer.Option(help="Draw a picture: FILE.png, .svg or .pdf.")
    ] = None,
    parquet: Annotated[Path | None, typer.Option(help="Write all tables to this folder.")] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="With names, in Parquet; noted in the audit trail.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at a talk: who came how far, how topics landed, what was asked, what stood out."""
    from gateway import analysis_shown
    from gateway.offline import analyst_of, note_rows_read, opened_store

    if raw and parquet is None:
        fail("--raw goes with --parquet DIR", code=WRONG_USAGE)
    with opened_store(settings) as store, analyst_of(settings, store, talk) as analyst:
        if sql:
            _answer(analyst, sql, as_json=as_json)
        elif parquet is not None:
            if raw:
                note_rows_read(store, talk)
            for path in analyst.write_all(parquet, raw=raw):
                note(f"wrote {path}")
        else:
            told = analyst.analysis()
            if plot is not None:
                analysis_shown.plot(told, plot)
                note(f"wrote {plot}")
            if as_json:
                print_json(asdict(told))
            elif plot is None:
                analysis_shown.show(Console(), told)


def _answer(analyst: "Analyst", sql: str, *, as_json: bool) -> None:
    from gateway import analysis_shown

    with analyst.asked(sql) as (names, rows):
        if not as_json:
            analysis_shown.show_rows(Console(), names, rows)
            return
        for row in rows:
            print_json(dict(zip(names, row, strict=True)))


@app.command()
@with_settings
def erase(
    settings: Settings,
    person: Annotated[str, typer.Argument(help="The person's id, or an author's name.")],
    *,
    source: Annotated[str, typer.Option(help="Where the author of posts is called so.")] = "",
    as_json: AsJson = False,
) -> None:
    """Forget a person for good: their words and names read [erased] wherever they stood."""
    from uuid import uuid4

    from domain.application import Hearhear
    from domain.clock import utc_now
    from domain.social import person_of
    from gateway.offline import catch_up, opened_store

    person = person_of(source, person) if source else person
    with opened_store(settings) as store:
        app = Hearhear(store, now=utc_now, new_id=lambda: str(uuid4()))
        try:
            talks = app.erase(person)
        finally:
            app.close()
        if not catch_up(settings, store):
            fail("the key is deleted, but the views are behind: keep a projector running")
    if as_json:
        print_json({"person": person, "talks": talks})
    else:
        typer.echo(f"erased from {talks} {'talk' if talks == 1 else 'talks'}")


@app.command()
@with_settings
def doctor(
    settings: Settings,
    *,
    restored: Annotated[
        bool, typer.Option("--restored", help="The log was restored: void what others remember.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look whether all is within reach, and set as it should be."""
    from gateway.doctor import examine
    from gateway.offline import opened_store

    if restored:
        with opened_store(settings) as store:
            store.log.renew_id()
    findings = list(examine(settings))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    for finding in () if as_json else findings:
        sign = "ok  " if finding.is_well else "BAD "
        typer.echo(f"{sign} {finding.what}: {finding.detail}")
    bad = [finding for finding in findings if not finding.is_well]
    if bad:
        fail("; ".join(f"{finding.what}: {finding.cure}" for finding in bad))


def progress() -> Progress:
    """Make a progress bar on stderr, seen only on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def print_json(value: Any) -> None:
    """Print a result for programs, on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def note(text: str) -> None:
    """Tell something on stderr that is no result."""
    typer.echo(f"hearhear: {text}", err=True)


def quiet_logs() -> None:
    """Let commands tell warnings only, on stderr; servers set up a log of their own."""
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )


def main() -> None:
    """Run the command line and exit with its code."""
    quiet_logs()
    try:
        code = app(prog_name="hearhear", standalone_mode=False)
    except CommandError as error:
        note(str(error))
        sys.exit(error.code)
    except typer.TyperException as error:  # wrong usage: the command's help has the cure
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "hearhear"
        what = " ".join(error.format_message().split()) or "no command was given"
        note(f"{what} (see {path} --help)")
        sys.exit(error.exit_code)
    except typer.Abort:
        sys.exit(1)
    sys.exit(code or DONE)
