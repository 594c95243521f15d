"""Measures for analysts: SQL views that answer the usual questions, made of the plain tables.

Each is one SELECT in the SQL that SQLite and MariaDB share, so it can be copied and changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A SQL view made of others: what a row is, its columns with their types, and the query."""

    what: str
    columns: Mapping[str, type]
    sql: str


_PER_SECOND = """
SELECT s.talk, s.second, s.topic, COALESCE(t.title, '') AS title, s.kind, s.ticks, s.people,
  s.position
FROM ticks_per_second s LEFT JOIN topics t ON t.talk = s.talk AND t.topic = s.topic
"""
_PER_TOPIC = """
SELECT s.talk, s.topic, COALESCE(t.title, '') AS title, s.kind, s.ticks, s.people
FROM (
  SELECT talk, topic, kind, CAST(SUM(ticks) AS SIGNED) AS ticks, COUNT(*) AS people
  FROM ticks_per_person GROUP BY talk, topic, kind
) s LEFT JOIN topics t ON t.talk = s.talk AND t.topic = s.topic
"""
_VOTES = """
SELECT v.talk, v.question, v.position, v.second, v.at,
  CAST(SUM(v.change) OVER (PARTITION BY v.talk, v.question ORDER BY v.position) AS SIGNED) AS votes
FROM votes v
"""
_PARTICIPATION = """
SELECT d.talk, d.attendee, MAX(d.joined_at) AS joined_at,
  CAST(SUM(d.l) AS SIGNED) AS lines_posted, CAST(SUM(d.r) AS SIGNED) AS replies_posted,
  CAST(SUM(d.q) AS SIGNED) AS questions_asked, CAST(SUM(d.c) AS SIGNED) AS votes_cast,
  CAST(SUM(d.v) AS SIGNED) AS votes_standing, CAST(SUM(d.t) AS SIGNED) AS ticks_given
FROM (
  SELECT talk, attendee, joined_at, 0 AS l, 0 AS r, 0 AS q, 0 AS c, 0 AS v, 0 AS t
  FROM people WHERE joined_at <> '' AND source = ''
  UNION ALL SELECT talk, attendee, '', 1, 0, 0, 0, 0, 0 FROM chat_lines
  UNION ALL SELECT talk, attendee, '', 0, 1, 0, 0, 0, 0 FROM replies
  UNION ALL SELECT talk, attendee, '', 0, 0, 1, 0, 0, 0 FROM questions
  UNION ALL SELECT x.talk, x.attendee, '', 0, 0, 0, CASE WHEN x.change > 0 THEN 1 ELSE 0 END,
    x.change, 0 FROM votes x
  UNION ALL SELECT talk, attendee, '', 0, 0, 0, 0, 0, ticks FROM ticks_per_person
) d WHERE d.attendee <> '' GROUP BY d.talk, d.attendee
"""
_FUNNEL = """
SELECT t.talk,
  CAST(SUM(CASE WHEN p.joined_at <> '' THEN 1 ELSE 0 END) AS SIGNED) AS joined,
  CAST(SUM(CASE WHEN p.ticks_given > 0 THEN 1 ELSE 0 END) AS SIGNED) AS ticked,
  CAST(SUM(CASE WHEN p.votes_cast > 0 THEN 1 ELSE 0 END) AS SIGNED) AS voted,
  CAST(SUM(CASE WHEN p.questions_asked > 0 THEN 1 ELSE 0 END) AS SIGNED) AS asked
FROM talks t LEFT JOIN v_participation p ON p.talk = t.talk GROUP BY t.talk
"""
_HEAT = "SELECT talk, second, curve, heat FROM heat_rows"
_HIGHLIGHTS = """
SELECT talk, place, highlight, start_s, end_s, score, confidence, title, why, people
FROM highlight_rows
"""

MEASURES: Mapping[str, Measure] = {
    "v_feedback_per_second": Measure(
        "What was ticked within a second, by topic and kind, with the topic's title.",
        {
            "talk": str,
            "second": int,
            "topic": str,
            "title": str,
            "kind": str,
            "ticks": int,
            "people": int,
            "position": int,
        },
        _PER_SECOND,
    ),
    "v_feedback_per_topic": Measure(
        "What was ticked about a topic, by kind: how often, and by how many people.",
        {"talk": str, "topic": str, "title": str, "kind": str, "ticks": int, "people": int},
        _PER_TOPIC,
    ),
    "v_question_votes_over_time": Measure(
        "The votes that stood for a question after each change of a vote; those of questions "
        "merged into it count there, not here.",
        {"talk": str, "question": str, "position": int, "second": float, "at": str, "votes": int},
        _VOTES,
    ),
    "v_participation": Measure(
        "What an attendee did: counts of all they said, hidden or taken back included; what was "
        "said anonymously is nobody's.",
        {
            "talk": str,
            "attendee": str,
            "joined_at": str,
            "lines_posted": int,
            "replies_posted": int,
            "questions_asked": int,
            "votes_cast": int,
            "votes_standing": int,
            "ticks_given": int,
        },
        _PARTICIPATION,
    ),
    "v_funnel": Measure(
        "How many people came into a talk, and how many of them ticked, voted and asked; who "
        "asked anonymously is not counted as asking.",
        {"talk": str, "joined": int, "ticked": int, "voted": int, "asked": int},
        _FUNNEL,
    ),
    "v_heat": Measure(
        "How warm the room was at a second of the recording, from 0 to 1, by curve; of ended "
        "talks.",
        {"talk": str, "second": int, "curve": str, "heat": float},
        _HEAT,
    ),
    "v_highlights": Measure(
        "A highlight of an ended talk, best first, as its hosts decided.",
        {
            "talk": str,
            "place": int,
            "highlight": str,
            "start_s": float,
            "end_s": float,
            "score": float,
            "confidence": float,
            "title": str,
            "why": str,
            "people": int,
        },
        _HIGHLIGHTS,
    ),
}
"""The views whose names begin with ``v_``; each may read those before it."""
