#!/bin/sh
# curl.sh URL [OPTION…]
url=$1
shift
exec curl -sS "$@" -d '{"token":"132321343dsfsdf","project_id":5786,"service":1,"plan_id":2}' "$url/app/api/v2/pm/change-billing"
