# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_celerysalt_global_optspecs
    string join \n profile= broker= management= backend= registry= exchange= tls-ca= tls-cert= tls-key= config= o/output= color= q/quiet v/verbose h/help V/version
end

function __fish_celerysalt_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_celerysalt_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_celerysalt_using_subcommand
    set -l cmd (__fish_celerysalt_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c celerysalt -n "__fish_celerysalt_needs_command" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_needs_command" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_needs_command" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_needs_command" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_needs_command" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_needs_command" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_needs_command" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_needs_command" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_needs_command" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_needs_command" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_needs_command" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_needs_command" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "tail" -d 'Watch events as they pass'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "publish" -d 'Publish events, and say whether anybody receives them'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "call" -d 'Call an RPC handler and print its answer'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "replay" -d 'Publish the events of a recording again'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "schema" -d 'Extract, register, look up and compare event schemas'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "sandbox" -d 'Start a throw-away RabbitMQ and Redis, optionally for one command'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "config" -d 'Show, check and choose settings'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "man" -d 'Print the manual page of a command, in roff'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "schema-of" -d 'Print the JSON Schema of a command\'s JSON output'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l exclude -d 'Leave out topics that match; may be repeated' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l filter -d 'Show only events whose record makes this jq expression true, for example \'.payload.user_id == 7\'' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -s n -d 'End after N events shown' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l for -d 'End after this time, for example 30s or 5m' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l idle -d 'End when no event was shown for this time' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l format -d 'Print a line of this form for each event, for example \'{received_at} {topic} {payload.id}\'' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l record -d 'Also write the records to this new file, for `celerysalt replay`' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l validate -d 'Check payloads against their registered schemas [default: warn where there is a registry]' -r -f -a "off\t'Do not look at schemas'
warn\t'Say what does not fit below each event, and in `schema` of its record'
only-invalid\t'Show only events that do not fit'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l queue-limit -d 'How many events may wait for us before the oldest are dropped [default: 100000]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l payload-only -d 'Print only the payload, a line of JSON for each event'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l append -d 'Add to the file of --record if it exists'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -l strict -d 'End with exit code 6 at the first message that nobody can read, and with exit code 1 after a run in which an event did not fit its schema'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand tail" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l version -d 'The schema version that the event claims, for example v1' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l correlation-id -d 'A correlation id for tracing, carried inside the event' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l task -d 'The dispatcher task of the services, tchu_tchu.dispatch_event for tchu-tchu [default: celery_salt.dispatch_event]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l header -d 'Add a message header; K:=JSON for one that is not text. May be repeated' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l priority -d 'From 0 to 9, higher is sooner, in queues that have priorities' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l expires -d 'Drop the event when no worker has started it within this time' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l countdown -d 'Workers wait this long before they handle the event' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l protocol -d 'The Celery message protocol: 2, or 1 as celery-salt publishes without an app [default: 2]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l input -d 'What the input lines are' -r -f -a "auto\t'Lines that look like records of `tail -o jsonl` are records, all others payloads'
payload\t'Every line is a payload'
record\t'Every line is a record of `tail -o jsonl` or `tail --record`'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l rate -d 'At most so many events a second: 100/s, 30/m, 5/h' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l skip -d 'Skip so many lines of the input, to go on with a batch that was interrupted' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l seed -d 'With --example: other numbers give other events' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l no-validate -d 'Do not check the payload against the registered schema'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l allow-unroutable -d 'An event that no queue receives is fine'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l dry-run -d 'Print the exact message instead of sending it'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l interactive -d 'Ask for the fields of the registered schema, and show the event before it is sent'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -l example -d 'Send an event made up from the registered schema, as `celerysalt schema example` shows it'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand publish" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l timeout -d 'How long to wait for the answer; workers drop the request after that' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l priority -d 'From 0 to 9, higher is sooner, in queues that have priorities' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l repeat -d 'Call so many times, one after the other, and report how long round trips took' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l version -d 'The schema version that the event claims, for example v1' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l correlation-id -d 'A correlation id for tracing, carried inside the event' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l task -d 'The dispatcher task of the services, tchu_tchu.dispatch_event for tchu-tchu [default: celery_salt.dispatch_event]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l header -d 'Add a message header; K:=JSON for one that is not text. May be repeated' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l serve -d 'Answer requests instead of sending one; wildcards are allowed' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l reply -d 'The answer, a jq expression over the record, for example \'{sum: (.payload.a + .payload.b)}\'' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l exec -d 'A shell command that reads the payload on standard input and prints the answer as JSON; when it fails, the handler fails' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -s n -d 'Stop after so many answers' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -l no-validate -d 'Do not check the payload against the registered schema'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand call" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l speed -d '1x is the original timing, 2x twice as fast, max without waiting' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l rate -d 'Publish at most so many events a second instead, for example 100/s' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l topic -d 'Only topics that match; may be repeated' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l filter -d 'Only events whose record makes this jq expression true' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l to -d 'Publish everything to this topic' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l skip -d 'Pass over the first N lines, to resume an interrupted replay' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l include-rpc -d 'Also send RPC requests, although nobody waits for the answers'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l no-validate -d 'Do not check the events against their registered schemas'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l dry-run -d 'Show what would be published and when; connect to nothing'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "list" -d 'List the topics of the registry with their versions'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "show" -d 'Show one schema, the latest version unless told otherwise'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "history" -d 'Show the versions of a topic and what changed from each to the next'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "register" -d 'Put schemas into the registry'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "extract" -d 'Read the event schemas of a code base'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "diff" -d 'Say what a change of the schemas breaks, for whom, and prove it with an event'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "compat" -d 'Compare two JSON Schemas: do old and new events and readers fit together?'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "lint" -d 'Look for traps and poor style in schemas'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "rules" -d 'List the rules of schema diff, lint and extract, or explain one'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "annotate" -d 'Write an owner, a service, a description or notes of your own into a schema\'s document'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "deprecate" -d 'Mark a schema\'s version as one that should no longer be used'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "validate" -d 'Check payloads against a registered schema, without sending anything'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and not __fish_seen_subcommand_from list show history register extract diff compat lint rules annotate deprecate validate example" -f -a "example" -d 'Make up events that fit a registered schema'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -l diff -d 'Show the changed lines'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from history" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l from -d 'Read the schemas from python:MODULE[,MODULE…] or a directory' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l force -d 'Register also what breaks somebody or is in conflict; the reason is kept in the document' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l mode -d 'Who must read whose events: `forward` is old handlers and new events, `backward` new handlers and old events; `auto` follows from the known handlers' -r -f -a "auto\t''
none\t''
backward\t''
forward\t''
full\t''
backward-transitive\t''
forward-transitive\t''
full-transitive\t''"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l writer -d 'What publishers are known to send' -r -f -a "closed\t'Declared fields only; optional ones may be absent'
open\t'Anything that the schema accepts'
dump\t'Declared fields only, and all of them'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l python -d 'The service\'s interpreter or virtual environment [default: the active one, .venv, python3]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l django-settings -d 'Set up Django with this settings module first' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l timeout -d 'How long importing may take' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -l check-only -d 'Write nothing; say what would happen'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from register" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l out -d 'Write one file per topic and version below this directory' -r -f -a "(__fish_complete_directories)"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l python -d 'The service\'s interpreter or virtual environment [default: the active one, .venv, python3]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l django-settings -d 'Set up Django with this settings module first' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l timeout -d 'How long importing may take' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from extract" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l topic -d 'Only topics that this routing pattern matches' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l mode -d 'Who must read whose events: `forward` is old handlers and new events, `backward` new handlers and old events; `auto` follows from the known handlers' -r -f -a "auto\t''
none\t''
backward\t''
forward\t''
full\t''
backward-transitive\t''
forward-transitive\t''
full-transitive\t''"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l writer -d 'What publishers are known to send' -r -f -a "closed\t'Declared fields only; optional ones may be absent'
open\t'Anything that the schema accepts'
dump\t'Declared fields only, and all of them'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l format -d 'How to write the answer [default: as --output says]' -r -f -a "human\t'A short story per topic'
json\t'One JSON document'
markdown\t'For a comment on a pull request'
github\t'Annotations of GitHub Actions'
sarif\t'For code scanning'
junit\t'For test reports'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l fail-on -d 'End with exit code 1 from this level on' -r -f -a "breaking\t'Proved breaks only'
undecided\t'Also what could not be decided'
warning\t'Also warnings'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l python -d 'The service\'s interpreter or virtual environment [default: the active one, .venv, python3]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l django-settings -d 'Set up Django with this settings module first' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l timeout -d 'How long importing may take' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -l show-schema-diff -d 'Show the changed lines of the schemas, too (--verbose does the same)'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from diff" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l batch -d 'Compare many pairs: one {"id", "old", "new"} a line' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l writer -d 'What publishers are known to send' -r -f -a "closed\t'Declared fields only; optional ones may be absent'
open\t'Anything that the schema accepts'
dump\t'Declared fields only, and all of them'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l formats -d 'Whether `format` can make a value invalid' -r -f -a "assert\t''
annotate\t''"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from compat" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l from -d 'The same as SOURCE, as in `schema register`' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l fail-on -d 'The least finding that makes the command exit with 1' -r -f -a "error\t''
warning\t''
info\t''"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l python -d 'The service\'s interpreter or virtual environment [default: the active one, .venv, python3]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l django-settings -d 'Set up Django with this settings module first' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l timeout -d 'How long importing may take' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from lint" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from rules" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l owner -d 'The team that answers for the event; an empty name removes it' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l service -d 'The service that publishes the event; an empty name removes it' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l description -d 'When the event is published' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l remove -d 'Remove a note; may be given several times' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from annotate" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l reason -d 'What to use instead, and by when' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l all-versions -d 'Every version that the registry has now'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -l undo -d 'It may be used again'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from deprecate" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l part -d 'Which schema of the document' -r -f -a "request\t'The payload of an event, or the request of an RPC'
response\t'What a handler returns'
error\t'The error object of a handler'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from validate" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -s n -d 'How many' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l seed -d 'Other numbers give other events' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l part -d 'Which schema of the document' -r -f -a "request\t'The payload of an event, or the request of an RPC'
response\t'What a handler returns'
error\t'The error object of a handler'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema; and __fish_seen_subcommand_from example" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l start-timeout -d 'How long the servers may take to start, in seconds' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l rabbitmq-server -d 'The rabbitmq-server program' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l redis-server -d 'The redis-server program' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l print-env -d 'Print `export` lines for the shell when the servers are ready, then keep running'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l no-redis -d 'Start RabbitMQ only; results come over rpc://'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l tls -d 'Also listen with TLS, with certificates made for the occasion'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -l keep -d 'Leave data and logs behind at the end'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand sandbox" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -f -a "show" -d 'Print every setting, secrets masked'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -f -a "list" -d 'List the profiles, the one in use marked with a star'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -f -a "use" -d 'Use a profile from now on'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and not __fish_seen_subcommand_from show list use check" -f -a "check" -d 'Read every file and follow every reference that is in use'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Say where each value comes from (JSON always does)'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -l none -d 'Use no profile'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from use" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand config; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand completions" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand man" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand schema-of" -s V -l version -d 'Print version'
