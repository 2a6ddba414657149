#include "driver/kbuild/unit_macros.h"

namespace bhlint {

llvm::StringRef recordedModule(llvm::StringRef command) {
  std::size_t at = command.find(moduleFileMacro);
  if (at == llvm::StringRef::npos)
    return {};
  llvm::StringRef rest = command.substr(at + moduleFileMacro.size());
  if (!rest.consume_front("="))
    return {};
  return rest.take_until([](char c) { return c == ' ' || c == ',' || c == '\n'; });
}

} // namespace bhlint
