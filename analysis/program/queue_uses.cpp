#include "analysis/program/queue_uses.h"

namespace bhlint {

using facts::EventKind;
using facts::ValueKind;

namespace {

class QueueFinder {
public:
  explicit QueueFinder(const Program &program) : program(program), rules(*program.rules) {}

  std::map<ObjectKey, std::vector<QueueUse>> run() {
    findAllocatedQueues();
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (const Body *body = program.bodyOf(id))
        for (const BodyEvent &event : body->events)
          if (event.kind == EventKind::Call && isDirect(event))
            addUse(id, *body, event);
    return std::move(uses);
  }

private:
  static bool isDirect(const BodyEvent &event) { return event.call == facts::CallKind::Direct; }

  void addUse(FunctionId in, const Body &body, const BodyEvent &event) {
    const Function &callee = program.functions[event.index];
    if (callee.queue == noId)
      return;
    const QueueContract &contract = rules.queues[callee.queue];
    llvm::ArrayRef<Operand> arguments = body.argumentsOf(event);
    if (contract.queueArgument >= arguments.size() || contract.objectArgument >= arguments.size())
      return;
    const std::optional<ObjectKey> object = objectKeyOf(body, arguments[contract.objectArgument]);
    const std::optional<ObjectKey> queue = objectKeyOf(body, arguments[contract.queueArgument]);
    if (!object || !queue)
      return;
    if (std::optional<Context> context = contextOf(*queue))
      uses[*object].push_back({*context, queueName(*queue), event.place, in});
  }

  std::string queueName(const ObjectKey &key) const {
    auto [record, field, global] = key;
    return program.text(global != noId ? program.globals[global].name : field).str();
  }

  std::optional<Context> contextOf(const ObjectKey &queue) const {
    if (std::uint32_t global = std::get<2>(queue); global != noId)
      for (const QueueKind &kind : rules.queueKinds)
        if (!kind.global.empty() && program.text(program.globals[global].name) == kind.global)
          return kind.context;
    if (auto found = allocatedQueues.find(queue); found != allocatedQueues.end())
      return found->second;
    return std::nullopt;
  }

  /// `priv->wq = alloc_workqueue(..., WQ_BH, 0)`, directly or through a local.
  void findAllocatedQueues() {
    for (FunctionId id = 0; id < program.functions.size(); ++id) {
      const Body *body = program.bodyOf(id);
      if (!body)
        continue;
      for (const BodyEvent &event : body->events) {
        if (event.kind != EventKind::Store)
          continue;
        Operand value = event.value;
        if (value.valueKind() == ValueKind::Local)
          for (const BodyEvent &assign : body->events)
            if (assign.kind == EventKind::Assign && assign.index == event.value.index &&
                assign.value.valueKind() == ValueKind::CallResult)
              value = assign.value;
        if (value.valueKind() != ValueKind::CallResult || value.index >= body->events.size())
          continue;
        if (std::optional<Context> context = allocatedContext(*body, body->events[value.index])) {
          const Path &path = body->paths[event.index];
          if (!path.fields.empty())
            allocatedQueues[{path.fields.back().record, path.fields.back().field, noId}] = *context;
          else if (path.root == facts::RootKind::Global)
            allocatedQueues[{0, 0, path.index}] = *context;
        }
      }
    }
  }

  std::optional<Context> allocatedContext(const Body &body, const BodyEvent &call) const {
    if (call.kind != EventKind::Call || !isDirect(call))
      return std::nullopt;
    for (const QueueKind &kind : rules.queueKinds) {
      if (kind.allocator.empty() || (program.text(program.functions[call.index].name) != kind.allocator &&
                                     program.text(call.macro) != kind.allocator))
        continue;
      auto constant = program.constants.find(kind.flag);
      llvm::ArrayRef<Operand> arguments = body.argumentsOf(call);
      if (constant == program.constants.end() || kind.flagsArgument >= arguments.size() ||
          arguments[kind.flagsArgument].valueKind() != ValueKind::Constant)
        continue;
      if (program.maskBits(arguments[kind.flagsArgument]).bits & constant->second)
        return kind.context;
    }
    return std::nullopt;
  }

  const Program &program;
  const RuleSet &rules;
  std::map<ObjectKey, Context> allocatedQueues;
  std::map<ObjectKey, std::vector<QueueUse>> uses;
};

} // namespace

std::map<ObjectKey, std::vector<QueueUse>> findQueueUses(const Program &program) { return QueueFinder(program).run(); }

} // namespace bhlint
