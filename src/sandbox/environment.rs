//! Where the servers of a sandbox are, and the variables that tell programs so.

use crate::secret::Secret;

/// The user of the broker; Redis has only a password.
pub(super) const USER: &str = "sandbox";

/// The addresses of a sandbox's servers. All of them listen on 127.0.0.1 only.
#[derive(Debug, Clone)]
pub struct Endpoints {
    pub amqp_port: u16,
    pub management_port: u16,
    /// `None` without Redis.
    pub redis_port: Option<u16>,
    /// The password of the broker's user and of Redis.
    pub password: Secret,
    pub exchange: String,
}

impl Endpoints {
    /// `amqp://…/%2F`: the default virtual host `/`, in the spelling every client understands.
    pub fn broker_url(&self) -> Secret {
        self.vhost_url("%2F")
    }

    /// The broker with another virtual host, percent-encoded where its name needs it.
    pub fn vhost_url(&self, vhost: &str) -> Secret {
        let (password, port) = (self.password.expose(), self.amqp_port);
        Secret::new(format!("amqp://{USER}:{password}@127.0.0.1:{port}/{vhost}"))
    }

    pub fn management_url(&self) -> Secret {
        let (password, port) = (self.password.expose(), self.management_port);
        Secret::new(format!("http://{USER}:{password}@127.0.0.1:{port}"))
    }

    pub fn redis_url(&self) -> Option<Secret> {
        let (password, port) = (self.password.expose(), self.redis_port?);
        Some(Secret::new(format!("redis://:{password}@127.0.0.1:{port}/0")))
    }

    /// Variables for a program that is to use the sandbox.
    ///
    /// Every name that `celerysalt`, Celery or one of the libraries reads is set, so that none of
    /// them is left pointing at another broker. Without Redis the results come over `rpc://`.
    pub fn environment(&self) -> Vec<(&'static str, Secret)> {
        let broker = self.broker_url();
        let backend = self.redis_url().unwrap_or_else(|| Secret::new("rpc://"));
        let mut variables = vec![
            ("CELERYSALT_BROKER_URL", broker.clone()),
            ("CELERYSALT_RABBITMQ_URL", broker.clone()),
            ("CELERY_SALT_BROKER_URL", broker.clone()),
            ("CELERY_BROKER_URL", broker.clone()),
            ("BROKER_URL", broker.clone()),
            ("RABBITMQ_URL", broker),
            ("CELERYSALT_BACKEND_URL", backend.clone()),
            ("CELERY_RESULT_BACKEND", backend),
        ];
        if let Some(redis) = self.redis_url() {
            variables.push(("CELERYSALT_REDIS_URL", redis.clone()));
            variables.push(("REDIS_URL", redis));
        }
        variables.push(("CELERYSALT_MANAGEMENT_URL", self.management_url()));
        variables.push(("CELERYSALT_EXCHANGE", Secret::new(&*self.exchange)));
        variables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(redis_port: Option<u16>) -> String {
        let endpoints = Endpoints {
            amqp_port: 20001,
            management_port: 20002,
            redis_port,
            password: Secret::new("pw"),
            exchange: "tchu_events".to_owned(),
        };
        let lines = endpoints.environment().into_iter();
        lines.map(|(name, value)| format!("{name}={}\n", value.expose())).collect()
    }

    #[test]
    fn the_environment_points_every_library_at_the_sandbox() {
        insta::assert_snapshot!(endpoints(Some(20003)), @"
        CELERYSALT_BROKER_URL=amqp://sandbox:pw@127.0.0.1:20001/%2F
        CELERYSALT_RABBITMQ_URL=amqp://sandbox:pw@127.0.0.1:20001/%2F
        CELERY_SALT_BROKER_URL=amqp://sandbox:pw@127.0.0.1:20001/%2F
        CELERY_BROKER_URL=amqp://sandbox:pw@127.0.0.1:20001/%2F
        BROKER_URL=amqp://sandbox:pw@127.0.0.1:20001/%2F
        RABBITMQ_URL=amqp://sandbox:pw@127.0.0.1:20001/%2F
        CELERYSALT_BACKEND_URL=redis://:pw@127.0.0.1:20003/0
        CELERY_RESULT_BACKEND=redis://:pw@127.0.0.1:20003/0
        CELERYSALT_REDIS_URL=redis://:pw@127.0.0.1:20003/0
        REDIS_URL=redis://:pw@127.0.0.1:20003/0
        CELERYSALT_MANAGEMENT_URL=http://sandbox:pw@127.0.0.1:20002
        CELERYSALT_EXCHANGE=tchu_events
        ");
    }

    #[test]
    fn without_redis_results_come_over_the_broker() {
        let text = endpoints(None);
        assert!(text.contains("CELERY_RESULT_BACKEND=rpc://\n"), "{text}");
        assert!(!text.to_lowercase().contains("redis"), "{text}");
    }
}
