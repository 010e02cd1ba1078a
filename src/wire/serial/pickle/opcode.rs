//! Opcodes that are refused, with their names in Python's `pickletools`.

use super::super::SerialError;

const RUNS_CODE: &str = "it would run code";
const NEEDS_OTHERS: &str = "it needs data from outside of the message";

/// The error for an opcode that the machine does not execute.
pub(super) fn refusal(byte: u8, offset: usize) -> SerialError {
    let (name, reason) = match byte {
        b'c' => ("GLOBAL", RUNS_CODE),
        b'R' => ("REDUCE", RUNS_CODE),
        b'b' => ("BUILD", RUNS_CODE),
        b'i' => ("INST", RUNS_CODE),
        b'o' => ("OBJ", RUNS_CODE),
        0x81 => ("NEWOBJ", RUNS_CODE),
        0x92 => ("NEWOBJ_EX", RUNS_CODE),
        0x93 => ("STACK_GLOBAL", RUNS_CODE),
        0x82 => ("EXT1", RUNS_CODE),
        0x83 => ("EXT2", RUNS_CODE),
        0x84 => ("EXT4", RUNS_CODE),
        b'P' => ("PERSID", NEEDS_OTHERS),
        b'Q' => ("BINPERSID", NEEDS_OTHERS),
        0x97 => ("NEXT_BUFFER", NEEDS_OTHERS),
        0x98 => ("READONLY_BUFFER", NEEDS_OTHERS),
        _ => return SerialError::UnknownOpcode { byte, offset },
    };
    SerialError::RefusedOpcode { name, byte, offset, reason }
}
