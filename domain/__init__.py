"""What can happen in a talk, and the rules.

The vocabulary: a *talk* is a row of *topics*; *attendees* post *chat lines*, ask
*questions*, cast *votes* and give *feedback ticks*; every act is a *fact*, kept for
ever at its *position*. Look into ``talk``, ``question`` and ``participation`` for
the facts and their rules, ``application`` for the commands, ``store`` for how facts
are kept. Nothing here imports the other packages.
"""
