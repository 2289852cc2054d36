/**
 * Functions that each exported shell script has. Some start a script by the name of their own shell: zsh splits no words, and its searches
 * for commands go by a variable `path`.
 */
export const HELPERS = `json='content-type: application/json'

# control METHOD PATH [BODY]: calls the control API.
control() {
  printf %s "\${3-}" | curl -sS -f -g -X "$1" "$url/__admin$2" \${3+-H} \${3+"$json"} \${3+--data-binary} \${3+@-}
}

# send METHOD PATH [CURL-OPTION…]: sends a request, and prints the HTTP status and the body of its answer.
send() {
  method=$1 target=$2
  shift 2
  answer=$(curl -s -g -X "$method" "$url$target" -w ' %{http_code}' "$@") || return
  printf '%s %s\\n' "\${answer##* }" "\${answer% *}"
}

# expect WANTED FOUND: ends the script where they differ.
expect() {
  [ "$1" = "$2" ] && return
  printf 'expected %s\\nfound    %s\\n' "$1" "$2" >&2
  exit 1
}

# booked ACCOUNT: prints the ledger of an account, a line for each entry.
booked() {
  control GET "$1/ledger" | grep -oE '"kind":[^}]*"plan_id":[0-9nul]+' | sed -E 's/"[a-z_]+"://g; s/"//g; s/,/ /g; s/( null)*$//'
}`

export const UNANSWERED = `
# expect_nothing COMMAND…: ends the script where a request is answered.
expect_nothing() {
  "$@" > /dev/null 2>&1 || return 0
  echo 'a request is answered that should not be' >&2
  exit 1
}`

export const MASKED = `
# masked TEXT: hides tokens and licence keys, which are others in each run.
masked() {
  printf '%s\\n' "$1" | sed -E 's/"(token|api_token|license_key)":"[^"]*"/"\\1":"…"/g'
}`

export const VALUE = `
# value TEXT KEY: prints the values of a key, each in a line.
value() {
  printf '%s\\n' "$1" | grep -o "\\"$2\\":[^,}]*" | cut -d : -f 2- | tr -d '"'
}`

export const BROUGHT = `
# brought ACCOUNT: prints what time brought to an account, a line for each event.
brought() {
  control GET "$1/history" | grep -oE '"at":"[^"]*","event":"[^"]*","project_id":[0-9]+' | sed -E 's/"[a-z_]+"://g; s/"//g; s/,/ /g'
}`
