
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'celerysalt' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'celerysalt'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'celerysalt' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the settings of this profile [env: CELERYSALT_PROFILE]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]')
            [CompletionResult]::new('--management', '--management', [CompletionResultType]::ParameterName, 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]')
            [CompletionResult]::new('--exchange', '--exchange', [CompletionResultType]::ParameterName, 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]')
            [CompletionResult]::new('--tls-ca', '--tls-ca', [CompletionResultType]::ParameterName, 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this file instead of searching for celerysalt.toml')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show, check and choose settings')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page of a command, in roff')
            [CompletionResult]::new('schema-of', 'schema-of', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of a command''s JSON output')
            break
        }
        'celerysalt;config' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the settings of this profile [env: CELERYSALT_PROFILE]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]')
            [CompletionResult]::new('--management', '--management', [CompletionResultType]::ParameterName, 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]')
            [CompletionResult]::new('--exchange', '--exchange', [CompletionResultType]::ParameterName, 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]')
            [CompletionResult]::new('--tls-ca', '--tls-ca', [CompletionResultType]::ParameterName, 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this file instead of searching for celerysalt.toml')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting, secrets masked')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the profiles, the one in use marked with a star')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Use a profile from now on')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Read every file and follow every reference that is in use')
            break
        }
        'celerysalt;config;show' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the settings of this profile [env: CELERYSALT_PROFILE]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]')
            [CompletionResult]::new('--management', '--management', [CompletionResultType]::ParameterName, 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]')
            [CompletionResult]::new('--exchange', '--exchange', [CompletionResultType]::ParameterName, 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]')
            [CompletionResult]::new('--tls-ca', '--tls-ca', [CompletionResultType]::ParameterName, 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this file instead of searching for celerysalt.toml')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'Say where each value comes from (JSON always does)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'celerysalt;config;list' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the settings of this profile [env: CELERYSALT_PROFILE]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]')
            [CompletionResult]::new('--management', '--management', [CompletionResultType]::ParameterName, 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]')
            [CompletionResult]::new('--exchange', '--exchange', [CompletionResultType]::ParameterName, 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]')
            [CompletionResult]::new('--tls-ca', '--tls-ca', [CompletionResultType]::ParameterName, 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this file instead of searching for celerysalt.toml')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'celerysalt;config;use' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the settings of this profile [env: CELERYSALT_PROFILE]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]')
            [CompletionResult]::new('--management', '--management', [CompletionResultType]::ParameterName, 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]')
            [CompletionResult]::new('--exchange', '--exchange', [CompletionResultType]::ParameterName, 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]')
            [CompletionResult]::new('--tls-ca', '--tls-ca', [CompletionResultType]::ParameterName, 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this file instead of searching for celerysalt.toml')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--none', '--none', [CompletionResultType]::ParameterName, 'Use no profile')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'celerysalt;config;check' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the settings of this profile [env: CELERYSALT_PROFILE]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]')
            [CompletionResult]::new('--management', '--management', [CompletionResultType]::ParameterName, 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]')
            [CompletionResult]::new('--exchange', '--exchange', [CompletionResultType]::ParameterName, 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]')
            [CompletionResult]::new('--tls-ca', '--tls-ca', [CompletionResultType]::ParameterName, 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this file instead of searching for celerysalt.toml')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'celerysalt;completions' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the settings of this profile [env: CELERYSALT_PROFILE]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]')
            [CompletionResult]::new('--management', '--management', [CompletionResultType]::ParameterName, 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]')
            [CompletionResult]::new('--exchange', '--exchange', [CompletionResultType]::ParameterName, 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]')
            [CompletionResult]::new('--tls-ca', '--tls-ca', [CompletionResultType]::ParameterName, 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this file instead of searching for celerysalt.toml')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'celerysalt;man' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the settings of this profile [env: CELERYSALT_PROFILE]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]')
            [CompletionResult]::new('--management', '--management', [CompletionResultType]::ParameterName, 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]')
            [CompletionResult]::new('--exchange', '--exchange', [CompletionResultType]::ParameterName, 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]')
            [CompletionResult]::new('--tls-ca', '--tls-ca', [CompletionResultType]::ParameterName, 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this file instead of searching for celerysalt.toml')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'celerysalt;schema-of' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the settings of this profile [env: CELERYSALT_PROFILE]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]')
            [CompletionResult]::new('--management', '--management', [CompletionResultType]::ParameterName, 'The RabbitMQ management API, guessed from the broker when absent [env: CELERYSALT_MANAGEMENT_URL]')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'The Celery result backend, for example redis://host:6379/0 or rpc:// [env: CELERYSALT_BACKEND_URL]')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]')
            [CompletionResult]::new('--exchange', '--exchange', [CompletionResultType]::ParameterName, 'The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]')
            [CompletionResult]::new('--tls-ca', '--tls-ca', [CompletionResultType]::ParameterName, 'Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this file instead of searching for celerysalt.toml')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the answer and problems, nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
