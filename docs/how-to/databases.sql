-- Three databases and one user for Hearhear: facts, views (can be rebuilt), personal keys.
-- Change the password. Run once, as root: mariadb < docs/how-to/databases.sql
CREATE DATABASE IF NOT EXISTS hearhear CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE IF NOT EXISTS hearhear_views CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE IF NOT EXISTS hearhear_keys CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE USER IF NOT EXISTS 'hearhear'@'%' IDENTIFIED BY 'change-me';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, CREATE VIEW, SHOW VIEW
  ON hearhear.* TO 'hearhear'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, CREATE VIEW, SHOW VIEW
  ON hearhear_views.* TO 'hearhear'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP
  ON hearhear_keys.* TO 'hearhear'@'%';
