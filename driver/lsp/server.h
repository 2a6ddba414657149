// Server: the part of the Language Server Protocol that bhlint speaks: initialize, the opening, changing, saving and
// closing of documents, diagnostics, hover, code actions, shutdown. What a finding looks like there is in protocol.h.
//
// It judges nothing: an Analyser does, with the texts that the editor has and the disk hasn't. Documents are analysed
// when the editor pauses, all that are open together.
#pragma once

#include "driver/lsp/message_stream.h"

#include "analysis/findings/finding.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace bhlint::lsp {

/// What an analysis of the open documents gave.
struct Analysed {
  std::vector<Finding> findings;
  std::vector<FailedUnit> failedUnits;
  /// Of a function's name, in Markdown; empty: nothing is known of it. Valid until the next analysis.
  std::function<std::string(llvm::StringRef function)> describe;
  /// These findings, those with an edit that have one which holds. Takes an analysis. Valid as long as `describe`.
  std::function<llvm::Expected<std::vector<Finding>>(std::vector<Finding>)> withEdits;
};

/// Absolute path -> text.
using Documents = std::map<std::string, std::string>;

struct Analyser {
  std::string tree; ///< that files of findings are relative to
  /// `changed`: what differs from the disk.
  std::function<llvm::Expected<Analysed>(const std::set<std::string> &open, const Documents &changed)> run;
};

class Server {
public:
  Server(MessageStream &stream, const Analyser &analyser, std::string version)
      : stream(stream), analyser(analyser), version(std::move(version)) {}

  /// Until the client says exit. True: it had said shutdown before, as it should.
  llvm::Expected<bool> serve();

private:
  void handle(const std::string &text);
  void handleRequest(llvm::StringRef method, const llvm::json::Value &id, const llvm::json::Object &params);
  void handleNotification(llvm::StringRef method, const llvm::json::Object &params);
  void analyse();
  void publish(const std::string &file, llvm::json::Array diagnostics);
  llvm::json::Value hover(const llvm::json::Object &params);
  llvm::json::Array codeActions(const llvm::json::Object &params);
  std::vector<Finding> editedIn(const std::string &path, const llvm::json::Object &range);
  bool isAsOnDisk(const std::string &path) const;
  llvm::StringRef textOf(const std::string &path);
  void reply(const llvm::json::Value &id, llvm::json::Value result);
  void fail(const llvm::json::Value &id, int code, llvm::StringRef message);
  void log(llvm::StringRef message);

  MessageStream &stream;
  const Analyser &analyser;
  std::string version;
  Documents open;
  std::map<std::string, std::string> read; ///< texts of other files, as long as an analysis is shown
  std::set<std::string> published;         ///< files that have diagnostics
  Analysed analysed;
  std::map<std::string, Finding> withEdits;     ///< by fingerprint: those of `analysed` that were asked for
  std::map<std::string, std::int64_t> versions; ///< of open documents, as the client counts
  bool takesVersions = false;
  bool isDirty = false; ///< something changed since the last analysis
  bool isInitialized = false, isShutDown = false, isOver = false;
};

} // namespace bhlint::lsp
