//! `requires(dyn Codec = "0.1", optional dyn Clock)`: what a plugin has from its host and from other plugins.

use quote::{ToTokens, quote};
use semver::VersionReq;
use syn::{
    Ident, LitStr, MetaList, Path, Token,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use crate::{
    errors::Errors,
    spans::{item_of, object_type},
};

pub(super) const EXPECTED: &str =
    "name what the plugin requires: `requires(dyn Codec = \"0.1\", optional dyn Clock)`";

pub(super) struct Requirement {
    interface: Path,
    versions: Option<LitStr>,
    is_optional: bool,
}

/// Adds the requirements of one `requires(…)`.
pub(super) fn parse(list: MetaList, requires: &mut Vec<Requirement>, errors: &mut Errors) {
    let parsed = list.parse_args_with(Punctuated::<Requirement, Token![,]>::parse_terminated);
    let Some(parsed) = errors.take(parsed) else { return };
    if parsed.is_empty() {
        errors.at(list, EXPECTED);
    }
    for requirement in parsed {
        if let Some(versions) = &requirement.versions
            && let Err(error) = VersionReq::parse(&versions.value())
        {
            errors.at(
                versions,
                format!(
                    "this is no requirement on versions: {error}; write one as in Cargo.toml, `\"1.2\"` or `\">=1.2, <1.5\"`"
                ),
            );
        }
        let name = |path: &Path| path.to_token_stream().to_string();
        if requires.iter().any(|other| name(&other.interface) == name(&requirement.interface)) {
            errors.at(
                &requirement.interface,
                "this interface is required already: write one requirement for all versions that will do, `\">=1.2, <1.5\"`",
            );
        }
        requires.push(requirement);
    }
}

impl Parse for Requirement {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let is_optional = input.fork().parse::<Ident>().is_ok_and(|word| word == "optional");
        if is_optional {
            input.parse::<Ident>()?;
        }
        if !input.peek(Token![dyn]) {
            return Err(input.error(EXPECTED));
        }
        input.parse::<Token![dyn]>()?;
        let interface = input.parse()?;
        let versions = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse().map_err(|error| syn::Error::new(error.span(), EXPECTED))?),
            None if input.is_empty() || input.peek(Token![,]) => None,
            None => return Err(input.error(EXPECTED)),
        };
        Ok(Self { interface, versions, is_optional })
    }
}

impl ToTokens for Requirement {
    fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
        let Self { interface, versions, is_optional } = self;
        let described = item_of(&object_type(interface), interface, "Requirable", "REQUIRED");
        let versions = versions.as_ref().map_or_else(String::new, LitStr::value);
        tokens.extend(quote! {
            ::plugin_core::descriptor::RequirementLayout {
                interface: #described,
                versions: #versions,
                is_optional: #is_optional,
            }
        });
    }
}
