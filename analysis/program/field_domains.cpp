#include "analysis/program/field_domains.h"
#include "analysis/program/callers.h"
#include "analysis/program/learned.h"
#include "analysis/program/parallel.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {

using facts::EventKind;
using facts::RootKind;
using facts::ValueKind;

constexpr std::size_t mostValues = 32;

std::uint64_t keyOf(FieldKey field) { return static_cast<std::uint64_t>(field.record) << 32 | field.field; }

/// What is known of one field so far.
struct Stores {
  FieldDomain domain;
  bool isOpen = false;  ///< something else than a constant is stored
  bool isAdded = false; ///< x->flags |= A
  bool isKnown = false; ///< all code that stores to it is in sight, or was when it was learned
};

class FieldScan {
public:
  FieldScan(Program &program, Workers &workers) : program(program), workers(workers) {}

  void run() {
    if (program.learned && !program.isWholeKernel)
      for (const LearnedField &field : program.learned->fields)
        addLearned(field);
    for (const FieldConstant &constant : program.fieldConstants)
      add(constant.field, constant.bits);
    forEachBody([&](FunctionId id, const Body &body) { collectStores(id, body); });
    isCandidate.assign(program.strings.size(), false);
    for (const auto &[key, stores] : fields)
      isCandidate[stores.domain.field.field] = true;
    openFields();
    for (auto &[key, stores] : fields)
      if ((program.isWholeKernel || stores.isKnown) && !stores.isOpen &&
          !isOnStack.contains(stores.domain.field.record))
        keep(stores);
    llvm::sort(program.fieldDomains, [](const FieldDomain &a, const FieldDomain &b) { return a.field < b.field; });
  }

private:
  template <typename Visit> void forEachBody(const Visit &visit) {
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (const Body *body = program.bodyOf(id))
        visit(id, *body);
  }

  /// What code at hand stores comes on top: it may be newer.
  void addLearned(const LearnedField &field) {
    const FieldKey key{program.find(field.record), program.find(field.field)};
    if (key.record == noId || key.field == noId)
      return;
    Stores &stores = at(key);
    stores.isKnown = true;
    stores.isAdded = field.values.empty();
    stores.domain.bits = field.bits;
    stores.domain.values = field.values;
  }

  void add(FieldKey field, std::uint64_t value) {
    Stores &stores = at(field);
    if (stores.isOpen)
      return;
    stores.domain.bits |= value;
    if (!llvm::is_contained(stores.domain.values, value))
      stores.domain.values.push_back(value);
    stores.isOpen = stores.isOpen || stores.domain.values.size() > mostValues;
  }

  Stores &at(FieldKey field) {
    Stores &stores = fields[keyOf(field)];
    stores.domain.field = field;
    return stores;
  }

  void collectStores(FunctionId id, const Body &body) {
    for (const BodyEvent &event : body.events)
      if (event.kind == EventKind::Store)
        if (const Path &path = body.paths[event.index]; !path.fields.empty())
          store(id, event, path.fields.back());
  }

  void store(FunctionId id, const BodyEvent &event, FieldKey field) {
    const std::uint64_t bits = program.maskBits(event.value).bits;
    switch (event.value.valueKind()) {
    case ValueKind::Constant: // as in Program::fieldConstants
      return;
    case ValueKind::Load:
      if (event.value.index != event.index || event.value.isNegated)
        break;
      if (bits != 0) { // |=; what &= leaves was there before
        at(field).domain.bits |= bits;
        at(field).isAdded = true;
      }
      return;
    case ValueKind::Parameter:
      if (std::optional<std::uint64_t> value = constantOf(id, event.value))
        return add(field, *value);
      break;
    default:
      break;
    }
    at(field).isOpen = true;
  }

  std::optional<std::uint64_t> constantOf(FunctionId id, const Operand &value) const {
    for (const ParameterConstant &constant : constantsOf(program, id))
      if (constant.parameter == value.index && value.bits == 0 && !value.isNegated)
        return constant.value;
    return std::nullopt;
  }

  /// Facts drop a store of something unknown where the function does not test what it stores to; the path is left. So a
  /// path that is neither tested nor only stored to may have been given anything. Whoever looks at a body only notes
  /// what it opens.
  void openFields() {
    constexpr std::size_t atATime = 4096;
    std::vector<Opened> opened((program.bodies.size() + atATime - 1) / atATime);
    workers.forEach(opened.size(), [&](std::size_t part) {
      for (const Body &body : llvm::ArrayRef(program.bodies).drop_front(part * atATime).take_front(atATime))
        openFields(body, opened[part]);
    });
    for (const Opened &part : opened) {
      for (Stores *stores : part.fields)
        stores->isOpen = true;
      isOnStack.insert(part.onStack.begin(), part.onStack.end());
    }
  }

  struct Uses {
    bool isStored = false, isTested = false, isRead = false, isGivenAway = false;
  };
  /// What some bodies open.
  struct Opened {
    std::vector<Stores *> fields;
    std::vector<NameId> onStack; ///< records of which an object on the stack is given away
    std::vector<Uses> uses;      ///< of the body at hand, by path
  };

  Stores *candidateOf(const Path &path) {
    if (path.fields.empty() || !isCandidate[path.fields.back().field])
      return nullptr;
    auto found = fields.find(keyOf(path.fields.back()));
    return found == fields.end() || found->second.isOpen ? nullptr : &found->second;
  }

  void openFields(const Body &body, Opened &opened) {
    llvm::SmallVector<std::pair<std::uint32_t, Stores *>, 8> candidates;
    bool hasLocal = false;
    for (std::uint32_t i = 0; i < body.paths.size(); ++i) {
      if (Stores *stores = candidateOf(body.paths[i]))
        candidates.emplace_back(i, stores);
      hasLocal = hasLocal || isLocalObject(body.paths[i]);
    }
    if (candidates.empty() && !hasLocal)
      return;
    opened.uses.assign(body.paths.size(), {});
    noteUses(body, opened);
    for (auto [path, stores] : candidates)
      if (const Uses &use = opened.uses[path]; use.isGivenAway || !(use.isTested || (use.isStored && !use.isRead)))
        opened.fields.push_back(stores);
  }

  static bool isLocalObject(const Path &path) {
    return path.fields.empty() && path.root == RootKind::Local && path.rootRecord != 0;
  }

  static void noteUses(const Body &body, Opened &opened) {
    std::vector<Uses> &uses = opened.uses;
    for (const BodyEvent &event : body.events) {
      if (event.kind == EventKind::Store)
        uses[event.index].isStored = true;
      if (event.kind != EventKind::Store || event.value.index != event.index) // x |= A reads nothing
        read(body, event.value, opened);
      for (const Operand &argument : body.argumentsOf(event))
        read(body, argument, opened);
    }
    for (const BodyBlock &block : body.blocks)
      for (const BodyEdge &edge : block.edges) {
        for (const EdgeGuard &guard : edge.guards)
          if (guard.value.valueKind() == ValueKind::Load)
            uses[guard.value.index].isTested = true;
        for (const EdgeAssignment &assign : edge.assigns)
          read(body, assign.value, opened);
      }
  }

  static void read(const Body &body, const Operand &value, Opened &opened) {
    if (value.valueKind() == ValueKind::Load)
      opened.uses[value.index].isRead = true;
    if (value.valueKind() != ValueKind::Address)
      return;
    // `f(&o->mode)` may store anything there; an object on the stack is filled by an initialiser, of which facts keep
    // pointers only.
    opened.uses[value.index].isGivenAway = true;
    if (const Path &path = body.paths[value.index]; isLocalObject(path))
      opened.onStack.push_back(path.rootRecord);
  }

  void keep(Stores &stores) {
    if (stores.domain.bits == 0)
      return;
    if (stores.isAdded)
      stores.domain.values.clear();
    llvm::sort(stores.domain.values);
    program.fieldDomains.push_back(std::move(stores.domain));
  }

  Program &program;
  Workers &workers;
  llvm::DenseMap<std::uint64_t, Stores> fields;
  std::vector<bool> isCandidate;    ///< by name of field
  llvm::DenseSet<NameId> isOnStack; ///< records
};

} // namespace

void enumerateFields(Program &program, Workers &workers) {
  if (program.isWholeKernel || (program.learned && !program.learned->fields.empty()))
    FieldScan(program, workers).run();
}

const FieldDomain *domainOf(const Program &program, FieldKey field) {
  auto found = llvm::lower_bound(program.fieldDomains, field,
                                 [](const FieldDomain &domain, FieldKey wanted) { return domain.field < wanted; });
  return found != program.fieldDomains.end() && found->field == field ? &*found : nullptr;
}

bool admits(const FieldDomain &domain, const Knowledge &known) {
  if ((known.ones & ~domain.bits) != 0)
    return false;
  if (domain.values.empty())
    return true;
  return !known.contradicts(Knowledge::exactly(0)) || llvm::any_of(domain.values, [&](std::uint64_t value) {
    return !known.contradicts(Knowledge::exactly(value));
  });
}

} // namespace bhlint
