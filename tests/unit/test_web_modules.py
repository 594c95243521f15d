"""The pages' modules: small, complete, and without a way to make markup from text."""

import gzip
import re
from pathlib import Path

import pytest

from gateway.http.pages import as_sent, files_under

WEB = Path("gateway/web")
PAGES = ("index", "live", "embed", "desk", "panel", "screen", "replay", "insight")
FOR_OTHER_SITES = {WEB / "embed.js"}
FOR_HLS_ALONE = {WEB / "hls.js", WEB / "vendor" / "hls.js"}
LIVE_PAGE_BYTES = 35 * 1024  # as they are sent, compressed, file by file


def modules_of(page: str) -> set[Path]:
    """Return what a page loads: its script, and all that this imports."""
    shell = (WEB / f"{page}.html").read_text("utf-8")
    return closure({WEB / name for name in re.findall(r'src="/static/([^"]+)"', shell)})


def closure(modules: set[Path]) -> set[Path]:
    imported = {
        (module.parent / name).resolve().relative_to(Path.cwd())
        for module in modules
        for name in re.findall(r'(?:from |import |import\()"(\./[^"]+)"', module.read_text("utf-8"))
    }
    return modules if imported <= modules else closure(modules | imported)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_only_files_that_are_there(page: str) -> None:
    shell = (WEB / f"{page}.html").read_text("utf-8")

    linked = {WEB / name for name in re.findall(r'"/static/([^"]+)"', shell)}

    assert all(file.is_file() for file in linked | modules_of(page))


def exports_of(module: Path) -> set[str]:
    source = module.read_text("utf-8")
    names = set(
        re.findall(r"^export (?:async )?(?:function|const|class) (\w+)", source, re.MULTILINE)
    )
    for group in re.findall(r"export\{([^}]*)\}", source):  # as a bundler writes it
        names |= {name.rpartition(" as ")[2].strip() for name in group.split(",")}
    return names


def test_every_name_that_a_module_imports_is_there() -> None:
    for module in WEB.glob("*.js"):
        imported = re.findall(r'import \{([^}]*)\} from "(\./[^"]+)"', module.read_text("utf-8"))
        for names, source in imported:
            asked = {name.strip() for name in names.split(",")} - {""}
            assert asked <= exports_of(WEB / source), (module.name, source)


def test_every_module_belongs_to_a_page() -> None:
    used = set().union(*(modules_of(page) for page in PAGES))

    assert set(WEB.glob("*.js")) - FOR_OTHER_SITES <= used


def test_the_live_page_is_light_enough_for_a_phone() -> None:
    sent = files_under(WEB)
    modules = modules_of("live") - FOR_HLS_ALONE
    names = [module.relative_to(WEB).as_posix() for module in modules]
    sizes = [len(gzip.compress(sent[name].content)) for name in names]

    assert sum(sizes) <= LIVE_PAGE_BYTES


def test_comments_stay_at_home_and_lines_keep_their_numbers() -> None:
    script = b"// Why.\n  f(1);   // Why?\n/**\n * Two * stars.\n */\n  // gone\ng(/* stays */);\n"

    assert as_sent(script) == b"\nf(1);\n\n\n\n\ng(/* stays */);\n"


def test_text_is_never_read_as_markup() -> None:
    for module in WEB.glob("*.js"):
        source = module.read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", source)
