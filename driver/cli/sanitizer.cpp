// Part of the sanitized build only.
//
// LLVM's bump allocators poison what they have not given out yet, in code that is inlined here and instrumented. Clang's library,
// Debian's, is not: it goes on in the same slab and would be said to write to poison.
extern "C" const char *__asan_default_options() { return "allow_user_poisoning=0"; }
