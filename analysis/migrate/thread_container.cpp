#include "analysis/migrate/thread_container.h"

namespace bhlint {

namespace {

using llvm::StringRef;

constexpr unsigned deepest = 6; // variables that are set from each other

bool isMemberName(const CodeTokens &code, std::size_t token) {
  return token > 0 && isOneOf(code.text(token - 1), {"->", "."});
}

class ObjectValue {
public:
  ObjectValue(const CodeTokens &code, const DefinedFunction &handler, const ThreadForm &form)
      : code(code), handler(handler), form(form),
        object(handler.parameters.size() == 2 ? handler.parameters[1].second - 1 : handler.open) {}

  std::optional<std::string> of(StringRef variable, unsigned depth) const {
    if (variable == code.text(object))
      return isChanged(variable) ? std::nullopt : std::optional(form.objectParameter);
    const std::optional<std::size_t> set = onlySet(variable);
    if (!set || depth > deepest)
      return std::nullopt;
    return written(*set + 2, depth);
  }

private:
  bool isVariable(std::size_t token, StringRef name) const {
    return code.text(token) == name && !isMemberName(code, token);
  }

  bool isChange(std::size_t token) const {
    return isOneOf(code.text(token + 1), {"=", "+=", "-=", "++", "--"}) ||
           isOneOf(code.text(token - 1), {"++", "--"}) ||
           (code.is(token - 1, "&") && !isOneOf(code.text(token + 1), {"->", "."}));
  }

  bool isChanged(StringRef name) const {
    for (std::size_t i = handler.open; i < handler.close; ++i)
      if (isVariable(i, name) && isChange(i))
        return true;
    return false;
  }

  /// The variable's token in the one place that sets it.
  std::optional<std::size_t> onlySet(StringRef name) const {
    std::optional<std::size_t> found;
    for (std::size_t i = handler.open; i < handler.close; ++i)
      if (isVariable(i, name) && isChange(i)) {
        if (found || !code.is(i + 1, "="))
          return std::nullopt;
        found = i;
      }
    return found;
  }

  /// What the variable is declared as, "struct foo *"; empty: not in one of the usual ways.
  std::string typeOf(StringRef name) const {
    for (std::size_t i = handler.open; i < handler.close; ++i)
      if (isVariable(i, name) && code.is(i - 1, "*") && code.isWord(i - 2) && code.is(i - 3, "struct"))
        return ("struct " + code.text(i - 2) + " *").str();
    return {};
  }

  /// What is assigned, from `from` to the end of the declarator or statement, in terms of the object.
  std::optional<std::string> written(std::size_t from, unsigned depth) const {
    std::string text;
    int nesting = 0;
    bool isAboutObject = false;
    for (std::size_t i = from; i < handler.close; ++i) {
      if (nesting == 0 && isOneOf(code.text(i), {";", ","}))
        return isAboutObject ? std::optional(text) : std::nullopt;
      nesting += code.is(i, "(") - code.is(i, ")");
      if (i != from && code.begin(i) != code.end(i - 1))
        text += ' ';
      if (!code.isWord(i) || isMemberName(code, i) || code.is(i, "struct") || code.is(i - 1, "struct")) {
        if (isOneOf(code.text(i), {"=", "++", "--", "?", "{"}))
          return std::nullopt;
        text += code.text(i);
      } else if (code.is(i + 1, "(")) {
        if (!form.pure.contains(code.text(i)))
          return std::nullopt;
        text += code.text(i);
      } else {
        const std::optional<std::string> value = of(code.text(i), depth + 1);
        if (!value)
          return std::nullopt;
        isAboutObject = true;
        const bool isRead = isOneOf(code.text(i + 1), {"->", ".", "["});
        const std::string type = isRead ? typeOf(code.text(i)) : "";
        if (isRead && type.empty())
          return std::nullopt;
        text += isRead ? "((" + type + ")" + *value + ")" : *value;
      }
    }
    return std::nullopt;
  }

  const CodeTokens &code;
  const DefinedFunction &handler;
  const ThreadForm &form;
  const std::size_t object; ///< token of its name
};

} // namespace

std::optional<DefinedFunction> definitionAround(const CodeTokens &code, std::size_t token) {
  const auto [open, close] = code.functionAround(token);
  if (!code.is(open, "{") || open < 3 || !code.is(open - 1, ")"))
    return std::nullopt;
  const std::size_t bracket = code.opening(open - 1);
  if (bracket == 0 || bracket == open - 1 || !code.isWord(bracket - 1))
    return std::nullopt;
  const auto parameters = code.arguments(bracket - 1);
  if (!parameters)
    return std::nullopt;
  return DefinedFunction{bracket - 1, open, close, *parameters};
}

std::optional<std::string> valueFromObject(const CodeTokens &code, const DefinedFunction &handler, std::size_t variable,
                                           const ThreadForm &form) {
  return ObjectValue(code, handler, form).of(code.text(variable), 0);
}

} // namespace bhlint
