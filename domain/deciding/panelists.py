"""What panelists may do beside speaking."""

from domain import commands, text
from domain.act import Act, Result
from domain.deciding.dispatching import Dispatching


class Panelists(Dispatching):
    """The rules of the panel."""

    def answer_in_writing(self, act: Act, command: commands.AnswerInWriting) -> Result:
        question = act.question(command.question)
        question.must_stand()
        said = text.checked(command.text)
        act.participation()
        question.answer_in_writing(said, by=act.by, at=act.at)
        return {}

    def edit_answer(self, act: Act, command: commands.EditAnswer) -> Result:
        question = act.question(command.question)
        question.must_stand()
        question.edit_answer(text.checked(command.text), by=act.by, at=act.at)
        return {}
