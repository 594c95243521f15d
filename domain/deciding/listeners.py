"""What listeners of an ended talk may do: tick how a moment lands, and tell where they jump."""

from domain import commands
from domain.act import Act, Result
from domain.deciding.dispatching import Dispatching
from domain.pace import SEEKING, TICKING


class Listeners(Dispatching):
    """The rules of the replay."""

    def tick_replay(self, act: Act, command: commands.TickReplay) -> Result:
        act.talk.must_know_kind(command.kind)
        act.talk.must_have_ended()
        act.listening(TICKING).tick(command.kind, command.media_s, by=act.by, at=act.at)
        return {}

    def seek_replay(self, act: Act, command: commands.SeekReplay) -> Result:
        act.talk.must_have_ended()
        act.listening(SEEKING).seek(command.from_s, command.to_s, by=act.by, at=act.at)
        return {}
