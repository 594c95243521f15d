"""Everything an operator can set, read once.

The only module that knows the environment's names; everything else takes plain values.
"""

import difflib
import ipaddress
import re
import secrets as randomness
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

PREFIX = "HEARHEAR_"
SECRET_LENGTH = 32  # characters a secret has at least

_FOR_TESTS_ONLY = frozenset({"HEARHEAR_REQUIRE"})
_DATABASES = ("sqlite", "mysql+pymysql", "mariadb+pymysql")
_BROKERS = ("memory", "amqp", "amqps")


class SettingsError(ValueError):
    """Some settings can't be used; ``problems`` tells all of them, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


# How a setting's text is read. Each reader raises ValueError with what it expected.


def _text(text: str) -> str:
    return text


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(",") if (word := part.strip()))


def _url_of(*schemes: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text and text.partition("://")[0] not in schemes:
            raise ValueError(
                f"a URL that begins with one of {', '.join(f'{s}://' for s in schemes)}"
            )
        return text

    return read


def _site(text: str) -> str:
    """Read the address of a site, without a trailing slash."""
    if text and not re.fullmatch(r"https?://[^/\s,;]+(/[^\s,;]*)?", text):
        raise ValueError("a URL that begins with http:// or https://")
    return text.rstrip("/")


def _address(text: str) -> str:
    """Read the address of a page, as it is."""
    return text if _site(text) else ""


def _receivers(text: str) -> tuple[str, ...]:
    """Read addresses that are told something; each one once."""
    return tuple(dict.fromkeys(word for word in _words(text) if _site(word)))


def _stream(text: str) -> str:
    """Read the address of a stream, over HTTP or a WebSocket, without a trailing slash."""
    if text and not re.fullmatch(r"(https?|wss?)://[^/\s,;@]+(/[^\s,;]*)?", text):
        raise ValueError("a URL that begins with https://, wss://, http:// or ws://")
    return text.rstrip("/")


def _cookie_name(text: str) -> str:
    if text == "hearhear" or re.search(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]", text):
        raise ValueError("the name of a cookie of the host site")
    return text


def _origins(text: str) -> tuple[str, ...]:
    """Read origins: scheme, host and port, nothing else."""
    origins = tuple(origin.rstrip("/").lower() for origin in _words(text))
    if any(not re.fullmatch(r"https?://[^/\s;]+", origin) for origin in origins):
        raise ValueError("origins such as https://www.example.org, separated by commas")
    return origins


def _sources(text: str) -> tuple[str, ...]:
    """Read sources of a content security policy, which may not break out of their directive."""
    sources = _words(text)
    if any(re.search(r"[\s;']", source) for source in sources):
        raise ValueError("hosts such as https://media.example.org, separated by commas")
    return sources


def _secrets(text: str) -> tuple[str, ...]:
    secrets = _words(text)
    if any(len(secret) < SECRET_LENGTH for secret in secrets):
        raise ValueError(f"strings of at least {SECRET_LENGTH} characters, separated by commas")
    return secrets


def _networks(text: str) -> tuple[str, ...]:
    for word in _words(text):
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError:
            raise ValueError("addresses or networks such as 10.0.0.0/8") from None
    return _words(text)


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text

    return read


def _setting(read: Callable[[str], Any], about: str, default: str = "") -> Any:
    """Declare a setting: how its text is read, what it is for, and its default as text."""
    return field(default=read(default), metadata={"read": read, "about": about, "text": default})


@dataclass(frozen=True, repr=False)  # they hold secrets, which no log should repeat
class Settings:
    """What an operator can set; the name in the environment is ``HEARHEAR_`` and the field's."""

    store_url: str = _setting(
        _url_of(*_DATABASES), "Where the facts are kept.", "sqlite:///hearhear.db"
    )
    views_url: str = _setting(
        _url_of(*_DATABASES),
        "Where views are kept; default: `hearhear-views.db` beside the SQLite file, "
        "else the store's database.",
    )
    keys_url: str = _setting(
        _url_of(*_DATABASES),
        "Where personal keys are kept; default: `hearhear-keys.db` beside the SQLite file, "
        "else a table of its own in the store's database. Keep it, and its backups, apart.",
    )
    broker_url: str = _setting(
        _url_of(*_BROKERS),
        "How gateways hear of news: within the process, or RabbitMQ (several hosts by commas).",
        "memory://",
    )
    host: str = _setting(_text, "The address to listen on.", "127.0.0.1")
    port: int = _setting(_number(0, 65_535), "The port to listen on; 0 takes a free one.", "8000")
    public_url: str = _setting(_site, "The address people use; default: host and port.")
    secrets: tuple[str, ...] = _setting(
        _secrets,
        "Strings of at least 32 characters: the first signs tokens, all verify them. Shared by all "
        "gateways; made and kept beside the SQLite file when absent and embedded.",
    )
    allowed_origins: tuple[str, ...] = _setting(
        _origins, "Other sites whose pages may use the API in a visitor's name."
    )
    frame_ancestors: tuple[str, ...] = _setting(_sources, "Sites that may embed our pages.")
    frame_sources: tuple[str, ...] = _setting(_sources, "Sites that our pages may embed.")
    media_sources: tuple[str, ...] = _setting(_sources, "Hosts that recordings are played from.")
    window_ms: int = _setting(
        _number(0, 10_000), "What changes within this time leaves as one patch.", "50"
    )
    jwt_keys: str = _setting(
        _text,
        "Public Ed25519 keys of the host site's tokens: a JWKS, or the file that holds one. "
        "The file is read again when it changes.",
    )
    jwt_audience: str = _setting(_text, "The audience that the host site's tokens are made for.")
    site_session_url: str = _setting(
        _address, "Where the host site tells whose session cookie it is."
    )
    site_cookie: str = _setting(
        _cookie_name, "The name of the host site's session cookie; Django's is `sessionid`."
    )
    trusted_proxies: tuple[str, ...] = _setting(
        _networks, "Proxies whose X-Forwarded-For and -Proto are believed."
    )
    sessions_per_address: int = _setting(
        _number(0, 1_000_000),
        "How many guests may come from one address within an hour, by each gateway; 0 sets no "
        "limit. This machine itself has none.",
        "1000",
    )
    mastodon_url: str = _setting(
        _stream,
        "The Mastodon server whose hashtags `catch` follows: `https://` for server-sent events, "
        "`wss://` for a WebSocket.",
    )
    mastodon_token: str = _setting(_text, "An access token of that server, with the scope read.")
    bluesky_url: str = _setting(
        _stream,
        "The Jetstream that `catch` follows: `wss://…/subscribe` (v1) or "
        "`wss://…/xrpc/network.bsky.jetstream.subscribeEvents` (v2).",
    )
    bluesky_profiles: str = _setting(
        _site,
        "Where the names of Bluesky's authors are looked up; empty shows their ids.",
        "https://public.api.bsky.app",
    )
    x_url: str = _setting(_site, "The API of X.", "https://api.x.com")
    x_token: str = _setting(_text, "A bearer token of the API of X, to follow its hashtags.")
    post_secrets: tuple[str, ...] = _setting(
        _secrets,
        "Strings of at least 32 characters that sign posts handed in at `/api/posts`: any of them.",
    )
    callable_networks: tuple[str, ...] = _setting(
        _networks,
        "Private networks that may be called all the same, such as that of an own Mastodon; "
        "other private addresses, loopback among them, are refused.",
    )
    bundle_dir: str = _setting(_text, "Where a bundle of files is written when a talk ends.")
    webhooks: tuple[str, ...] = _setting(
        _receivers, "URLs that are told when a talk is scheduled, opened, started, ended, recorded."
    )
    webhook_secrets: tuple[str, ...] = _setting(
        _secrets,
        "Strings of at least 32 characters that sign what webhooks are told: all of them sign, so "
        "that receivers can go over from one to the next.",
    )
    log: str = _setting(_one_of("console", "json"), "The form of the log.", "console")

    @classmethod
    def from_env(cls, env: Mapping[str, str], **overrides: str | int | None) -> Self:
        """Read the environment; ``overrides`` (what is not None of it) wins.

        Raises ``SettingsError`` with all problems at once: unknown names, values that
        can't be read, secrets that are missing in production.
        """
        texts = {name: value for name, value in env.items() if name.startswith(PREFIX)}
        texts |= {
            env_name(key): str(value) for key, value in overrides.items() if value is not None
        }
        values, problems = _read(texts)
        settings = cls(**values)
        if not settings.is_embedded and not settings.secrets and env_name("secrets") not in texts:
            problems.append(
                "HEARHEAR_SECRETS is missing: all gateways share it, "
                "make one with `openssl rand -hex 32`"
            )
        problems += _missing_partners(settings)
        if problems:
            raise SettingsError(problems)
        return settings.completed()

    def completed(self) -> Self:
        """Fill in what follows from other settings."""
        return replace(
            self,
            views_url=self.views_url or self._beside("hearhear-views.db"),
            keys_url=self.keys_url or self._beside("hearhear-keys.db"),
        )

    @property
    def is_embedded(self) -> bool:
        """Tell whether this is one process on SQLite."""
        return self.store_url.startswith("sqlite:") and self.broker_url == "memory://"

    @property
    def site(self) -> str:
        """Tell the address that people use, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def is_https(self) -> bool:
        return self.site.startswith("https://")

    @property
    def secrets_file(self) -> Path | None:
        """Tell where secrets are kept when they are not set; nowhere for a store in memory."""
        file = self._store_file()
        return file.with_name("hearhear-secrets") if file else None

    def _store_file(self) -> Path | None:
        path = self.store_url.removeprefix("sqlite:///").partition("?")[0]
        in_memory = path in {"", ":memory:", "sqlite://"}
        return None if in_memory or not self.store_url.startswith("sqlite:") else Path(path)

    def _beside(self, name: str) -> str:
        file = self._store_file()
        return f"sqlite:///{file.with_name(name)}" if file else self.store_url


def env_name(key: str) -> str:
    """Tell the name in the environment of a field of ``Settings``."""
    return f"{PREFIX}{key.upper()}"


def known_names() -> dict[str, str]:
    """Tell every setting's name in the environment, with its field."""
    return {env_name(key): key for key in Settings.__dataclass_fields__}


def _read(texts: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    names = known_names()
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name in sorted(texts.keys() - _FOR_TESTS_ONLY):
        if name not in names:
            problems.append(_unknown(name, list(names)))
            continue
        try:
            read = Settings.__dataclass_fields__[names[name]].metadata["read"]
            values[names[name]] = read(texts[name].strip())
        except ValueError as expected:
            problems.append(f"{name} should be {expected}")
    return values, problems


_PARTNERS = (
    ("jwt_keys", "jwt_audience", "a token for another site would be taken"),
    ("site_session_url", "site_cookie", "it tells which cookie to ask about"),
    ("site_cookie", "site_session_url", "it tells whom to ask about it"),
    ("webhooks", "webhook_secrets", "receivers could not tell us from anybody else"),
)


def _missing_partners(settings: Settings) -> list[str]:
    """Tell which settings lack another that they need."""
    return [
        f"{env_name(one)} needs {env_name(other)}: {why}"
        for one, other, why in _PARTNERS
        if getattr(settings, one) and not getattr(settings, other)
    ]


def _unknown(name: str, names: list[str]) -> str:
    nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
    return f"{name} is no setting; did you mean {nearest[0]}?"


def with_kept_secrets(settings: Settings) -> Settings:
    """Return settings that have secrets: those set, else those kept beside the SQLite file.

    Makes the file, readable by its owner alone, when it is not there.
    """
    if settings.secrets:
        return settings
    file = settings.secrets_file
    secret = randomness.token_hex(SECRET_LENGTH) if file is None else _kept(file)
    return replace(settings, secrets=(secret,))


def _kept(file: Path) -> str:
    """Read the secret, after making it if need be; of two processes one makes it for both."""
    if not file.exists():
        draft = file.with_name(f".{file.name}.{randomness.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(randomness.token_hex(SECRET_LENGTH), encoding="ascii")
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    secret = file.read_text(encoding="ascii").strip()
    if len(secret) < SECRET_LENGTH:
        raise SettingsError([f"{file} holds no secret: remove it, and everybody signs in anew"])
    return secret


def origin_of(url: str) -> str:
    """Tell the origin of a URL: scheme, host and, unless it is the default one, port."""
    parts = urlsplit(url)
    default = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(default)}"
