// Handlers: which functions a wait is for, by the object that is waited for.
#pragma once

#include "checkers/checker.h"

#include <map>

namespace bhlint {

/// What names an object in two places of a module: the field that embeds or holds it, or a global.
struct ObjectName {
  FieldKey field;
  std::uint32_t global = noId;
  friend auto operator<=>(const ObjectName &, const ObjectName &) = default;
};

/// The object that is at the path, or that what is there is part of: fields of records that `isInside` says are within
/// an object are left out.
std::optional<ObjectName> objectNameOf(const Path &path, llvm::function_ref<bool(NameId record)> isInside);

class Handlers {
public:
  explicit Handlers(const Program &program);

  /// Handlers of the object that `operand` names, for code of `module`. Sorted.
  std::vector<FunctionId> of(const WaitContract &contract, const Body &body, const Operand &operand,
                             NameId module) const;

private:
  using Key = std::tuple<NameId, ObjectName, NameId>; ///< registrar, object, module
  void indexRegistrations();
  void indexCall(const Body &body, const BodyEvent &event, NameId module);
  static std::optional<ObjectName> nameOf(const Program &program, const std::vector<std::string> &inside,
                                          const Body &body, const Operand &operand);

  const Program &program;
  std::map<NameId, const WaitContract *> registrars;
  std::map<Key, std::vector<FunctionId>> registered;
};

} // namespace bhlint
