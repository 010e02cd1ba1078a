//! What a command works with: settings, the printer, and later the connections it asks for.

use crate::config::Settings;
use crate::ui::Ui;

pub struct Context {
    pub settings: Settings,
    pub ui: Ui,
}
