"""Sites beside a gateway: folders served to browsers, and players in frames."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

ORIGIN = {
    "youtube": "https://www.youtube-nocookie.com",
    "vimeo": "https://player.vimeo.com",
    "vimeo event": "https://vimeo.com",
}
SPEAKS = {
    "youtube": """
      const tell = () =>
        say({event: "infoDelivery", info: {currentTime: at, playerState: plays ? 1 : 2}});
      const orders = {
        listening: tell,
        command: ({func, args}) => {
          if (func === "seekTo") [at] = args;
          plays = func === "playVideo" || (func !== "pauseVideo" && plays);
          tell();
        },
      };
      const order = (said) => orders[said.event]?.(said);
    """,
    "vimeo": """
      const tell = () => {
        say({event: plays ? "play" : "pause", data: {seconds: at}});
        say({event: "timeupdate", data: {seconds: at}});
        if (!plays) say({event: "pause", data: {seconds: at}});
      };
      const orders = {
        addEventListener: tell,
        play: () => (plays = true),
        pause: () => (plays = false),
        setCurrentTime: ({value}) => (at = value),
      };
      const order = (said) => { orders[said.method]?.(said); tell(); };
    """,
}
"""What these sites document of their players' messages, and no more."""


def player_of(site: str) -> str:
    """Write the page of a player that plays nothing, at the pace of the clock."""
    return f"""<!doctype html><title>Player</title><p>A player<script>
      let at = 0, plays = false;
      const say = (words) => parent.postMessage(JSON.stringify(words), "*");
      {SPEAKS[site.partition(" ")[0]]}
      addEventListener("message", ({{data}}) => order(JSON.parse(data)));
      setInterval(() => {{ if (plays) {{ at += 0.1; tell(); }} }}, 100);
    </script>"""


class _Files(SimpleHTTPRequestHandler):
    """Files that pages of every origin may read."""

    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *_: object) -> None: ...


@contextmanager
def served(folder: Path, port: int) -> Iterator[None]:
    """Serve a folder on a port of this machine until the block ends."""
    handler = partial(_Files, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()
