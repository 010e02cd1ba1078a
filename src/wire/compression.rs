//! The `compression` header: what kombu compressed, decompressed under a size limit.

use std::io::{self, Read};

use thiserror::Error;

/// The largest xz dictionary we set up; `xz -9` needs 65 MiB.
const XZ_MEMORY_BYTES: u64 = 128 << 20;

/// Why a compressed body stays unread.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CompressionError {
    #[error("the compression {0:?} is not one that kombu knows")]
    Unknown(String),
    #[error("the body is larger than {limit} bytes once decompressed ({method})")]
    TooLarge { method: &'static str, limit: usize },
    #[error("the {method} body is broken or cut short: {reason}")]
    Broken { method: &'static str, reason: String },
}

/// The methods of kombu, by the content types and aliases it registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Zlib,
    Bzip2,
    Xz,
    Brotli,
    Zstd,
}

impl Method {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "application/x-gzip" | "application/gzip" | "gzip" | "zlib" => Self::Zlib,
            "application/x-bz2" | "application/x-bzip2" | "bzip2" | "bzip" => Self::Bzip2,
            "application/x-lzma" | "application/x-xz" | "lzma" | "xz" => Self::Xz,
            "application/x-brotli" | "brotli" => Self::Brotli,
            "application/zstd" | "application/x-zstd" | "zstd" | "zstandard" => Self::Zstd,
            _ => return None,
        })
    }

    fn label(self) -> &'static str {
        match self {
            Self::Zlib => "zlib",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Brotli => "brotli",
            Self::Zstd => "zstd",
        }
    }
}

/// Decompresses `body` into `out`, which is emptied first.
pub(super) fn decompress(
    name: &str,
    body: &[u8],
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), CompressionError> {
    let Some(method) = Method::named(name) else {
        return Err(CompressionError::Unknown(name.to_owned()));
    };
    out.clear();
    let broken = |error: io::Error| CompressionError::Broken {
        method: method.label(),
        reason: error.to_string(),
    };
    let mut reader = reader(method, body).map_err(broken)?;
    // One byte more than allowed tells "exactly at the limit" from "over it".
    let read = reader.by_ref().take(limit as u64 + 1).read_to_end(out).map_err(broken)?;
    if read > limit {
        return Err(CompressionError::TooLarge { method: method.label(), limit });
    }
    Ok(())
}

fn reader(method: Method, body: &[u8]) -> io::Result<Box<dyn Read + '_>> {
    Ok(match method {
        // kombu's "gzip" is a bare zlib stream; other publishers take the name at its word.
        Method::Zlib if body.starts_with(&[0x1f, 0x8b]) => {
            Box::new(flate2::read::MultiGzDecoder::new(body))
        }
        Method::Zlib => Box::new(flate2::read::ZlibDecoder::new(body)),
        Method::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(body)),
        Method::Xz => {
            let stream = liblzma::stream::Stream::new_auto_decoder(XZ_MEMORY_BYTES, 0)?;
            Box::new(liblzma::read::XzDecoder::new_stream(body, stream))
        }
        Method::Brotli => Box::new(brotli_decompressor::Decompressor::new(body, 4096)),
        Method::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(body)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    /// `hello hello hello` by Python 3.11 with zlib, gzip, bz2, lzma, brotli and backports.zstd.
    const SAMPLES: &[(&str, &str)] = &[
        ("application/x-gzip", "eJzLSM3JyVfIQJAAOi4GfQ=="),
        ("application/x-gzip", "H4sIAAAAAAACA8tIzcnJV8hAkACAiPnlEQAAAA=="),
        ("application/x-bz2", "QlpoOTFBWSZTWZ5iW/4AAAKRAEAAAkSgACEUYGaCke8jRwu5IpwoSE8xLf8A"),
        (
            "application/x-lzma",
            "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AAQAAtdADQZSe6N6U9+FeAAAABLiObaRIAHdgABJxG8J/OQH7bzfQEAAAAABFla",
        ),
        (
            "application/x-xz",
            "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AAQAAtdADQZSe6N6U9+FeAAAABLiObaRIAHdgABJxG8J/OQH7bzfQEAAAAABFla",
        ),
        ("application/x-lzma", "XQAAgAD//////////wA0GUnujelPfzXFo///eKQAAA=="),
        ("application/x-brotli", "GxAA+I2Ubt5EVYaWbCBvAU8cYBw="),
        ("application/zstd", "KLUv/SARZQAAMGhlbGxvIAEAMUoR"),
    ];

    fn decompressed(name: &str, body: &[u8], limit: usize) -> Result<Vec<u8>, CompressionError> {
        let mut out = b"left over".to_vec();
        decompress(name, body, limit, &mut out).map(|()| out)
    }

    #[test]
    fn every_method_of_kombu_is_read() {
        for (name, sample) in SAMPLES {
            let body = STANDARD.decode(sample).unwrap();
            let plain = decompressed(name, &body, 17).unwrap();
            assert_eq!(String::from_utf8(plain).unwrap(), "hello hello hello", "{name}");
        }
    }

    #[test]
    fn one_byte_over_the_limit_is_an_error_that_names_it() {
        for (name, sample) in SAMPLES {
            let body = STANDARD.decode(sample).unwrap();
            let error = decompressed(name, &body, 16).unwrap_err();
            assert!(matches!(error, CompressionError::TooLarge { limit: 16, .. }), "{name}");
        }
    }

    #[test]
    fn a_body_that_is_cut_short_anywhere_is_broken() {
        for (name, sample) in SAMPLES {
            let body = STANDARD.decode(sample).unwrap();
            for length in 0..body.len() {
                let outcome = decompressed(name, &body[..length], 1000);
                let is_broken = matches!(outcome, Err(CompressionError::Broken { .. }));
                assert!(is_broken, "{name} cut to {length} of {}: {outcome:?}", body.len());
            }
        }
    }

    #[test]
    fn an_unknown_method_is_named() {
        let error = decompressed("application/x-snappy", b"", 10).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the compression \"application/x-snappy\" is not one that kombu knows"
        );
    }

    #[test]
    fn a_gigabyte_of_zeros_stops_at_the_limit() {
        // One mebibyte as a self-contained deflate block, a thousand times over.
        let mut block = Vec::with_capacity(1 << 16);
        flate2::Compress::new(flate2::Compression::best(), false)
            .compress_vec(&vec![0; 1 << 20], &mut block, flate2::FlushCompress::Full)
            .unwrap();
        let bomb = [b"\x78\x01".as_slice(), &block.repeat(1024)].concat();
        let error = decompressed("application/x-gzip", &bomb, 1 << 20).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the body is larger than 1048576 bytes once decompressed (zlib)"
        );
    }
}
