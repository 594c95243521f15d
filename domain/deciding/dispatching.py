"""From a command to the method of its name."""

from domain import commands
from domain.act import Act, Result

TAKING_BACK = (commands.RetractLine, commands.WithdrawQuestion)
"""What somebody may do with their own words whatever became of them."""


class Dispatching:
    """Finds the decision of a command."""

    def decide(self, act: Act, command: commands.Command) -> Result:
        """Record what the command leads to, and return the ids it made.

        Raises ``Refused`` when a rule is against it; then nothing was recorded.
        """
        if not isinstance(command, TAKING_BACK):
            act.must_not_be_banned()
        method = getattr(self, commands.name_of(type(command)))
        result: Result = method(act, command)
        return result
