"""Catching posts about a talk where they are written: what ``hearhear catch`` runs."""
