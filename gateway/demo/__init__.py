"""The demo: a finished talk with its replay beside a live one, and nothing to set up."""
