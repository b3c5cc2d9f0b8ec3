#!/bin/sh
# The database's password comes from a file, so that it is in no environment that `docker inspect` shows.
set -eu
if [ -n "${DB_PASSWORD_FILE:-}" ]; then
  PGPASSWORD="$(cat "$DB_PASSWORD_FILE")"
  export PGPASSWORD
fi
exec scaling-search "$@"
