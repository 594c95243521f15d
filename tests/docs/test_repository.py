"""What is written about the product holds together: links, versions, and what must not be there."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The fragments that headings get on the usual code hosts."""
    titles = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    kept = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.replace(" ", "-") for title in kept}


def broken(page: Path) -> list[str]:
    """The links of a page within the repository that lead nowhere."""
    found = []
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        path, _, fragment = target.partition("#")
        if "://" in path:
            continue
        file = (page.parent / path) if path else page
        if not file.exists() or (fragment and fragment not in anchors(file)):
            found.append(target)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_every_page_can_be_reached_from_the_readme_or_the_index() -> None:
    seen = {ROOT / "README.md"}
    ahead = [ROOT / "README.md", ROOT / "docs" / "index.md"]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        text = FENCE.sub("", page.read_text(encoding="utf-8"))
        targets = ((page.parent / link.partition("#")[0]).resolve() for link in LINK.findall(text))
        for target in targets:
            pages = target.glob("*.md") if target.is_dir() else [target]
            ahead += [file for file in pages if file.suffix == ".md" and file not in seen]

    assert set((ROOT / "docs").rglob("*.md")) <= seen


def test_every_page_that_the_code_refers_to_exists() -> None:
    named = {
        (file.name, path)
        for folder in ("domain", "projections", "replay", "gateway", "tests")
        for file in (ROOT / folder).rglob("*.py")
        for path in re.findall(r"docs/[a-z-]+/[\w./-]+\.md", file.read_text(encoding="utf-8"))
    }

    assert {(file, path) for file, path in named if not (ROOT / path).exists()} == set()


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = re.findall(
        r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert versions[0] == project["version"]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-runtime.lock"])
def test_the_locks_pin_every_package_by_hash_and_name_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    packages = re.split(r"\n(?=\S)", text.strip())

    assert packages
    assert all("==" in package and "--hash=sha256:" in package for package in packages)
    assert "://" not in text


def test_the_runtime_lock_has_the_versions_of_the_whole_lock() -> None:
    def pins(lock: str) -> set[str]:
        lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
        return {line.rstrip(" \\") for line in lines if line[:1].isalnum()}

    assert pins("requirements-runtime.lock") < pins("requirements.lock")


def test_no_file_names_a_package_index_or_the_folders_of_a_machine() -> None:
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    paths = [ROOT / file for file in files if file] or [*ROOT.glob("*.*"), *PAGES]
    forbidden = re.compile(
        "|".join(["/" + "root/", "/" + "home/", r"py" + r"pi\.org", "index" + "-url ="])
    )

    guilty = []
    for path in paths:
        if path.suffix in {".png", ".wav", ".mp4", ".m4s", ".lock"} or not path.is_file():
            continue
        if forbidden.search(path.read_text(encoding="utf-8")):
            guilty.append(str(path.relative_to(ROOT)))

    assert guilty == []


def test_no_file_holds_what_a_merge_left_undecided() -> None:
    search = ["git", "grep", "-lI", "-e", "^<<<<<<< ", "-e", "^>>>>>>> "]
    found = subprocess.run(search, check=False, cwd=ROOT, capture_output=True, text=True)

    assert found.stdout == ""


def test_every_decision_has_a_number_of_its_own_which_its_title_tells() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    titles = [page.read_text(encoding="utf-8").partition(".")[0] for page in pages]

    assert titles == [f"# {number}" for number in range(1, len(pages) + 1)]
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
