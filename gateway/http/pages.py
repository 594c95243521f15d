"""The pages and their parts: files of ``gateway/web``, read once at start.

Pages are shells, the same for everybody: what a visitor may see comes over the API.
"""

import mimetypes
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

WEB = Path(__file__).parent.parent / "web"

SHELLS = {
    "/": "index.html",
    "/talks/{talk}": "live.html",
    "/talks/{talk}/desk": "desk.html",
    "/talks/{talk}/replay": "replay.html",
    "/embed/{talk}": "live.html",
}

_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


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
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    digest = urlsafe_b64encode(blake2b(content, digest_size=12).digest()).decode()
    return File(content, _TYPES.get(path.suffix, guessed), f'"{digest}"')


def page_routes(files: Mapping[str, File]) -> list[Route]:
    """Make the routes of the pages and of their parts under ``/static/``."""

    async def part(request: Request) -> Response:
        file = files.get(request.path_params["path"])
        if file is None or file.media_type == "text/html":
            raise HTTPException(404, "there is no such file")
        return _sent(request, file)

    def shell(file: File) -> Handler:
        async def page(request: Request) -> Response:
            return _sent(request, file)

        return page

    shells = [Route(path, shell(files[name])) for path, name in SHELLS.items() if name in files]
    return [*shells, Route("/static/{path:path}", part)]


def _sent(request: Request, file: File) -> Response:
    """Send a file, or tell a browser that its copy is still the same."""
    headers = {"ETag": file.etag, "Cache-Control": "no-cache"}
    known = request.headers.get("if-none-match", "")
    if file.etag in {tag.strip().removeprefix("W/") for tag in known.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(file.content, headers=headers, media_type=file.media_type)
