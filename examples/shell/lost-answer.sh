#!/bin/sh
# The customer was charged, and the answer got lost: what does the client do now?
# Usage: sh lost-answer.sh URL, with the URL of an emulator that runs.
set -eu

url=$1
. "$(dirname "$0")/upgrade.sh"

# control METHOD PATH [BODY]: calls the control API.
control() { curl -sS -f -X "$1" "$url/__admin$2" ${3+-H 'content-type: application/json' -d "$3"}; }

# An account of its own, so that it meddles with nobody's.
name=lost-answer-$$
control POST /accounts "{\"name\":\"$name\",\"token\":\"$name\",\"balance\":\"100\",\"projects\":[{\"project_id\":1}]}" > /dev/null
trap 'control DELETE /accounts/$name' EXIT

echo 'The next answer gets lost, after all of it is booked:'
control POST "/accounts/$name/faults" '{"kind":"connection_reset","when":"after","times":1}' > /dev/null
upgrade "$url" "$name" 1 2
echo

echo 'The client was told that it failed. The ledger:'
control GET "/accounts/$name/ledger"
echo

echo 'If the API sold the same plan again, which nobody knows, that would have cost:'
control POST "/accounts/$name/reset" > /dev/null
control PATCH "/accounts/$name/settings" '{"assumptions":{"same-plan":"charge-again"}}' > /dev/null
control POST "/accounts/$name/faults" '{"kind":"connection_reset","when":"after","times":1}' > /dev/null
upgrade "$url" "$name" 1 2
echo
control GET "/accounts/$name/ledger"
echo
