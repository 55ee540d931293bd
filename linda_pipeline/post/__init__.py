"""Everyone told: mails that are written with the event that causes them, and sent once.

Here: the outbox in the register database, the ways out of it, and what a mail says. Not here: what is found (judging), the
report that a mail leads to (report), and alerts to the operator (orchestration).
"""
