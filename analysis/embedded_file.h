// BHLINT_EMBED(NAME, PATH): a function NAME() that returns the contents of a file of the sources.
//
// The assembler includes the file as it is; no build step, no escaping, no copy, and the program needs no installation to
// find it. CMake has to be told that the object depends on the file (OBJECT_DEPENDS).
#pragma once

#include "llvm/ADT/StringRef.h"

#define BHLINT_EMBED(NAME, PATH)                                                                                       \
  asm(".pushsection .rodata\n"                                                                                         \
      ".balign 1\n"                                                                                                    \
      "bhlint_embedded_" #NAME "_begin:\n"                                                                             \
      ".incbin \"" PATH "\"\n"                                                                                         \
      "bhlint_embedded_" #NAME "_end:\n"                                                                               \
      ".popsection\n");                                                                                                \
  extern "C" __attribute__((visibility("hidden"))) const char bhlint_embedded_##NAME##_begin[];                        \
  extern "C" __attribute__((visibility("hidden"))) const char bhlint_embedded_##NAME##_end[];                          \
  llvm::StringRef NAME() {                                                                                             \
    return {bhlint_embedded_##NAME##_begin,                                                                            \
            static_cast<std::size_t>(bhlint_embedded_##NAME##_end - bhlint_embedded_##NAME##_begin)};                  \
  }
