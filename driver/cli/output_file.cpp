#include "driver/cli/output_file.h"

#include <CLI/CLI.hpp>

namespace bhlint {

void addOutputOption(CLI::App &command, std::string &file) {
  command.add_option("-o,--output", file, "File to write to (default: standard output)")->type_name("FILE");
}

bool writeOutput(const std::string &file, Invocation &invocation, llvm::function_ref<void(llvm::raw_ostream &)> write) {
  if (file.empty()) {
    write(invocation.out);
    invocation.out.flush(); // both may go to one file
    return true;
  }
  std::error_code error;
  llvm::raw_fd_ostream out(file, error);
  if (!error) {
    write(out);
    out.flush();
    error = out.error();
    out.clear_error();
  }
  if (error)
    invocation.fail(file + ": " + error.message());
  return !error;
}

} // namespace bhlint
