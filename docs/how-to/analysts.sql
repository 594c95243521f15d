-- A user for analysts on MariaDB: SELECT only, on tables without names and words.
-- Change the password. Run as root, once the views are there: mariadb < docs/how-to/analysts.sql
CREATE USER IF NOT EXISTS 'analyst'@'%' IDENTIFIED BY 'change-me';
GRANT SELECT ON hearhear_views.talks TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.topics TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.votes TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.ticks TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.ticks_per_second TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.ticks_per_person TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.attendance TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.v_feedback_per_second TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.v_feedback_per_topic TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.v_question_votes_over_time TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.v_participation TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.v_funnel TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.v_heat TO 'analyst'@'%';
GRANT SELECT ON hearhear_views.v_highlights TO 'analyst'@'%';
