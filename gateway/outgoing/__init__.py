"""What goes out of itself when something was recorded: bundles of files, and webhooks.

Each *errand* follows the log behind a cursor of its own, so nobody has to remember
anything, and a restart goes on where it was.
"""
