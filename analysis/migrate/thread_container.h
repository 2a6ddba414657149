// How an interrupt's handler gets from what it is given to the structure that a deferred object lies in: what its thread,
// which is given the same, can write, too. By the text of the handler.
#pragma once

#include "analysis/migrate/code_tokens.h"
#include "analysis/migrate/migration_rules.h"

namespace bhlint {

/// A function's definition, as its tokens are.
struct DefinedFunction {
  std::size_t name = 0, open = 0, close = 0;                  ///< brackets of its body
  std::vector<std::pair<std::size_t, std::size_t>> parameters; ///< first and last+1 token
};

/// Of the function that `token` is in; nothing: it is written in another way.
std::optional<DefinedFunction> definitionAround(const CodeTokens &code, std::size_t token);

/// "netdev_priv(dev_id)": the variable's value, with form.objectParameter for the handler's second parameter. Nothing: it is
/// set more than once, or from something else.
std::optional<std::string> valueFromObject(const CodeTokens &code, const DefinedFunction &handler, std::size_t variable,
                                           const ThreadForm &form);

} // namespace bhlint
