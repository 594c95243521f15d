"""The production shape for tests: MariaDB, RabbitMQ, two gateways and two projectors."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateways import Process, Site
from servers import MariaDB, RabbitMQ


@dataclass
class Production:
    """Its parts, to be killed one at a time."""

    database_url: str
    mariadb: MariaDB
    rabbitmq: RabbitMQ
    gateways: tuple[Process, Process]
    projectors: tuple[Process, Process]
    site: Site

    def facts(self, what: str, where: str = "1 = 1") -> list[tuple[Any, ...]]:
        """Read columns of the events of the talk, in order."""
        database = self.database_url.rpartition("/")[2]
        return list(
            self.mariadb.execute(
                f"SELECT {what} FROM `{database}`.events "
                f"WHERE talk = '{self.site.talk}' AND {where} ORDER BY position"
            )
        )

    @property
    def active_projector(self) -> Process:
        """The one that holds the lease: the last that took the views up."""
        return max(self.projectors, key=_taken_up_at)

    def others_address(self) -> str:
        """The address of the gateway that ``site`` does not speak to."""
        return self.gateways[1].url


def _taken_up_at(projector: Process) -> str:
    told = [line for line in projector.log.read_text().splitlines() if "views.taken_up" in line]
    return told[-1] if told else ""


@contextmanager
def production(folder: Path, mariadb: MariaDB, rabbitmq: RabbitMQ) -> Iterator[Production]:
    """Start it on an empty database, with a live talk."""
    database = mariadb.fresh_database()
    settings = {"HEARHEAR_STORE_URL": database, "HEARHEAR_BROKER_URL": rabbitmq.url}
    with ExitStack() as stack:

        def launched(role: str) -> Process:
            process = Process(role, folder, **settings)
            stack.callback(process.kill)
            process.launch()
            return process

        gateways = launched("gateway"), launched("gateway")
        projectors = launched("projector"), launched("projector")
        for gateway in gateways:
            gateway.wait()
        site = Site(gateways[0].url)
        site.sign_in_host()
        site.live_talk()
        yield Production(database, mariadb, rabbitmq, gateways, projectors, site)
