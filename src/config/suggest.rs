/// The candidate that `typed` was probably meant to be.
pub fn closest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(typed, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_nonsense_finds_none() {
        let names = ["broker", "backend", "registry"];
        assert_eq!(closest("brokr", names), Some("broker".to_owned()));
        assert_eq!(closest("bakend", names), Some("backend".to_owned()));
        assert_eq!(closest("zzz", names), None);
    }
}
