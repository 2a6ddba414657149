// The edits of a group: each site becomes the target's form of it, and nothing else is touched.
#include "analysis/migrate/plan.h"
#include "analysis/migrate/thread_edits.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

namespace bhlint {

namespace {

using llvm::StringRef;

constexpr unsigned tabWidth = 8; // of the kernel's style, and of its editors

unsigned columnOf(StringRef text, unsigned offset) {
  unsigned column = 0;
  for (unsigned at = static_cast<unsigned>(text.take_front(offset).rfind('\n') + 1); at < offset; ++at)
    column = text[at] == '\t' ? (column / tabWidth + 1) * tabWidth : column + 1;
  return column;
}

StringRef indentAt(StringRef text, unsigned offset) {
  StringRef line = text.substr(text.take_front(offset).rfind('\n') + 1);
  return line.take_while([](char c) { return c == ' ' || c == '\t'; });
}

class EditWriter {
public:
  EditWriter(MigrationGroup &group, const MigrationRules &rules, const MigrationTarget &target, FileText textOf)
      : group(group), rules(rules), target(target), textOf(textOf) {}

  std::vector<TextEdit> run() {
    for (const TypeNameSite &site : group.typeNames)
      writeTypeName(site.name);
    for (const CallSite &site : group.calls)
      writeCall(site);
    for (const CallSite &site : group.macros) {
      const DeferralMacroRole role = rules.macros.find(site.function)->second.role;
      replace(site.text.name, role == DeferralMacroRole::FindContainer ? target.findContainer : target.declare,
              site.text.close + 1);
    }
    for (const DataHandler &handler : group.dataHandlers)
      writeHandler(handler);
    for (const auto &[field, binding] : kept)
      writeKeptField(field, binding);
    llvm::sort(edits);
    edits.erase(std::unique(edits.begin(), edits.end()), edits.end());
    return group.refusals.empty() ? std::move(edits) : std::vector<TextEdit>();
  }

private:
  void refuse(const SourceSpan &place, const llvm::Twine &reason) { group.refusals.push_back({place, reason.str()}); }

  void replace(SourceSpan span, std::string text, unsigned statementEnd = 0) {
    edits.push_back({std::move(span), std::move(text), statementEnd});
  }
  static SourceSpan at(const std::string &file, unsigned begin, unsigned end) { return {file, begin, end, 0, 0}; }

  /// What stands in a column behind tabs stays in it.
  void writeTypeName(const SourceSpan &name) {
    StringRef text = textOf(name.file);
    unsigned end = name.end;
    while (end < text.size() && text[end] == '\t')
      ++end;
    std::string written = target.record;
    if (end != name.end) {
      unsigned column = columnOf(text, name.begin) + static_cast<unsigned>(target.record.size());
      do {
        written += '\t';
        column = (column / tabWidth + 1) * tabWidth;
      } while (column < columnOf(text, end));
    }
    replace(at(name.file, name.begin, end), written);
  }

  void writeCall(const CallSite &site) {
    const CallText &text = site.text;
    DeferralRole role = rules.calls.find(site.function)->second.role;
    const bool hasData = role == DeferralRole::SetupWithData;
    const ReplacingCall call = replacingCall(group, rules, target, role);
    replace(text.name, call.function, text.close + 1);
    if (!call.before.empty())
      replace(at(text.name.file, text.open + 1, text.open + 1), call.before + ", ");
    if (hasData && text.arguments.size() == 3)
      replace(at(text.name.file, text.arguments[1].second, text.close), "");
    if (!call.note.empty() && !llvm::is_contained(group.notes, call.note))
      group.notes.push_back(call.note);
  }

  std::string containerText(const DataBinding &binding) const {
    return llvm::formatv("container_of({0}, {1}, {2})", parameter, binding.container, binding.path).str();
  }

  /// What stands for a use of the number.
  std::string useText(const DataUse &use, const DataBinding &binding) const {
    const std::string cast = use.type.empty() ? "(unsigned long)" : "";
    switch (binding.relation) {
    case DataRelation::Container:
      if (!use.variable.empty() && use.pointee == binding.container)
        return llvm::formatv("{0}({1}, {2}, {3})", target.findContainer, use.variable, parameter, binding.path).str();
      if (!use.type.empty() && use.type != binding.container + " *" && use.type != "void *")
        return llvm::formatv("({0}){1}", use.type, containerText(binding)).str();
      return cast + containerText(binding);
    case DataRelation::Constant:
      if (use.type.empty())
        return llvm::formatv("(unsigned long)({0})", binding.dataText).str();
      return llvm::formatv("(({0}){1})", use.type, binding.dataText).str();
    case DataRelation::Other:
      break;
    }
    const bool isSameType = use.type == binding.dataType || use.type == "void *";
    const std::string kept = containerText(binding) + "->" + keptName(binding);
    return use.type.empty() || isSameType ? cast + kept : llvm::formatv("({0}){1}", use.type, kept).str();
  }

  /// Of the member beside the object, whose name ends the path.
  static std::string keptName(const DataBinding &binding) {
    return StringRef(binding.path).substr(StringRef(binding.path).rfind('.') + 1).str() + "_data";
  }

  void writeHandler(const DataHandler &handler) {
    const DataBinding *first = nullptr;
    for (const DataBinding &binding : group.bindings) {
      if (binding.handler != handler.key)
        continue;
      if (first && !handler.uses.empty() &&
          (first->relation != binding.relation || first->container != binding.container || first->path != binding.path ||
           (binding.relation != DataRelation::Container && first->dataType != binding.dataType) ||
           (binding.relation == DataRelation::Constant && first->dataText != binding.dataText)))
        return refuse(handler.place, handler.name + "() is the handler of objects with different data");
      first = &binding;
    }
    if (!handler.isDefined)
      return refuse(group.objects.front().place, handler.name + "() is defined in none of these units");
    for (const SourceSpan &use : handler.otherUses)
      refuse(use, handler.name + "() is used otherwise than as a handler");
    parameter = target.parameter;
    while (handler.words.count(parameter))
      parameter.insert(0, "bh_");
    for (const SourceSpan &span : handler.parameters)
      replace(span, llvm::formatv("struct {0} *{1}", target.record, parameter).str());
    if (!handler.uses.empty() && first->relation == DataRelation::Other && !keepsData(*first))
      return;
    if (!handler.uses.empty() && first->relation != DataRelation::Constant && first->container.empty())
      return refuse(handler.place, "the structure that its data are in has no name");
    for (const DataUse &use : handler.uses) {
      if (use.isInMacro && use.type.empty())
        refuse(use.span, "its parameter is used in a macro");
      replace(use.span, useText(use, *first));
    }
    for (std::size_t i = 0; i < handler.calls.size(); ++i)
      writeDirectCall(handler, *first, handler.calls[i], handler.callData[i]);
  }

  void writeDirectCall(const DataHandler &handler, const DataBinding &binding, const CallText &call,
                       const std::pair<SourceSpan, std::string> &data) {
    if (handler.uses.empty())
      return replace(data.first, "NULL");
    if (binding.relation == DataRelation::Constant)
      return replace(data.first, "NULL"); // which isn't looked at
    const bool isSimple = llvm::all_of(data.second, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '-' || c == '>' || c == '.'; });
    if (binding.relation != DataRelation::Container || !isSimple || data.second.empty())
      return refuse(call.name, handler.name + "() is also called directly");
    if (StringRef(data.second).trim() == parameter || llvm::any_of(handler.uses, [&](const DataUse &use) { return use.span == data.first; }))
      return refuse(call.name, handler.name + "() is also called directly");
    replace(data.first, llvm::formatv("&{0}->{1}", data.second, binding.path).str());
  }

  /// Data that are not the container go into a member of their own.
  bool keepsData(const DataBinding &binding) {
    for (const DataBinding &other : group.bindings)
      if (other.handler == binding.handler && (!other.isStatement || other.objectText.empty() ||
                                               !StringRef(other.objectText).ends_with(other.path) || other.dataText.empty())) {
        refuse(other.text.name, "what its handler is given can't be kept beside it");
        return false;
      }
    for (const DeferralNode &node : group.nodes)
      if (node.kind == NodeKind::Field && node.isObject && node.key == binding.node && node.declarationEnd != 0) {
        kept.emplace(node.key, binding);
        return true;
      }
    refuse(binding.text.name, "what its handler is given can't be kept beside it");
    return false;
  }

  void writeKeptField(const std::string &key, const DataBinding &first) {
    const DeferralNode &node = *llvm::find_if(group.nodes, [&](const DeferralNode &n) { return n.key == key; });
    StringRef text = textOf(node.place.file);
    if (first.dataType.find('(') != std::string::npos || first.dataType.find('[') != std::string::npos)
      return refuse(first.text.name, "what its handler is given can't be kept beside it");
    const bool endsWithStar = StringRef(first.dataType).ends_with("*");
    replace(at(node.place.file, node.declarationEnd, node.declarationEnd),
            llvm::formatv("\n{0}{1}{2}{3};", indentAt(text, node.place.begin), first.dataType, endsWithStar ? "" : " ",
                          keptName(first))
                .str());
    for (const DataBinding &binding : group.bindings) {
      if (binding.node != key)
        continue;
      if (binding.dataType != first.dataType)
        return refuse(binding.text.name, "what its handler is given has different types");
      StringRef file = textOf(binding.text.name.file);
      const unsigned end = binding.text.close + 1;
      if (file.substr(end, 1) != ";")
        return refuse(binding.text.name, "what its handler is given can't be kept beside it");
      replace(at(binding.text.name.file, end + 1, end + 1),
              llvm::formatv("\n{0}{1}_data = {2};", indentAt(file, binding.text.name.begin), binding.objectText,
                            binding.dataText)
                  .str());
    }
  }

  MigrationGroup &group;
  const MigrationRules &rules;
  const MigrationTarget &target;
  FileText textOf;
  std::vector<TextEdit> edits;
  std::string parameter;
  std::map<std::string, DataBinding> kept; ///< by the object's key
};

std::string highPriorityCall(const MigrationGroup &group, const MigrationRules &rules) {
  for (const CallSite &site : group.calls)
    if (rules.calls.find(site.function)->second.role == DeferralRole::ScheduleHigh)
      return site.function;
  return {};
}

} // namespace

ReplacingCall replacingCall(const MigrationGroup &group, const MigrationRules &rules, const MigrationTarget &target,
                            DeferralRole role) {
  const bool isHigh = group.hasRole(rules, DeferralRole::ScheduleHigh);
  if (role == DeferralRole::Schedule && isHigh) { // on two queues, it could run twice at once
    ReplacingCall call = target.calls.at(DeferralRole::ScheduleHigh);
    call.note = target.bothPriorities;
    return call;
  }
  ReplacingCall call = target.calls.at(role == DeferralRole::SetupWithData ? DeferralRole::Setup : role);
  if (role != DeferralRole::Enable || !isHigh)
    return call;
  // On another queue than the one it is scheduled on, it could run twice at once.
  call.before = target.calls.at(DeferralRole::ScheduleHigh).before;
  for (std::string &like : call.likeNew)
    if (rules.calls.find(like)->second.role == DeferralRole::Schedule)
      like = highPriorityCall(group, rules);
  return call;
}

std::vector<TextEdit> editsFor(MigrationGroup &group, const MigrationRules &rules, const MigrationTarget &target,
                               FileText textOf) {
  if (!group.refusals.empty())
    return {};
  if (target.thread)
    return threadEditsFor(group, rules, target, textOf);
  return EditWriter(group, rules, target, textOf).run();
}

} // namespace bhlint
