"""The plain door: everything over HTTP but what is live.

Each module holds one resource: its types, its handlers and the descriptions of its
operations. A handler decodes, calls one thing, and encodes; refusals go up as
exceptions and come out as problem documents.
"""
