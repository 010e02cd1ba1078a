//! Words that samples are made of. Their order is part of what a seed means.

pub(super) const FIRST_NAMES: &[&str] = &[
    "Ada", "Amir", "Chloe", "Diego", "Emma", "Farah", "Grace", "Hugo", "Ines", "Jonas", "Kenji",
    "Lena", "Maya", "Noah", "Olivia", "Priya", "Rosa", "Sofia", "Tomas", "Zoe",
];
pub(super) const LAST_NAMES: &[&str] = &[
    "Alvarez", "Becker", "Chen", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito",
    "Jensen", "Kowalski", "Larsen", "Meyer", "Novak", "Okafor", "Patel", "Rossi", "Silva",
];
pub(super) const COMPANIES: &[&str] =
    &["Northwind", "Blue Harbor", "Acme", "Lumen Works", "Greenfield", "Papillon", "Tidewater"];
pub(super) const CITIES: &[&str] = &[
    "Amsterdam",
    "Berlin",
    "Boston",
    "Lisbon",
    "Lyon",
    "Madrid",
    "Montreal",
    "Nairobi",
    "Oslo",
    "Porto",
    "Seattle",
    "Vienna",
];
pub(super) const COUNTRIES: &[&str] =
    &["Austria", "Canada", "France", "Germany", "Kenya", "Norway", "Portugal", "Spain"];
pub(super) const COUNTRY_CODES: &[&str] = &["AT", "CA", "DE", "ES", "FR", "KE", "NO", "PT", "US"];
pub(super) const CURRENCIES: &[&str] = &["EUR", "USD", "GBP", "CHF", "CAD"];
pub(super) const STREETS: &[&str] =
    &["Main Street", "Station Road", "Park Avenue", "Mill Lane", "Harbor Street", "Church Road"];
pub(super) const PRODUCTS: &[&str] = &[
    "desk lamp",
    "coffee grinder",
    "notebook",
    "rain jacket",
    "bike light",
    "teapot",
    "phone stand",
    "backpack",
];
pub(super) const HOSTS: &[&str] = &["www", "api", "shop", "mail", "static"];
pub(super) const KEYS: &[&str] = &[
    "blue", "green", "small", "large", "first", "second", "north", "south", "basic", "extra",
    "alpha", "beta", "gamma", "delta", "home", "work",
];
pub(super) const WORDS: &[&str] = &[
    "amber", "anchor", "autumn", "basket", "bridge", "candle", "canvas", "cedar", "copper",
    "coral", "dune", "ember", "feather", "garden", "glacier", "harbor", "island", "jasmine",
    "lantern", "maple", "meadow", "orchard", "pebble", "quartz", "river", "saffron", "thistle",
    "valley", "willow", "winter",
];
