"""The how-to for plain HTTP does what it says, typed from top to bottom."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from gateways import Process

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "plain-http.md"
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = (
    "Wind and wire",
    '"text": "Our bridge hums, too"',
    "}1\n",  # the question was asked once
    '"state": "answered"',
    "precondition_failed",
    "Hal: Our bridge hums",
    "\n304\n",
    "404\n",
)
"""What the page promises, in its order."""


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="needs curl and jq")
def test_every_line_of_the_how_to_works(tmp_path: Path) -> None:
    script = "\n".join(["set -eu", *SHELL.findall(PAGE.read_text())])

    with Process("serve", tmp_path) as server:
        typed = subprocess.run(
            ["bash", "-c", script],
            check=True,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "URL": server.url},
        )

    found = [typed.stdout.find(one) for one in SHOWN]
    assert -1 not in found
    assert found == sorted(found)
