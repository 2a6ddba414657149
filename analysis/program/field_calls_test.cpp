#include "analysis/program/dump.h"
#include "analysis/program/test_unit.h"

#include <gtest/gtest.h>

namespace bhlint {
namespace {

std::string callbacksOf(std::string_view code) {
  auto unit = TestUnit::withCode(code);
  std::string text;
  llvm::raw_string_ostream out(text);
  dumpCallbacks(unit->program, findFieldCalls(unit->program, unit->resolver, unit->summaries, unit->contexts),
                findStoredCallbacks(unit->program), out);
  return text;
}

/// Lines of code after the prelude are told apart by the functions of the chain.
std::string withoutPlaces(std::string text) {
  for (std::size_t at = 0; (at = text.find(" at ", at)) != std::string::npos;)
    text.erase(at, text.rfind(':', text.find(" ", at + 4)) - at);
  return text;
}

TEST(FieldCalls, TheStrictestThatHoldsIsTold) {
  EXPECT_EQ(
      withoutPlaces(callbacksOf("static spinlock_t lock;\n"
                                "static void start(struct port *p) { p->start(p); }\n"
                                "void held(struct port *p) { spin_lock(&lock); start(p); spin_unlock(&lock); }\n"
                                "void off(struct port *p) { local_bh_disable(); spin_lock(&lock); start(p); }\n"
                                "void free(struct port *p) { spin_lock(&lock); spin_unlock(&lock); start(p); }\n")),
      "port.start\n"
      "  bhoff: off() start()\n"
      "  atomic: held() start()\n"
      "  process: free() start()\n");
}

TEST(FieldCalls, WhereARootRunsHoldsBelowIt) {
  EXPECT_EQ(withoutPlaces(callbacksOf("struct box { void (*full)(struct box *); };\n"
                                      "static void fill(struct box *b) { b->full(b); }\n"
                                      "static int handler(int irq, void *data) { fill(data); return 0; }\n"
                                      "void probe(void) { request_irq(1, handler, 0, 0); }\n")),
            "box.full\n"
            "  hardirq: handler() fill()\n");
}

TEST(FieldCalls, AFunctionMayBeLoadedFirstAndHandedOn) {
  EXPECT_EQ(
      withoutPlaces(callbacksOf("static spinlock_t lock;\n"
                                "static void call(void (*function)(void *), void *p) { function(p); }\n"
                                "struct box { void (*full)(void *), (*empty)(void *); };\n"
                                "void held(struct box *b) { void (*f)(void *) = b->full; spin_lock(&lock); f(b); }\n"
                                "void hands(struct box *b) { spin_lock_irq(&lock); call(b->empty, b); }\n")),
      "box.empty\n"
      "  irqsoff: hands()\n"
      "box.full\n"
      "  atomic: held()\n");
}

TEST(FieldCalls, WhatIsTakenOnOnePathOnlyIsNotTaken) {
  EXPECT_EQ(withoutPlaces(
                callbacksOf("static spinlock_t lock;\n"
                            "void some(struct port *p, int n) { if (n) spin_lock(&lock); p->start(p); }\n"
                            "void tries(struct port *p) { spin_trylock(&lock); p->start(p); }\n"
                            "void loops(struct port *p, int n) { while (n--) spin_unlock(&lock); p->start(p); }\n")),
            "port.start\n"
            "  process: some()\n");
}

TEST(FieldCalls, WhatAContractCallsIsNotFollowed) {
  EXPECT_EQ(withoutPlaces(
                callbacksOf("struct box { void (*full)(struct box *); };\n"
                            "static int begin(struct port *p) { struct box *b = (void *)p; b->full(b); return 0; }\n"
                            "static struct port port = {.start = begin};\n"
                            "static spinlock_t lock;\n"
                            "void held(void) { spin_lock_irq(&lock); port.start(&port); }\n")),
            "box.full\n"
            "  softirq: begin()\n"
            "port.start\n"
            "  irqsoff: held()\n");
}

TEST(FieldCalls, ParametersWithAContractAreFollowedToTheirFields) {
  EXPECT_EQ(
      callbacksOf("struct line { int (*handler)(int, void *); };\n"
                  "static struct line *line;\n"
                  "static void keep(int (*handler)(int, void *)) { line->handler = handler; }\n"
                  "int request_irq(unsigned int irq, int (*handler)(int, void *), unsigned long flags, void *data)\n"
                  "{ keep(handler); return 0; }\n"),
      "request_irq() argument 1: line.handler\n");
}

} // namespace
} // namespace bhlint
