"""The three policies of holding, over the kill of the projector whose steward releases."""

from pathlib import Path

from live_system import production
from servers import MariaDB, RabbitMQ
from waiting import eventually

RELEASING = {"hold": "release", "release_after_s": 3}


def test_what_waits_is_released_once_or_not_at_all_over_a_projector_kill(
    tmp_path: Path, mariadb: MariaDB, rabbitmq: RabbitMQ
) -> None:
    with production(tmp_path, mariadb, rabbitmq) as system:
        site = system.site

        def said(text: str, **policy: object) -> str:
            site.command("Hal", "set_policy", **policy)
            line: str = site.command("Ann", "post_line", text=text)["result"]["line"]
            return line

        def feed() -> set[str]:
            return set(site.view()["view"]["feed"])

        def waiting() -> dict[str, str]:
            items = site.view("desk")["view"]["items"]
            return {item: one["state"] for item, one in items.items()}

        kept = said("until somebody looks", hold="hold")
        shown = said("at once", hold="off")
        due = {said(f"in time, {number}", **RELEASING) for number in range(3)}
        spurned = said("never", **RELEASING)
        eventually(lambda: waiting().keys() == {kept, spurned, *due})
        site.command("Hal", "reject", item=spurned, why="advertising")

        killed = system.active_projector
        killed.kill()
        eventually(lambda: feed() == {shown, *due}, within_s=20)
        killed.start()
        later = said("in time as well", **RELEASING)  # whoever looks now looks at all of them
        eventually(lambda: feed() == {shown, *due, later}, within_s=20)

        released = system.facts("state", "name = 'participation.line-released'")
        assert len(released) == len(due) + 1
        assert waiting() == {kept: "held", spurned: "rejected"}
