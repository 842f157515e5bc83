-- On the first primary, as postgres. The passwords are also in pgpass of the gateways and of postgres, and in userlist.txt.
CREATE ROLE dragoman LOGIN PASSWORD 's3cret';
CREATE ROLE replicator LOGIN REPLICATION PASSWORD 's3cret';
CREATE ROLE haproxy_check LOGIN;
CREATE DATABASE dragoman OWNER dragoman;
