//! Users who may do less than the sandbox's: what they are told is less, and never wrong.

use serde_json::{Value, json};

use crate::harness::{Celerysalt, Library, Results, Space, Worker, eventually};

/// A user of this space's virtual host alone, with the password `pw`.
struct User<'s> {
    space: &'s Space,
    name: String,
}

impl<'s> User<'s> {
    fn new(space: &'s Space, tags: &str, enters: Enters) -> Self {
        let name = format!("user-of-{}", space.vhost);
        space.management.put(&format!("users/{name}"), &json!({"password": "pw", "tags": tags}));
        if enters == Enters::TheVirtualHost {
            let all = json!({"configure": ".*", "write": ".*", "read": ".*"});
            space.management.put(&format!("permissions/{}/{name}", space.vhost), &all);
        }
        Self { space, name }
    }

    fn celerysalt(&self, arguments: &[&str]) -> Celerysalt {
        let as_user = |url: String| {
            let (scheme, rest) = url.split_once("://").unwrap();
            let (_, place) = rest.split_once('@').unwrap();
            format!("{scheme}://{}:pw@{place}", self.name)
        };
        self.space
            .celerysalt(arguments)
            .env("CELERYSALT_BROKER_URL", as_user(self.space.broker_url()))
            .env("CELERYSALT_MANAGEMENT_URL", as_user(self.space.management_url()))
    }

    fn report(&self, arguments: &[&str]) -> Value {
        let run = self.celerysalt(arguments).args(&["-o", "json"]).run();
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run}"))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Enters {
    TheVirtualHost,
    Nothing,
}

#[test]
fn who_may_not_see_the_consumers_of_others_is_not_told_that_there_are_none() {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    for tags in ["management", "policymaker"] {
        let user = User::new(&space, tags, Enters::TheVirtualHost);
        let route = eventually("the statistics know the worker", || {
            let route = user.report(&["bindings", "route", "order.created"]);
            (route["queues"][0]["consumers"] == 1).then_some(route)
        });
        assert_eq!(route["warnings"], json!([]), "{tags}");
        let audit = user.report(&["bindings", "check"]);
        let rules = audit["findings"].as_array().unwrap().iter().map(|finding| &finding["rule"]);
        let rules: Vec<&Value> = rules.collect();
        assert!(!rules.contains(&&json!("CB002")), "{tags}: {audit}");
        let doctor = user.report(&["doctor", "--worker-timeout", "10s"]);
        let workers = doctor["checks"].as_array().unwrap().iter().find(|c| c["name"] == "workers");
        assert_eq!(workers.unwrap()["message"], format!("salt@{}", space.vhost), "{tags}");
    }
}

#[test]
fn who_may_not_enter_the_virtual_host_is_not_told_that_the_password_is_wrong() {
    let space = Space::new();
    let user = User::new(&space, "management", Enters::Nothing);
    for arguments in [&["bindings"][..], &["dlq", "list"], &["bindings", "route", "a"]] {
        let run = user.celerysalt(arguments).run();
        assert_eq!(run.code, Some(4), "{run}");
        let vhost = format!("no virtual host \"{}\" that \"{}\" may use", space.vhost, user.name);
        assert!(run.stderr.contains(&vhost), "{run}");
    }
}
