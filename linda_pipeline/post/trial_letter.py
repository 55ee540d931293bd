"""The letter of `linda mail test`: it says that mail works, and nothing else."""

from __future__ import annotations

from datetime import datetime

from linda_pipeline.post.layout import Body, laid_out
from linda_pipeline.post.letter import Letter
from linda_pipeline.post.mail_words import MAIL_WORDS


def trial_letter(address: str, language: str, at: datetime) -> Letter:
    """A letter to one address, new at each moment."""
    words = MAIL_WORDS[language]
    body = Body(greeting=words.greeting(""), paragraphs=(words.trial,))
    text, html = laid_out(body, words, words.trial_subject)
    return Letter(
        key=f"test {at.isoformat()}",
        kind="test",
        of="",
        receiver=address,
        language=language,
        subject=words.trial_subject,
        text=text,
        html=html,
    )
