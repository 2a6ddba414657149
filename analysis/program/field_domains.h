// Field domains: the values that a field can have in this kernel, where code stores nothing but constants in it.
// `if (o->type == THAT)` is then dead when no store in sight makes it so.
//
// Of the whole kernel, at hand or learned: one more unit may store something else. What is copied into an object as
// bytes is not in sight, nor is all that facts leave out; so a domain lowers confidence and never hides a finding.
// Every field can be 0, since objects are zeroed.
#pragma once

#include "analysis/program/state.h"

namespace bhlint {

class Workers; // parallel.h

/// Fills in Program::fieldDomains. Needs the constants of parameters.
void enumerateFields(Program &program, Workers &workers);

/// Null: the field may hold anything.
const FieldDomain *domainOf(const Program &program, FieldKey field);

/// Whether a field of that domain may be as is known of it.
bool admits(const FieldDomain &domain, const Knowledge &known);

} // namespace bhlint
