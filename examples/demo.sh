#!/usr/bin/env bash
# The main job, visibly: publish, tail and call against a real celery-salt service, schemas, and code
# generated from them for a second service.
# Run by `make demo`, inside `celerysalt sandbox`, whose environment says where the servers are.
set -euo pipefail
cd "$(dirname "$0")"
: "${CELERYSALT_SANDBOX_DIRECTORY:?start this with: celerysalt sandbox -- examples/demo.sh}"

venvs=$PWD/../target/venvs
examples=$PWD
venv=$venvs/salt
celery=$venv/bin/celery
work=$(mktemp -d)
failures=0
workers=()

finish() {
    if [ "${#workers[@]}" -gt 0 ]; then
        kill "${workers[@]}" 2>/dev/null || true
        wait "${workers[@]}" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT

bold='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\033[1m' green=$'\033[32m' red=$'\033[31m' plain=$'\033[0m'
fi

title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }

# show COMMAND...: prints a command as one would type it.
show() {
    printf '$'
    local word
    for word in "$@"; do
        case $word in
            *[!A-Za-z0-9_./:=@%+-]*) printf " '%s'" "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
        sleep 0.1
    done
}

verdict() {
    if [ "$1" = ok ]; then
        printf '   %sok%s: %s\n' "$green" "$plain" "$2"
    else
        printf '   %sFAILED%s: %s\n' "$red" "$plain" "$2"
        failures=$((failures + 1))
    fi
}

# check EXIT_CODE TEXT: compares the last step's exit code and looks for the text in its output.
check() {
    local expected_code=$1 expected_text=$2
    sed 's/^/   /' "$work/output"
    if [ "$code" != "$expected_code" ]; then
        verdict failed "exit code $code, expected $expected_code"
    elif ! grep -qF -- "$expected_text" "$work/output"; then
        verdict failed "the output does not contain: $expected_text"
    else
        verdict ok "exit code $code"
    fi
}

# step EXIT_CODE TEXT COMMAND...
step() {
    local expected_code=$1 expected_text=$2
    shift 2
    show "$@"
    code=0
    "$@" >"$work/output" 2>&1 || code=$?
    check "$expected_code" "$expected_text"
}

# edit SED_COMMAND: changes the event classes, and fails where nothing changed.
edit() {
    show sed -i "$1" "$events"
    cp "$events" "$work/before.py"
    sed -i "$1" "$events"
    ! cmp -s "$events" "$work/before.py" || verdict failed "the edit changed nothing"
}

# start_worker APP LOG CELERY: returns when the service takes events, and ends the demo if it does not.
start_worker() {
    local name=${1%.app}@sandbox
    show celery -A "$1" worker
    PYTHONUNBUFFERED=1 "$3" -A "$1" worker --loglevel info --pool solo \
        --hostname "$name" --without-gossip --without-mingle >"$2" 2>&1 &
    workers+=($!)
    if wait_for 60 grep -qs "$name ready" "$2"; then
        verdict ok "the service is ready"
    else
        tail -n 20 "$2"
        verdict failed "the service did not start"
        exit 1
    fi
}

# logged TEXT LOG: waits for a line of the service's log and shows it from the text on.
logged() {
    if wait_for 10 grep -q "$1" "$2"; then
        grep -o "$1.*" "$2" | head -n 1 | sed 's/^/   service log: /'
        verdict ok "the service has it"
    else
        verdict failed "the service did not log the event"
    fi
}

queue_count() {
    python3 - <<'PYTHON'
import base64, json, os, urllib.parse, urllib.request

url = urllib.parse.urlsplit(os.environ["CELERYSALT_MANAGEMENT_URL"])
login = base64.b64encode(f"{url.username}:{url.password}".encode()).decode()
request = urllib.request.Request(
    f"http://{url.hostname}:{url.port}/api/queues?columns=name",
    headers={"Authorization": f"Basic {login}"},
)
print(len(json.load(urllib.request.urlopen(request))))
PYTHON
}

title "A Python service on celery-salt starts (examples/service)"
worker_log=$work/worker.log
start_worker service.app "$worker_log" "$celery"

title "Publish an event; the service receives it"
step 0 user.signup.completed celerysalt publish user.signup.completed --version v1 \
    '{"user_id": 42, "email": "zoe@example.com", "company_id": 7}'
logged 'received .*"user_id": 42' "$worker_log"

title "Tail: watch the next event go by"
show celerysalt tail 'user.#' -n 1 --for 10s
before=$(queue_count)
celerysalt tail 'user.#' -n 1 --for 10s >"$work/tail" 2>&1 &
tail=$!
is_watching() { [ "$(queue_count)" -gt "$before" ]; }
wait_for 10 is_watching || verdict failed "tail did not start to listen"
step 0 user.signup.completed celerysalt publish user.signup.completed --version v1 \
    '{"user_id": 43, "email": "yan@example.com", "company_id": 7}'
code=0
wait "$tail" || code=$?
cp "$work/tail" "$work/output"
printf '(tail shows)\n'
check 0 yan@example.com

title "Call the service's RPC handler"
step 0 '"result": 5' celerysalt call rpc.calculator.add '{"a": 2, "b": 3}'

title "A business error is an answer too: exit code 1"
step 1 DIVISION_BY_ZERO celerysalt call rpc.calculator.divide '{"a": 1, "b": 0}'

title "Nobody listens: exit code 7, at once"
step 7 nobody.listens celerysalt publish nobody.listens '{}'

title "The schemas in the service's code go into a registry: JSON files, made for git"
mkdir "$work/project"
cp -r service "$work/project"
cd "$work/project"
export VIRTUAL_ENV=$venv PYTHONDONTWRITEBYTECODE=1
events=service/events.py
step 0 '6 added' celerysalt schema register --from python:service.events
step 0 user.signup.completed celerysalt schema list

title "A model changes; the diff proves what breaks, with an event that shows it"
edit 's/company_id: int$/company_id: str/'
step 1 CS101 celerysalt schema diff file:schemas python:service.events

title "Under a new version, and with nothing that an old handler rejects, it is compatible"
edit 's/company_id: str$/company_id: int/'
edit 's/@event("user.signup.completed")/@event("user.signup.completed", version="v2")/'
edit 's/signup_source: str = "web"/signup_source: str = "web"\n    plan: str = "free"/'
step 0 '0 breaking' celerysalt schema diff file:schemas python:service.events
step 0 '1 added' celerysalt schema register --from python:service.events

title "An event that does not fit its schema is refused before it is sent"
step 1 company_id celerysalt publish user.signup.completed \
    '{"user_id": 44, "email": "kim@example.com", "company_id": "seven"}'

title "Publish a sample, and tail with validation"
show celerysalt tail 'user.#' -n 1 --for 10s -o jsonl
before=$(queue_count)
celerysalt tail 'user.#' -n 1 --for 10s -o jsonl >"$work/tail" 2>&1 &
tail=$!
wait_for 10 is_watching || verdict failed "tail did not start to listen"
step 0 user.signup.completed celerysalt publish user.signup.completed --example
code=0
wait "$tail" || code=$?
cp "$work/tail" "$work/output"
printf '(tail shows)\n'
check 0 '"schema":{"status":"valid","version":"v2"'

title "Two services share a registry and no code: the publisher registers (examples/orders)"
mkdir "$work/two"
cp -r "$examples/orders" "$examples/shipping" "$work/two"
rm -r "$work/two/shipping/shipping/events"
cd "$work/two/orders"
export VIRTUAL_ENV=$venvs/orders PATH=$venvs/orders/bin:$PATH
step 0 '4 added' celerysalt schema register --from python:orders.events

title "The consumer generates what it needs, and starts, without the publisher's package"
cd "$work/two/shipping"
step 0 '7 new' celerysalt generate stubs 'order.*' 'rpc.shipping.*' --out shipping/events
step 0 'event: OrderPlaced' sed -n '/^@subscribe(OrderPlaced)/,/^$/p' shipping/handlers.py
shipping_log=$work/shipping.log
start_worker shipping.app "$shipping_log" "$venvs/shipping/bin/celery"

title "The publisher publishes; the consumer's handler gets dates, enumerations and decimals"
cd "$work/two/orders"
step 0 'published order.placed' python -m orders place
logged 'order of 23 November by APP: 0.80 kg .*, by Friday' "$shipping_log"

title "It answers the publisher's call, with the generated classes of answer and error"
step 0 'EXPRESS: 14.20 EUR' python -m orders quote NL 2.5 --speed express
step 1 'refused, TOO_HEAVY' python -m orders quote NL 40

echo
if [ "$failures" -gt 0 ]; then
    echo "$failures check(s) failed; the ends of the services' logs:"
    tail -n 20 "$worker_log" "$shipping_log"
    exit 1
fi
echo "All steps worked. The sandbox and everything in it goes now."
