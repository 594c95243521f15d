"""The pages and their parts: files of ``gateway/web``, read once at start.

Pages are shells, the same for everybody: what a visitor may see comes over the API. They name
their parts below ``/static/`` and are sent with a folder in between that is a digest of all
parts, ``/static/DIGEST/``, so a browser may keep those for good. Modules import each other by
relative paths and stay in that folder, as do fonts and images that a style sheet names.
"""

import mimetypes
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.http.operations import Handler
from gateway.http.validators import has_it

WEB = Path(__file__).parent.parent / "web"

SHELLS = {
    "/": "index.html",
    "/talks/{talk}": "live.html",
    "/talks/{talk}/desk": "desk.html",
    "/talks/{talk}/panel": "panel.html",
    "/talks/{talk}/screen": "screen.html",
    "/talks/{talk}/replay": "replay.html",
    "/talks/{talk}/insight": "insight.html",
    "/embed/{talk}": "embed.html",
    "/embed/{talk}/replay": "embed.html",
}

_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


_FOR_READERS = re.compile(
    rb"^[ \t]*(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*)$|[ \t]{2,}//.*$|^[ \t]+", re.MULTILINE
)


@dataclass(frozen=True)
class File:
    """A file as it is sent; the tag changes with its content."""

    content: bytes
    media_type: str
    etag: str


def files_under(folder: Path) -> dict[str, File]:
    """Read all files of a folder, by their paths within it."""
    return {
        path.relative_to(folder).as_posix(): _file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def _file(path: Path) -> File:
    content = path.read_bytes()
    if path.suffix == ".js":
        content = as_sent(content)
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return _tagged(content, _TYPES.get(path.suffix, guessed))


def _tagged(content: bytes, media_type: str) -> File:
    return File(content, media_type, f'"{_digest(content)}"')


def _digest(content: bytes) -> str:
    return urlsafe_b64encode(blake2b(content, digest_size=12).digest()).decode()


def as_sent(script: bytes) -> bytes:
    """Leave out a script's comments and its indentation; its lines keep their numbers.

    They are for readers of the source, and are a sixth of what a phone would load. No text within
    our scripts begins a line, or goes on after two spaces, with what looks like a comment.
    """
    return _FOR_READERS.sub(lambda found: b"\n" * found[0].count(b"\n"), script)


def page_routes(files: Mapping[str, File]) -> list[Route]:
    """Make the routes of the pages and of their parts under ``/static/``."""
    parts = {path: file for path, file in files.items() if file.media_type != "text/html"}
    version = version_of(parts)

    async def part(request: Request) -> Response:
        path = request.path_params["path"]
        folder, _, within = path.partition("/")
        # A page of another gateway, older or newer, names another folder: it gets what is here.
        file = parts.get(path) or parts.get(within)
        if file is None:
            raise HTTPException(404, "there is no such file")
        return _sent(request, file, _FOR_GOOD if folder == version else _ASK_AGAIN)

    async def for_other_sites(request: Request) -> Response:
        answer = _sent(request, parts["embed.js"], _ASK_AGAIN)
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer

    def shell(file: File) -> Handler:
        async def page(request: Request) -> Response:
            return _sent(request, file, _ASK_AGAIN)

        return page

    shells = [
        Route(path, shell(_versioned(files[name], version)))
        for path, name in SHELLS.items()
        if name in files
    ]
    return [*shells, Route("/embed.js", for_other_sites), Route("/static/{path:path}", part)]


def version_of(parts: Mapping[str, File]) -> str:
    """Tell the name of the folder that all parts stand in, as they are."""
    return _digest("".join(f"{path} {file.etag}\n" for path, file in parts.items()).encode())


def _versioned(shell: File, version: str) -> File:
    """Let a page name its parts by the folder that never changes."""
    content = shell.content.replace(b'"/static/', f'"/static/{version}/'.encode())
    return _tagged(content, shell.media_type)


_ASK_AGAIN = "no-cache"
_FOR_GOOD = "public, max-age=31536000, immutable"


def _sent(request: Request, file: File, caching: str) -> Response:
    """Send a file, or tell a browser that its copy is still the same."""
    headers = {"ETag": file.etag, "Cache-Control": caching}
    if has_it(request, file.etag):
        return Response(status_code=304, headers=headers)
    return Response(file.content, headers=headers, media_type=file.media_type)
