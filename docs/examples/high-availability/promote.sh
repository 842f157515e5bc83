#!/bin/sh
# Makes a standby the primary. Run it there, as postgres, once the old primary is switched off or cut off:
# PGDATA=/var/lib/postgresql/15/main promote.sh
set -eu
pg_ctl promote -w -D "$PGDATA"
# there is no standby now: it waits for none, until rejoin.sh says so
psql -q -d postgres -c "ALTER SYSTEM SET synchronous_standby_names = ''" -c "SELECT pg_reload_conf()" >/dev/null
