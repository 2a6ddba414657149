// DeferralUses: what a driver does with the objects that make a function run later: who sets them up, starts them,
// stops them, and waits for them.
//
// An object is known by the field that embeds it, or as a global; instances are not told apart. Whatever gets its
// address and is not known to leave it alone counts as its end, so that silence is the answer where the code isn't
// followed.
#pragma once

#include "checkers/handlers.h"

#include <set>

namespace bhlint {

struct UsePlace {
  FunctionId function = noId;
  std::uint32_t event = noId;
};

struct DeferralUse {
  const TeardownMechanism *mechanism = nullptr;
  ObjectName name;
  NameId module = 0;
  FunctionId handler = noId; ///< one of them
  FunctionId setter = noId;  ///< noId: a static initialiser
  Place setup;
  std::vector<UsePlace> starts; ///< by the module
  std::vector<UsePlace> stops;  ///< calls that do not wait
  std::vector<UsePlace> ends;   ///< calls that do, as contracts say; not all that `isEnded` counts
  bool isEnded = false;         ///< something waits for it, or may
  bool isHandedOn = false;      ///< somebody gets its address who may: `ends` are not all
  bool isOnOwnQueue = false;    ///< on one that is waited for when it is destroyed
};

class DeferralUses {
public:
  explicit DeferralUses(const Program &program);
  std::vector<DeferralUse> objects; ///< by place of the setup

private:
  /// What a call of a function does to an object that is its argument.
  enum class Meaning : std::uint8_t { Setup, Start, Stop, Nothing, End };
  struct Call {
    Meaning meaning = Meaning::End;
    std::uint32_t queueArgument = noId;
  };
  using ByName = std::map<ObjectName, std::vector<std::uint32_t>>;

  void nameFunctions();
  void addStored();
  void addRegistered();
  void add(DeferralUse use);
  void scan(FunctionId id, const Body &body);
  static void handOn(DeferralUse &use) { use.isEnded = use.isHandedOn = true; }
  bool names(const Operand &value, const DeferralUse &use) const;
  void use(FunctionId id, const Body &body, std::uint32_t event, std::uint32_t object);
  std::optional<ObjectName> exactName(const Path &path) const;
  std::vector<std::uint32_t> objectsAt(const Body &body, const Operand &value) const;
  bool isShared(const Body &body, const BodyEvent &event, std::uint32_t argument) const;

  const Program &program;
  std::map<std::pair<NameId, std::string>, Call> calls; ///< by function and mechanism
  std::map<NameId, std::pair<const DeferralSetup *, const TeardownMechanism *>> setups;
  std::set<NameId> wrappers; ///< records that merely wrap an object: delayed_work
  std::set<NameId> sharedQueues;
  std::set<NameId> waits;
  std::set<std::pair<NameId, ObjectName>> isKnown; ///< by module
  ByName byName;
};

} // namespace bhlint
