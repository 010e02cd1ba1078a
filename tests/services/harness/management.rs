//! The management API, as far as tests need it: a tiny HTTP/1.0 client.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use celerysalt::sandbox::Endpoints;
use serde_json::Value;

use super::eventually;

#[derive(Debug, Clone)]
pub struct Management {
    port: u16,
    authorization: String,
}

impl Management {
    pub fn of(endpoints: &Endpoints) -> Self {
        let credentials = format!("sandbox:{}", endpoints.password.expose());
        let authorization = BASE64_STANDARD.encode(credentials);
        Self { port: endpoints.management_port, authorization }
    }

    /// Panics unless the answer is a success.
    pub fn get(&self, path: &str) -> Value {
        self.find(path).unwrap_or_else(|| panic!("GET {path}: 404"))
    }

    pub fn put(&self, path: &str, body: &Value) {
        self.expect_success("PUT", path, Some(body));
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.expect_success("POST", path, Some(body))
    }

    /// `None` for 404. A busy broker answers with 500 where its own processes wait for each other,
    /// and with half an answer where one of them ends.
    pub fn find(&self, path: &str) -> Option<Value> {
        eventually("the management API has time to answer", || {
            match self.request("GET", path, None) {
                (404, _) => Some(None),
                (200, Value::Null) | (500 | 503, _) => None,
                (200, body) => Some(Some(body)),
                (status, body) => panic!("GET {path}: {status} {body}"),
            }
        })
    }

    fn expect_success(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, answer) = self.request(method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// The status and the body, `null` when there is none.
    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.try_request(method, path, body).unwrap()
    }

    /// For clearing up: no answer is no matter, the broker may be gone.
    pub fn try_delete(&self, path: &str) {
        let _ = self.try_request("DELETE", path, None);
    }

    fn try_request(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> io::Result<(u16, Value)> {
        let body = body.map(ToString::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "{method} /api/{path} HTTP/1.0\r\nHost: localhost\r\nAuthorization: Basic {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.authorization,
            body.len()
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Ok((status, serde_json::from_str(body).unwrap_or_default()))
    }
}
