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
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "sandbox" -d 'Start a throw-away RabbitMQ and Redis, optionally for one command'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "config" -d 'Show, check and choose settings'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "man" -d 'Print the manual page of a command, in roff'
complete -c celerysalt -n "__fish_celerysalt_needs_command" -f -a "schema-of" -d 'Print the JSON Schema of a command\'s JSON output'
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
