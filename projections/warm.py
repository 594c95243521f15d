"""Talks that something happens in are kept warm: in memory, as their rows have them."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Engine

from domain.store.engine import reading
from projections import outbox, rows
from projections.outbox import TalkAndView
from projections.patch import Document
from projections.place import Place
from projections.talk_views import TalkViews

KEPT = 200


class WarmTalks:
    """The views of the talks that something happened in lately, taken up from their rows.

    Whoever changes them keeps the rows as well, or forgets what is here.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._views: OrderedDict[str, TalkViews] = OrderedDict()
        self.chains: dict[str, dict[str, int]] = {}
        """Position of the last patch, by talk and view."""

    def __contains__(self, talk: str) -> bool:
        return talk in self._views

    def __getitem__(self, talk: str) -> TalkViews:
        return self._views[talk]

    def take_up(self, talks: set[str], at: Place) -> None:
        """Have these talks warm, as they are at a place."""
        cold = talks - self._views.keys()
        if cold:
            with reading(self._engine) as connection:
                for talk in cold:
                    self._load(connection, talk, at)
        for talk in talks:
            self._views.move_to_end(talk)

    def _load(self, connection: Connection, talk: str, at: Place) -> None:
        kept = rows.load(connection, at.generation, talk, at.position)
        self._views[talk] = TalkViews.load(talk, kept) if kept else TalkViews(talk)
        self.chains[talk] = outbox.last_patches(connection, at, talk)

    def documents(self, due: Iterable[TalkAndView]) -> Iterator[tuple[str, str, int, Document]]:
        """Yield views with their talk, their name and the position of their last patch."""
        for talk, view in due:
            position = self.chains[talk].get(view, self._views[talk].position)
            yield talk, view, position, self._views[talk].document(view)

    def forget(self) -> None:
        """Forget everything: the rows know."""
        self._views.clear()
        self.chains.clear()

    def cool_down(self, *, but: set[str]) -> None:
        """Forget the talks that nothing happened in for longest."""
        for talk in list(self._views)[: max(len(self._views) - KEPT, 0)]:
            if talk not in but:
                del self._views[talk], self.chains[talk]
