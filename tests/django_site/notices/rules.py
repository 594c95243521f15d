from collections.abc import Mapping

from django_site.notices.models import Prompt
from hearhear_django.relay import Command, command_on_save


@command_on_save(Prompt)
def asked(prompt: Prompt, before: Mapping[str, str]) -> Command | None:
    """An editor's question is asked once, and edited from then on."""
    if not prompt.talk:
        return None
    text = {"text": prompt.text}
    if "question" in before:
        edit = {"question": before["question"], **text}
        return Command(prompt.talk, "edit_question", edit, by=prompt.author)
    return Command(prompt.talk, "ask_question", text, by=prompt.author)
