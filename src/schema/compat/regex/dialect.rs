use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{
    AssertionKind, Ast, ClassBracketed, ClassPerl, ClassPerlKind, ClassSet, ClassSetItem,
    GroupKind, LiteralKind, SpecialLiteralKind,
};
use regex_syntax::hir::translate::Translator;

use super::Pattern;
use super::machine::Machine;

/// ECMA-262 white space and line terminators.
const ECMA_SPACE: &str = r"\t\n\x0B\x0C\r \u{A0}\u{FEFF}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}";

/// `None` when a reading of the pattern cannot be a finite automaton, or when ECMA-262 and Rust
/// would parse it differently.
pub(super) fn compile(text: &str) -> Option<Pattern> {
    // `{,3}` is a quantifier in Rust and plain text in ECMA-262.
    if text.contains("{,") {
        return None;
    }
    let ast = Parser::new().parse(text).ok()?;
    let mut ecma = ast.clone();
    let mut reading = Reading { differs: false };
    reading.rewrite(&mut ecma)?;
    let rust = machine(text, &ast)?;
    let ecma = if reading.differs { Some(machine(text, &ecma)?) } else { None };
    Some(Pattern { rust, ecma })
}

fn machine(text: &str, ast: &Ast) -> Option<Machine> {
    Machine::from_hir(&Translator::new().translate(text, ast).ok()?)
}

/// Rewrites a Rust syntax tree into what ECMA-262 means by the same text.
struct Reading {
    differs: bool,
}

impl Reading {
    fn rewrite(&mut self, ast: &mut Ast) -> Option<()> {
        match ast {
            Ast::Empty(_) | Ast::ClassUnicode(_) => Some(()),
            Ast::Literal(literal) => is_shared(&literal.kind).then_some(()),
            Ast::Assertion(assertion) => {
                matches!(assertion.kind, AssertionKind::StartLine | AssertionKind::EndLine)
                    .then_some(())
            }
            // Inline flags exist in Rust only.
            Ast::Flags(_) => None,
            Ast::Dot(_) => {
                self.differs = true;
                *ast = parse_class(r"[^\n\r\u{2028}\u{2029}]")?;
                Some(())
            }
            Ast::ClassPerl(class) => {
                self.differs = true;
                *ast = parse_class(&ecma_class(class))?;
                Some(())
            }
            Ast::ClassBracketed(class) => self.rewrite_set(&mut class.kind),
            Ast::Repetition(repetition) => self.rewrite(&mut repetition.ast),
            Ast::Group(group) => {
                if let GroupKind::NonCapturing(flags) = &group.kind
                    && !flags.items.is_empty()
                {
                    return None;
                }
                self.rewrite(&mut group.ast)
            }
            Ast::Alternation(branches) => {
                branches.asts.iter_mut().try_for_each(|branch| self.rewrite(branch))
            }
            Ast::Concat(parts) => parts.asts.iter_mut().try_for_each(|part| self.rewrite(part)),
        }
    }

    fn rewrite_set(&mut self, set: &mut ClassSet) -> Option<()> {
        match set {
            ClassSet::Item(item) => self.rewrite_item(item),
            // `&&`, `--` and `~~` are set operators in Rust and plain characters in ECMA-262.
            ClassSet::BinaryOp(_) => None,
        }
    }

    fn rewrite_item(&mut self, item: &mut ClassSetItem) -> Option<()> {
        match item {
            ClassSetItem::Empty(_)
            | ClassSetItem::Literal(_)
            | ClassSetItem::Range(_)
            | ClassSetItem::Unicode(_) => Some(()),
            // A bracket inside a class is a plain character in ECMA-262.
            ClassSetItem::Ascii(_) | ClassSetItem::Bracketed(_) => None,
            ClassSetItem::Perl(class) => {
                self.differs = true;
                *item = ClassSetItem::Bracketed(Box::new(parse_bracketed(&ecma_class(class))?));
                Some(())
            }
            ClassSetItem::Union(union) => {
                union.items.iter_mut().try_for_each(|item| self.rewrite_item(item))
            }
        }
    }
}

/// `\a` is the bell in Rust and the letter in ECMA-262.
fn is_shared(kind: &LiteralKind) -> bool {
    !matches!(kind, LiteralKind::Special(SpecialLiteralKind::Bell))
}

fn ecma_class(class: &ClassPerl) -> String {
    let members = match class.kind {
        ClassPerlKind::Digit => "0-9",
        ClassPerlKind::Word => "0-9A-Za-z_",
        ClassPerlKind::Space => ECMA_SPACE,
    };
    format!("[{}{members}]", if class.negated { "^" } else { "" })
}

fn parse_class(text: &str) -> Option<Ast> {
    Parser::new().parse(text).ok()
}

fn parse_bracketed(text: &str) -> Option<ClassBracketed> {
    match &parse_class(text)? {
        Ast::ClassBracketed(class) => Some((**class).clone()),
        _ => None,
    }
}
