#!/bin/sh
# Makes what was the primary, and is stopped, a standby of the new one. Run it there, as postgres:
# PGDATA=/var/lib/postgresql/15/main rejoin.sh db1 "host=10.0.0.32 port=5432 user=replicator"
# Then start it, and run on the new primary: psql -c 'ALTER SYSTEM RESET synchronous_standby_names' -c 'SELECT pg_reload_conf()'
set -eu
name=$1
primary=$2
shift 2  # whatever follows is for pg_basebackup
# what it has that the new one has not was never acknowledged
find "$PGDATA" -mindepth 1 -delete
pg_basebackup -D "$PGDATA" -R -X stream -c fast -d "$primary application_name=$name" "$@"
