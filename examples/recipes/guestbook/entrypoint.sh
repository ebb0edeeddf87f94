#!/bin/sh
# Does what the entrypoint of the official image does: makes the cluster at the first start, then
# runs the server.
set -eu
for bin in /usr/lib/postgresql/*/bin; do
  PATH=$bin:$PATH
done
export PATH PGDATA
mkdir -p "$PGDATA"
chown -R postgres "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  su postgres -c "initdb --auth-local=trust --auth-host=scram-sha-256 -D '$PGDATA'"
  su postgres -c "pg_ctl -D '$PGDATA' -o '-c listen_addresses=' -w start"
  password=$(cat "$POSTGRES_PASSWORD_FILE")
  su postgres -c psql <<SQL
CREATE ROLE $POSTGRES_USER LOGIN PASSWORD '$password';
CREATE DATABASE $POSTGRES_USER OWNER $POSTGRES_USER;
SQL
  su postgres -c "pg_ctl -D '$PGDATA' -m fast -w stop"
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
fi
exec su postgres -c "exec postgres -D '$PGDATA' -c listen_addresses='*'"
