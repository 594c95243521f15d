"""From a command to the method of its name."""

from domain import commands
from domain.act import Act, Result


class Dispatching:
    """Finds the decision of a command."""

    def decide(self, act: Act, command: commands.Command) -> Result:
        """Record what the command leads to, and return the ids it made.

        Raises ``Refused`` when a rule is against it; then nothing was recorded.
        """
        method = getattr(self, commands.name_of(type(command)))
        result: Result = method(act, command)
        return result
