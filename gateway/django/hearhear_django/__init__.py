"""Hearhear beside a Django site: its accounts speak there, its models show what was said.

Needs Django and PyJWT with cryptography, and nothing else of Hearhear's, which runs as a
process of its own. The how-to is ``docs/how-to/django.md``.
"""
