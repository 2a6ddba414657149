#include "analysis/map/deferrals.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <map>
#include <set>

namespace bhlint {

using facts::EventKind;
using facts::ValueKind;

namespace {

/// What a row says of a call: which argument is what. Wrappers have the same with their own parameters.
struct Meaning {
  enum class Kind : std::uint8_t { Setup, Start, Request } kind = Kind::Setup;
  std::uint32_t row = 0;
  std::uint32_t object = noId, handler = noId, thread = noId; ///< arguments
  friend auto operator<=>(const Meaning &, const Meaning &) = default;
};

class Finder {
public:
  explicit Finder(const Program &program) : program(program), rules(*program.rules) {}

  DeferralIndex run() {
    nameFunctions();
    findWrappers();
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (const Body *body = program.bodyOf(id))
        forEachCall(id, *body, [&](const BodyEvent &event, std::uint32_t, const Meaning &meaning) {
          if (meaning.kind == Meaning::Kind::Setup)
            addSetup(id, *body, event, meaning);
          else if (meaning.kind == Meaning::Kind::Request)
            addRequest(id, *body, event, meaning);
        });
    addFields();
    nameApart();
    sortAll();
    findStarts();
    return std::move(index);
  }

private:
  void nameFunctions() {
    std::map<NameId, std::vector<Meaning>> byName;
    for (std::uint32_t i = 0; i < rules.deferralSetups.size(); ++i) {
      const DeferralSetup &row = rules.deferralSetups[i];
      byName[program.find(row.function)].push_back(
          {Meaning::Kind::Setup, i, row.objectArgument, row.handlerArgument, noId});
    }
    for (std::uint32_t i = 0; i < rules.deferralStarts.size(); ++i)
      byName[program.find(rules.deferralStarts[i].function)].push_back(
          {Meaning::Kind::Start, i, rules.deferralStarts[i].objectArgument, noId, noId});
    for (std::uint32_t i = 0; i < rules.interrupts.size(); ++i) {
      const InterruptRequest &row = rules.interrupts[i];
      byName[program.find(row.function)].push_back(
          {Meaning::Kind::Request, i, noId, row.handlerArgument, row.threadArgument.value_or(noId)});
    }
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (auto found = byName.find(program.functions[id].name); found != byName.end())
        meanings[id].insert(found->second.begin(), found->second.end());
  }

  template <class Visit> void forEachCall(FunctionId id, const Body &body, Visit visit) const {
    for (std::uint32_t e = 0; e < body.events.size(); ++e) {
      const BodyEvent &event = body.events[e];
      if (event.kind != EventKind::Call || event.call != facts::CallKind::Direct)
        continue;
      if (auto found = meanings.find(event.index); found != meanings.end() && event.index != id)
        for (const Meaning &meaning : found->second)
          visit(event, e, meaning);
    }
  }

  /// A function that hands its parameters to a call with a meaning has one itself. Not those that rows name.
  void findWrappers() {
    for (const auto &[id, ignored] : meanings)
      index.leaves.insert(id);
    bool changed = true;
    for (unsigned round = 0; changed && round < 8; ++round) {
      changed = false;
      for (FunctionId id = 0; id < program.functions.size(); ++id) {
        const Body *body = program.bodyOf(id);
        if (!body || index.leaves.contains(id))
          continue;
        std::vector<Meaning> found;
        forEachCall(id, *body, [&](const BodyEvent &event, std::uint32_t, const Meaning &meaning) {
          Meaning mine = meaning;
          bool isWrapper = false;
          for (std::uint32_t *argument : {&mine.object, &mine.handler, &mine.thread})
            isWrapper |= toParameter(*body, event, *argument);
          if (isWrapper && (mine.kind == Meaning::Kind::Start || mine.handler != noId || mine.thread != noId))
            found.push_back(mine);
        });
        for (const Meaning &meaning : found)
          changed |= meanings[id].insert(meaning).second;
      }
    }
  }

  /// Which parameter the argument is; noId: none.
  static bool toParameter(const Body &body, const BodyEvent &event, std::uint32_t &argument) {
    if (argument == noId)
      return false;
    const bool isParameter =
        argument < event.argumentCount && body.argumentsOf(event)[argument].valueKind() == ValueKind::Parameter;
    argument = isParameter ? body.argumentsOf(event)[argument].index : noId;
    return isParameter;
  }

  std::vector<FunctionId> functionsOf(const Body &body, const BodyEvent &event, std::uint32_t argument) const {
    if (argument >= event.argumentCount)
      return {};
    return functionsIn(body, body.argumentsOf(event)[argument]);
  }

  std::vector<ObjectKey> keysOf(const Body &body, const BodyEvent &event, std::uint32_t argument) const {
    std::vector<ObjectKey> keys;
    if (argument < event.argumentCount)
      for (const Operand &value : valuesOf(body, body.argumentsOf(event)[argument]))
        if (std::optional<ObjectKey> key = objectKeyOf(body, value))
          keys.push_back(*key);
    return keys;
  }

  /// The member that the object's record is, where the path goes through it: `x->rx.task`, not `x->rx->task`.
  std::set<ObjectKey> holdersOf(const Body &body, const BodyEvent &event, std::uint32_t argument) const {
    std::set<ObjectKey> holders;
    if (argument >= event.argumentCount)
      return holders;
    for (const Operand &value : valuesOf(body, body.argumentsOf(event)[argument])) {
      if (value.valueKind() != ValueKind::Address)
        return {};
      const Path &path = body.paths[value.index];
      const std::size_t count = path.fields.size();
      if (count < 2 || !program.text(path.text).ends_with("." + program.text(path.fields.back().field).str()))
        return {};
      holders.insert({path.fields[count - 2].record, path.fields[count - 2].field, noId});
    }
    return holders;
  }

  CallSite siteOf(FunctionId in, const BodyEvent &event) const {
    return {in, event.place, event.macro != 0 ? event.macro : program.functions[event.index].name};
  }

  std::string nameOf(const std::vector<ObjectKey> &keys) const {
    if (keys.empty())
      return {};
    auto [record, field, global] = keys.back();
    if (global != noId)
      return program.text(program.globals[global].name).str();
    return program.text(record).str() + "." + program.text(field).str();
  }

  /// One object that is set up in several places is one deferral.
  void add(Deferral deferral) {
    if (deferral.object.empty())
      deferral.object = "of " + program.text(program.functions[deferral.handler].name).str() + "()";
    for (Deferral &known : index.deferrals)
      if (known.handler == deferral.handler && known.mechanism == deferral.mechanism &&
          (known.keys == deferral.keys || deferral.keys.empty())) {
        if (known.holders.empty() || deferral.holders.empty())
          known.holders.clear();
        else
          known.holders.insert(deferral.holders.begin(), deferral.holders.end());
        known.setups.insert(known.setups.end(), deferral.setups.begin(), deferral.setups.end());
        return;
      }
    index.deferrals.push_back(std::move(deferral));
  }

  void addSetup(FunctionId in, const Body &body, const BodyEvent &event, const Meaning &meaning) {
    for (FunctionId handler : functionsOf(body, event, meaning.handler)) {
      if (!program.bodyOf(handler))
        continue;
      const std::vector<ObjectKey> keys = keysOf(body, event, meaning.object);
      add({rules.deferralSetups[meaning.row].mechanism,
           nameOf(keys),
           keys,
           holdersOf(body, event, meaning.object),
           handler,
           program.functions[in].module,
           {siteOf(in, event)}});
    }
  }

  void addRequest(FunctionId in, const Body &body, const BodyEvent &event, const Meaning &meaning) {
    std::vector<FunctionId> handlers = functionsOf(body, event, meaning.handler);
    const std::vector<FunctionId> threads = functionsOf(body, event, meaning.thread);
    if (handlers.empty() && threads.empty())
      return;
    if (handlers.empty())
      handlers.push_back(noId);
    for (FunctionId handler : handlers)
      for (std::size_t i = 0; i < std::max<std::size_t>(threads.size(), 1); ++i) {
        Interrupt interrupt{handler, threads.empty() ? noId : threads[i], false, program.functions[in].module,
                            siteOf(in, event)};
        interrupt.wakesThread =
            handler != noId && interrupt.thread != noId && returnsWake(handler, rules.interrupts[meaning.row].wake, 0);
        index.interrupts.push_back(interrupt);
      }
  }

  bool returnsWake(FunctionId id, const std::string &constant, unsigned depth) const {
    auto wake = program.constants.find(constant);
    const Body *body = program.bodyOf(id);
    if (wake == program.constants.end() || !body || depth > 4)
      return false;
    for (const BodyEvent &event : body->events) {
      if (event.kind != EventKind::Return)
        continue;
      for (const Operand &value : valuesOf(*body, event.value)) {
        if (value.valueKind() == ValueKind::Constant && program.maskBits(value).bits == wake->second)
          return true;
        if (value.valueKind() == ValueKind::CallResult && value.index < body->events.size() &&
            body->events[value.index].call == facts::CallKind::Direct &&
            returnsWake(body->events[value.index].index, constant, depth + 1))
          return true;
      }
    }
    return false;
  }

  /// Objects whose function is stored or initialised. Rows with `within` come first.
  void addFields() {
    for (const DeferralField &row : rules.deferralFields) {
      const FieldKey field{program.find(row.record), program.find(row.field)};
      const NameId within = row.within.empty() ? noId : program.find(row.within);
      if (field.record == noId || field.field == noId || (!row.within.empty() && within == noId))
        continue;
      for (const auto &[key, binding] : program.bindingsOf(field)) {
        if (!program.bodyOf(binding.function))
          continue;
        std::vector<FieldKey> owners = binding.owners;
        const bool isInside = !owners.empty() && isContainer(row, owners.back().record);
        if ((within != noId) != isInside || (isInside && owners.back().record != within))
          continue;
        if (isInside)
          owners.pop_back();
        std::vector<ObjectKey> keys;
        for (const FieldKey &owner : owners)
          keys.push_back({owner.record, owner.field, noId});
        if (owners.empty() && binding.object != noId)
          keys.push_back({0, 0, binding.object});
        add({row.mechanism,
             nameOf(keys),
             keys,
             {},
             binding.function,
             binding.module,
             {{binding.setter, binding.place, 0}}});
      }
    }
  }

  /// Whether some row is about this record's member: delayed_work.work is not an object of its own.
  bool isContainer(const DeferralField &row, NameId record) const {
    return std::any_of(rules.deferralFields.begin(), rules.deferralFields.end(), [&](const DeferralField &other) {
      return other.record == row.record && other.field == row.field && !other.within.empty() &&
             program.find(other.within) == record;
    });
  }

  /// Where several have the same name, the member that holds each says which it is.
  void nameApart() {
    std::map<std::string, unsigned> counts;
    for (const Deferral &deferral : index.deferrals)
      ++counts[deferral.object];
    for (Deferral &deferral : index.deferrals)
      if (counts[deferral.object] > 1 && deferral.holders.size() == 1)
        deferral.object =
            nameOf({*deferral.holders.begin()}) + "." + program.text(std::get<1>(deferral.keys.back())).str();
  }

  void sortAll() {
    auto order = [&](const CallSite &site) {
      return std::make_tuple(program.text(site.place.file), site.place.line, site.place.column);
    };
    for (Deferral &deferral : index.deferrals)
      std::stable_sort(deferral.setups.begin(), deferral.setups.end(),
                       [&](const CallSite &a, const CallSite &b) { return order(a) < order(b); });
    std::stable_sort(index.deferrals.begin(), index.deferrals.end(), [&](const Deferral &a, const Deferral &b) {
      return order(a.setups.front()) < order(b.setups.front());
    });
    std::stable_sort(index.interrupts.begin(), index.interrupts.end(),
                     [&](const Interrupt &a, const Interrupt &b) { return order(a.request) < order(b.request); });
    auto same = [](const Interrupt &a, const Interrupt &b) {
      return a.handler == b.handler && a.thread == b.thread && a.module == b.module;
    };
    std::vector<Interrupt> unique;
    for (const Interrupt &interrupt : index.interrupts)
      if (std::none_of(unique.begin(), unique.end(), [&](const Interrupt &known) { return same(known, interrupt); }))
        unique.push_back(interrupt);
    index.interrupts = std::move(unique);
  }

  void findStarts() {
    std::map<ObjectKey, std::vector<std::uint32_t>> byKey;
    for (std::uint32_t i = 0; i < index.deferrals.size(); ++i)
      for (const ObjectKey &key : index.deferrals[i].keys)
        byKey[key].push_back(i);
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (const Body *body = program.bodyOf(id))
        forEachCall(id, *body, [&](const BodyEvent &event, std::uint32_t e, const Meaning &meaning) {
          if (meaning.kind == Meaning::Kind::Start)
            addStart(id, *body, event, e, meaning, byKey);
        });
  }

  /// What a deferred function is given first is the object that it was set up with.
  void addOwn(FunctionId id, const Body &body, const BodyEvent &event, const Meaning &meaning,
              std::set<std::uint32_t> &started) const {
    if (meaning.object >= event.argumentCount)
      return;
    for (const Operand &value : valuesOf(body, body.argumentsOf(event)[meaning.object]))
      if (value.valueKind() == ValueKind::Parameter && value.index == 0)
        for (std::uint32_t i = 0; i < index.deferrals.size(); ++i)
          if (index.deferrals[i].handler == id)
            started.insert(i);
  }

  void addStart(FunctionId id, const Body &body, const BodyEvent &event, std::uint32_t number, const Meaning &meaning,
                const std::map<ObjectKey, std::vector<std::uint32_t>> &byKey) {
    std::set<std::uint32_t> started;
    const std::set<ObjectKey> holders = holdersOf(body, event, meaning.object);
    auto isHeldThere = [&](std::uint32_t deferral) {
      const std::set<ObjectKey> &known = index.deferrals[deferral].holders;
      return holders.empty() || known.empty() ||
             llvm::any_of(holders, [&](const ObjectKey &holder) { return known.count(holder) != 0; });
    };
    for (const ObjectKey &key : keysOf(body, event, meaning.object))
      if (auto found = byKey.find(key); found != byKey.end())
        llvm::copy_if(found->second, std::inserter(started, started.end()), isHeldThere);
    addOwn(id, body, event, meaning, started);
    const NameId module = program.functions[id].module;
    const bool isOwn = std::any_of(started.begin(), started.end(),
                                   [&](std::uint32_t i) { return index.deferrals[i].module == module; });
    for (std::uint32_t deferral : started)
      if (!isOwn || index.deferrals[deferral].module == module || program.functions[id].isInHeader)
        index.starts[id].push_back({deferral, number, siteOf(id, event)});
  }

  const Program &program;
  const RuleSet &rules;
  std::map<FunctionId, std::set<Meaning>> meanings;
  DeferralIndex index;
};

} // namespace

DeferralIndex findDeferrals(const Program &program) { return Finder(program).run(); }

} // namespace bhlint
