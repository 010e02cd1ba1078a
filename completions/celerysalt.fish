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
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "replay" -d 'Publish the events of a recording, or of a queue, again'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "follow" -d 'Follow one event from its publisher to its results'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "top" -d 'Watch the traffic of topics and queues'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "dlq" -d 'Find dead letters, look at them, send them back'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "queue" -d 'Look into a queue, empty it, move its messages'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "schema" -d 'Extract, register, look up and compare event schemas'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "bindings" -d 'Show who receives which topics, and why not'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "workers" -d 'List the Celery workers, the queues they read and the tasks they know'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "doctor" -d 'Check everything that can be reached, and say how to mend what is wrong'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "generate" -d 'Generate types, documents and pages from the registry'
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
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l speed -d '1x is the original timing, 2x twice as fast, max without waiting; in a queue the times are those of the deaths [default: 1x for a recording, max for a queue]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l rate -d 'Publish at most so many events a second instead, for example 100/s' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l topic -d 'Only topics that match; may be repeated' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l filter -d 'Only events whose record makes this jq expression true' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l to -d 'Publish everything to this topic, or to this queue only' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -s n -d 'Publish at most N events' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l skip -d 'Pass over the first N lines, or messages of the queue, to resume an interrupted replay' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l max-retries -d 'Leave messages of the queue that were sent again N times already [default: 3]' -r
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
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l remove -d 'Remove each message from the queue once the broker has confirmed that it is published'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l count-delivery -d 'Read a quorum queue too, which counts what stays in it as a failed delivery'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -l dry-run -d 'Show what would be published and when; of a recording without a connection'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand replay" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -s n -d 'Follow N events of the topic, each to its own end' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l for -d 'Wait at most so long' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -l id -d 'Take the argument for an id, although it does not look like one'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand follow" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -s n -d 'End after N frames' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l for -d 'End after this time; with -n the N frames are spread over it' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l interval -d 'The time between two frames [default: 2s]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l rows -d 'Show at most N topics and N queues, the busiest; 0 for all' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -l no-validate -d 'Do not look at schemas'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand top" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -f -a "list" -d 'List the queues that others dead-letter to, and queues whose dead letters get lost'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -f -a "show" -d 'Show dead letters without removing them'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -f -a "retry" -d 'Send dead letters back'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and not __fish_seen_subcommand_from list show retry purge" -f -a "purge" -d 'Remove all messages of a dead-letter queue'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -s n -d 'Show at most N messages, from the head of the queue' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l filter -d 'Show only messages whose record makes this jq expression true, for example \'.dead_letter.deaths[0].reason == "expired"\'' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -l count-delivery -d 'Look into a quorum queue too, which counts every look as a failed delivery'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -s n -d 'Send at most N messages' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l filter -d 'Only messages whose record (see `dlq show`) makes this jq expression true' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l rate -d 'Send at most so many messages a second, for example 10/s' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l max-retries -d 'Leave messages that this command has sent back N times already' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l max-deaths -d 'Leave messages that have died N times in their original queue, as the broker counts' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l to-topic -d 'Publish to the topic again instead, so that every subscriber receives it once more'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l include-rpc -d 'Also send RPC requests, although nobody waits for the answers'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l trust-headers -d 'Believe the headers about the original queue; needs no management API'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l dry-run -d 'Count what would be sent where; send nothing'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -l count-delivery -d 'Read a quorum queue too, which counts what stays in it as a failed delivery'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from retry" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -l yes -d 'Do not ask'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand dlq; and __fish_seen_subcommand_from purge" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -f -a "peek" -d 'Show messages of a queue without removing them'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -f -a "purge" -d 'Remove all messages of a queue'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and not __fish_seen_subcommand_from peek purge move" -f -a "move" -d 'Move messages from one queue to another'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -s n -d 'Show at most N messages, from the head of the queue' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l filter -d 'Show only messages whose record makes this jq expression true, for example \'.dead_letter.deaths[0].reason == "expired"\'' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -l count-delivery -d 'Look into a quorum queue too, which counts every look as a failed delivery'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from peek" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -l yes -d 'Do not ask'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from purge" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -s n -d 'Move at most N messages' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l filter -d 'Only messages whose record (see `queue peek`) makes this jq expression true' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l rate -d 'Move at most so many messages a second, for example 100/s' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l dry-run -d 'Count what would be moved; move nothing'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -l count-delivery -d 'Read a quorum queue too, which counts what stays in it as a failed delivery'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand queue; and __fish_seen_subcommand_from move" -s V -l version -d 'Print version'
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
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l queue -d 'Only those that lead to this queue' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l topic -d 'Only those that a topic matched by this pattern could take' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l definitions -d 'Read this file instead of a broker: what `rabbitmqctl export_definitions` wrote' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l vhost -d 'The virtual host; that of the broker\'s URL, or the only one in the file that has the exchange' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -l all -d 'Also what Celery and this tool need for themselves: mailboxes, worker events, reply queues, and every queue\'s implicit binding to the default exchange'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -f -a "list" -d 'List bindings with the queues they lead to'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -f -a "route" -d 'Show who receives a topic, by which binding'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -f -a "graph" -d 'Draw exchanges, queues, bindings and workers'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -f -a "plan" -d 'Show who would gain or lose which topics if bindings changed'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and not __fish_seen_subcommand_from list route graph plan check" -f -a "check" -d 'Look for bindings, queues and workers that do not fit together'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l queue -d 'Only those that lead to this queue' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l topic -d 'Only those that a topic matched by this pattern could take' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l definitions -d 'Read this file instead of a broker: what `rabbitmqctl export_definitions` wrote' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l vhost -d 'The virtual host; that of the broker\'s URL, or the only one in the file that has the exchange' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -l all -d 'Also what Celery and this tool need for themselves: mailboxes, worker events, reply queues, and every queue\'s implicit binding to the default exchange'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l library -d 'The library that the services use, where their queues do not tell' -r -f -a "celery-salt\t''
tchu-tchu\t''"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l definitions -d 'Read this file instead of a broker: what `rabbitmqctl export_definitions` wrote' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l vhost -d 'The virtual host; that of the broker\'s URL, or the only one in the file that has the exchange' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l explain -d 'Tell for each queue that does not receive it which binding comes nearest and what differs'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -l all -d 'Also queues that no service reads events from, such as those of `celerysalt tail`'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from route" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l format -d 'How to draw' -r -f -a "tree\t'For a terminal'
dot\t'For Graphviz'
mermaid\t'For Mermaid, as many wikis draw it'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l definitions -d 'Read this file instead of a broker: what `rabbitmqctl export_definitions` wrote' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l vhost -d 'The virtual host; that of the broker\'s URL, or the only one in the file that has the exchange' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -l all -d 'Also what Celery and this tool need for themselves'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from graph" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l add -d 'Bind this queue to the exchange with this pattern. May be repeated' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l remove -d 'Remove this binding of a queue to the exchange. May be repeated' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l definitions -d 'Read this file instead of a broker: what `rabbitmqctl export_definitions` wrote' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l vhost -d 'The virtual host; that of the broker\'s URL, or the only one in the file that has the exchange' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from plan" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l explain -d 'Explain a rule, by its code or its name, or list all rules with `all`; checks nothing' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l level -d 'Look only at findings of this level and worse' -r -f -a "error\t'Events are lost, or a service cannot start'
warning\t'Something is likely to be wrong'
info\t'Worth knowing'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l backlog -d 'More waiting messages than this are a backlog' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l worker-timeout -d 'How long to wait for the answers of workers; 0 does not ask them' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l listen -d 'How long to listen for events that come with a task nobody knows, and for busy topics and growing queues; 0 does not listen' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l code -d 'Read what a service subscribes to out of its code as well: the module of its Celery app, or the modules of its handlers and the queue they are for' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l python -d 'The service\'s interpreter or virtual environment [default: the active one, .venv, python3]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l django-settings -d 'Set up Django with this settings module first' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l import-timeout -d 'How long importing may take' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l definitions -d 'Read this file instead of a broker: what `rabbitmqctl export_definitions` wrote' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l vhost -d 'The virtual host; that of the broker\'s URL, or the only one in the file that has the exchange' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand bindings; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l timeout -d 'How long to wait for answers' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -l tasks -d 'Show the names of the tasks as well'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand workers" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l format -d 'How to print for a monitoring system, in place of the checklist' -r -f -a "nagios\t'One line and an exit status, as a Nagios plugin'
prometheus\t'Metrics for the textfile collector of Prometheus\' node exporter'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l level -d 'Look only at findings of this level and worse' -r -f -a "error\t'Events are lost, or a service cannot start'
warning\t'Something is likely to be wrong'
info\t'Worth knowing'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l backlog -d 'More waiting messages than this are a backlog' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l worker-timeout -d 'How long to wait for the answers of workers; 0 does not ask them' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l listen -d 'How long to listen for events that come with a task nobody knows, and for busy topics and growing queues; 0 does not listen' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l code -d 'Read what a service subscribes to out of its code as well: the module of its Celery app, or the modules of its handlers and the queue they are for' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l python -d 'The service\'s interpreter or virtual environment [default: the active one, .venv, python3]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l django-settings -d 'Set up Django with this settings module first' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l import-timeout -d 'How long importing may take' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -s V -l version -d 'Print version'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -f -a "stubs" -d 'Generate a Python package with the types of every event'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -f -a "jsonschema" -d 'Generate one JSON Schema file with the schemas of every event'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -f -a "typescript" -d 'Generate TypeScript types and a map of topics'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -f -a "asyncapi" -d 'Generate an AsyncAPI 3.0 document'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and not __fish_seen_subcommand_from stubs jsonschema typescript asyncapi docs" -f -a "docs" -d 'Generate documentation: Markdown, and one HTML page that needs no network'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l version -d 'This version instead of each topic\'s latest' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l style -d 'What to generate' -r -f -a "salt\t'Event classes for celery-salt with Pydantic payloads'
pydantic\t'Pydantic models only'
pyi\t'The types of `salt` for type checkers alone, as .pyi files'
typeddict\t'TypedDict: the shapes of decoded JSON, for plain handlers'
dataclass\t'Frozen dataclasses: the shapes of decoded JSON; nothing is parsed'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l out -d 'The folder of the package [default: celerysalt_types]' -r -f -a "(__fish_complete_directories)"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l all-versions -d 'Every version of each topic'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l check -d 'Write nothing; show what differs, and fail if anything does'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -l watch -d 'Keep running, and generate again whenever the registry changes'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from stubs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l version -d 'This version instead of each topic\'s latest' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l out -d 'The file [default: celerysalt.schema.json]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l all-versions -d 'Every version of each topic'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l check -d 'Write nothing; show what differs, and fail if anything does'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -l watch -d 'Keep running, and generate again whenever the registry changes'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from jsonschema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l version -d 'This version instead of each topic\'s latest' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l out -d 'The folder [default: events-ts]' -r -f -a "(__fish_complete_directories)"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l all-versions -d 'Every version of each topic'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l check -d 'Write nothing; show what differs, and fail if anything does'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -l watch -d 'Keep running, and generate again whenever the registry changes'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from typescript" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l version -d 'This version instead of each topic\'s latest' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l out -d 'The file [default: asyncapi.json]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l all-versions -d 'Every version of each topic'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l check -d 'Write nothing; show what differs, and fail if anything does'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -l watch -d 'Keep running, and generate again whenever the registry changes'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from asyncapi" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l version -d 'This version instead of each topic\'s latest' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l out -d 'The folder [default: event-docs]' -r -f -a "(__fish_complete_directories)"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l profile -d 'Use the settings of this profile [env: CELERYSALT_PROFILE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l broker -d 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l management -d 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l backend -d 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l registry -d 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l exchange -d 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]' -r
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l tls-ca -d 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l tls-cert -d 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l tls-key -d 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l config -d 'Read this file instead of searching for celerysalt.toml' -r -F
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -s o -l output -d 'How to print the answer' -r -f -a "human\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Even into a pipe'
never\t'Plain text'"
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l all-versions -d 'Every version of each topic'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l check -d 'Write nothing; show what differs, and fail if anything does'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -l watch -d 'Keep running, and generate again whenever the registry changes'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -s q -l quiet -d 'Print the answer and problems, nothing else'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -s v -l verbose -d 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]'
complete -c celerysalt -n "__fish_celerysalt_using_subcommand generate; and __fish_seen_subcommand_from docs" -s h -l help -d 'Print help (see more with \'--help\')'
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
