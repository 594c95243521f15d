// The queries behind the charts, as somebody with SQL would ask them: docs/reference/tables.md.
const ID = "{talk}";
const OF_TOPIC = " AND topic = '{topic}'";

export const QUERIES = {
  feedback: `SELECT second - second % {bucket} AS bucket, kind, COUNT(*) AS ticks, COUNT(DISTINCT attendee) AS people
FROM ticks WHERE talk = '${ID}'${OF_TOPIC} GROUP BY bucket, kind ORDER BY bucket, kind;`,
  attendance: `SELECT second, present FROM attendance WHERE talk = '${ID}' ORDER BY position;`,
  topics: `SELECT title, kind, ticks, people FROM v_feedback_per_topic WHERE talk = '${ID}';`,
  funnel: `SELECT joined, ticked, voted, asked FROM v_funnel WHERE talk = '${ID}';`,
  questions: `SELECT question, second, votes FROM v_question_votes_over_time WHERE talk = '${ID}' ORDER BY position;`,
};

/** A query as it is asked of one talk, and of one of its topics or (empty) of all. */
export const queryOf = (name, talk, bucket, topic) =>
  QUERIES[name].replaceAll(ID, talk).replaceAll("{bucket}", bucket).replace(OF_TOPIC, topic ? OF_TOPIC.replace("{topic}", topic) : "");
