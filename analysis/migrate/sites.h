// DeferralSites: where one unit declares, passes on and uses objects of the old mechanism. Values only, no Clang.
//
// A *node* is a declaration whose type is, points to or takes the old record: a member, a variable, a parameter, a
// function. Nodes that values flow between are linked, and linked nodes change together or not at all: plan.h. Keys of
// nodes are the same in every unit. What stands in the way of an edit is a Trouble, with its place.
#pragma once

#include "analysis/migrate/migration_rules.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bhlint {

/// Bytes of a file; `file` is relative to the tree. Lines and columns are 1-based.
struct SourceSpan {
  std::string file;
  unsigned begin = 0, end = 0;
  unsigned line = 0, column = 0; ///< of `begin`
  friend auto operator<=>(const SourceSpan &, const SourceSpan &) = default;
};

enum class NodeKind : std::uint8_t { Field, Global, Local, Parameter, Function };

struct DeferralNode {
  std::string key;
  std::string name;
  SourceSpan place;
  NodeKind kind = NodeKind::Local;
  bool isObject = false;       ///< holds the record itself, or an array of them
  bool hasExternalName = false; ///< other units may use it without a header
  bool isDefined = true;       ///< Function: a body was seen
  unsigned declarationEnd = 0; ///< Field: behind the ';' of its declaration, in place.file; 0: not known
  friend auto operator<=>(const DeferralNode &, const DeferralNode &) = default;
};

/// The old record's tag as it is written.
struct TypeNameSite {
  SourceSpan name;
  std::string node;
  friend auto operator<=>(const TypeNameSite &, const TypeNameSite &) = default;
};

/// A call's text, found by its tokens, since it may stand in a macro.
struct CallText {
  SourceSpan name;
  unsigned open = 0, close = 0; ///< of its parentheses
  std::vector<std::pair<unsigned, unsigned>> arguments;
  friend auto operator<=>(const CallText &, const CallText &) = default;
};

struct CallSite {
  CallText text;
  std::string function;   ///< called, or the macro
  std::string node;       ///< of the object
  std::string caller;     ///< function that it is in; empty: none
  bool isStatement = false; ///< stands in a block by itself
  friend auto operator<=>(const CallSite &, const CallSite &) = default;
};

/// How an old handler's number leads to what it means.
enum class DataRelation : std::uint8_t {
  Container, ///< the address of the structure that the object is embedded in
  Constant,  ///< an expression without variables: what it says stands for it
  Other      ///< something else, which has to be kept beside the object
};

struct DataBinding {
  CallText text; ///< of the setup
  std::string node, handler;
  DataRelation relation = DataRelation::Other;
  std::string container;    ///< "struct foo", or a typedef's name; empty: there is none, or it has no name
  std::string path;         ///< from there to the object: "irq.task"
  std::string dataText;     ///< as written, without casts to a number
  std::string dataType;     ///< of that: "struct net_device *"
  std::string objectText;   ///< "priv->irq.task"; empty: not written like that
  bool isStatement = false;
  friend auto operator<=>(const DataBinding &, const DataBinding &) = default;
};

/// A use of an old handler's number.
struct DataUse {
  SourceSpan span;          ///< with its casts
  std::string type;         ///< that it is cast to, "struct foo *"; empty: used as the number
  std::string variable;     ///< that it initialises; empty: none
  std::string pointee;      ///< type that that variable points to
  bool isInMacro = false;
  friend auto operator<=>(const DataUse &, const DataUse &) = default;
};

/// A function that could be an old handler: it returns nothing and takes one number.
struct DataHandler {
  std::string key, name;
  SourceSpan place;
  std::vector<SourceSpan> parameters; ///< of every declaration
  std::vector<DataUse> uses;
  std::vector<CallText> calls;        ///< made directly
  std::vector<std::pair<SourceSpan, std::string>> callData; ///< argument of each, and its text without casts
  std::vector<SourceSpan> otherUses;  ///< its address, but for setups
  std::set<std::string> words;        ///< identifiers of its body
  bool isDefined = false;
};

struct Trouble {
  std::string node; ///< empty: of every object that the file mentions
  SourceSpan place;
  std::string reason;
  friend auto operator<=>(const Trouble &, const Trouble &) = default;
};

struct DeferralSites {
  std::string unit; ///< main file
  std::vector<std::string> files; ///< of the tree that it reads, sorted; shared headers apart
  std::vector<DeferralNode> nodes;
  std::vector<std::pair<std::string, std::string>> links;
  std::vector<TypeNameSite> typeNames;
  std::vector<CallSite> calls;
  std::vector<CallSite> macros; ///< `function` is the macro
  std::vector<DataBinding> bindings;
  std::vector<DataHandler> handlers;
  std::vector<Trouble> troubles;
  std::vector<SourceSpan> skipped; ///< what #if leaves out of the files
  std::string error;                ///< it does not parse: "file:line: message"
};

} // namespace bhlint
