#include "driver/lsp/server.h"

#include "driver/kbuild/compile_database.h"
#include "driver/lsp/protocol.h"

#include "analysis/findings/notes.h"
#include "analysis/findings/source_text.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"

namespace bhlint::lsp {

namespace {

namespace json = llvm::json;

/// How long the editor is quiet before what it has is analysed.
constexpr int pauseMilliseconds = 300;

// JSON-RPC's and the protocol's codes.
constexpr int parseError = -32700, invalidRequest = -32600, methodNotFound = -32601, invalidParams = -32602,
              notInitialized = -32002;

constexpr llvm::StringLiteral quickFix = "quickfix"; // CodeActionKind

/// params.textDocument.uri as a path; empty: none.
std::string documentOf(const json::Object &params) {
  const json::Object *document = params.getObject("textDocument");
  std::optional<llvm::StringRef> uri = document ? document->getString("uri") : std::nullopt;
  return uri ? pathOf(*uri) : std::string();
}

json::Object capabilities() {
  constexpr int fullText = 1; // TextDocumentSyncKind
  return json::Object{{"textDocumentSync", json::Object{{"openClose", true}, {"change", fullText}, {"save", true}}},
                      {"positionEncoding", "utf-16"},
                      {"hoverProvider", true},
                      {"codeActionProvider", json::Object{{"codeActionKinds", json::Array{quickFix}}}}};
}

/// Whether a client that wants these kinds only (and those below them) wants edits of findings.
bool wantsQuickFixes(const json::Object &context) {
  const json::Array *only = context.getArray("only");
  return !only || llvm::any_of(*only, [](const json::Value &kind) {
    return kind.getAsString() == llvm::StringRef("") || kind.getAsString() == quickFix;
  });
}

bool takesDocumentVersions(const json::Object &params) {
  const json::Object *at = &params;
  for (const char *key : {"capabilities", "workspace", "workspaceEdit"})
    at = at ? at->getObject(key) : nullptr;
  return at && at->getBoolean("documentChanges").value_or(false);
}

json::Value failedUnitDiagnostic(const FailedUnit &unit) {
  constexpr int information = 3; // DiagnosticSeverity
  json::Object start{{"line", 0}, {"character", 0}};
  return json::Object{{"range", json::Object{{"start", json::Object(start)}, {"end", json::Object(start)}}},
                      {"severity", information},
                      {"source", "bhlint"},
                      {"message", "not analysed completely: " + json::fixUTF8(unit.reason)}};
}

} // namespace

llvm::Expected<bool> Server::serve() {
  while (!isOver) {
    if (isDirty && !stream.isReadable(pauseMilliseconds)) {
      analyse();
      continue;
    }
    llvm::Expected<std::optional<std::string>> message = stream.read();
    if (!message)
      return message.takeError();
    if (!*message)
      break;
    handle(**message);
  }
  return isShutDown;
}

void Server::handle(const std::string &text) {
  llvm::Expected<json::Value> message = json::parse(text);
  if (!message) {
    llvm::consumeError(message.takeError());
    return fail(nullptr, parseError, "not JSON");
  }
  const json::Object *object = message->getAsObject();
  std::optional<llvm::StringRef> method = object ? object->getString("method") : std::nullopt;
  const json::Value *id = object ? object->get("id") : nullptr;
  if (!method) {
    if (!object || !id || !(object->get("result") || object->get("error"))) // an answer: nothing was asked
      fail(id ? *id : nullptr, invalidRequest, "neither a request nor a notification");
    return;
  }
  const json::Object *params = object->getObject("params");
  const json::Object none;
  if (id)
    handleRequest(*method, *id, params ? *params : none);
  else
    handleNotification(*method, params ? *params : none);
}

void Server::handleRequest(llvm::StringRef method, const json::Value &id, const json::Object &params) {
  if (method == "initialize") {
    if (isInitialized)
      return fail(id, invalidRequest, "initialized already");
    isInitialized = true;
    takesVersions = takesDocumentVersions(params);
    return reply(id, json::Object{{"capabilities", capabilities()},
                                  {"serverInfo", json::Object{{"name", "bhlint"}, {"version", version}}}});
  }
  if (!isInitialized)
    return fail(id, notInitialized, "initialize comes first");
  if (isShutDown)
    return fail(id, invalidRequest, "shut down already");
  if (method == "shutdown") {
    isShutDown = true;
    return reply(id, nullptr);
  }
  if (method == "textDocument/hover") {
    if (documentOf(params).empty() || !params.getObject("position"))
      return fail(id, invalidParams, "textDocument.uri, of a file, and position are needed");
    return reply(id, hover(params));
  }
  if (method == "textDocument/codeAction") {
    if (documentOf(params).empty() || !params.getObject("range") || !params.getObject("context"))
      return fail(id, invalidParams, "textDocument.uri, of a file, range and context are needed");
    return reply(id, codeActions(params));
  }
  fail(id, methodNotFound, ("no such method: " + method).str());
}

void Server::handleNotification(llvm::StringRef method, const json::Object &params) {
  if (method == "exit")
    isOver = true;
  if (!isInitialized || isShutDown || !method.starts_with("textDocument/did"))
    return;
  const std::string path = documentOf(params);
  if (path.empty())
    return log("only files are analysed");
  if (method == "textDocument/didOpen") {
    open[path] = params.getObject("textDocument")->getString("text").value_or("").str();
  } else if (method == "textDocument/didChange") {
    const json::Array *changes = params.getArray("contentChanges");
    const json::Object *last = changes && !changes->empty() ? changes->back().getAsObject() : nullptr;
    std::optional<llvm::StringRef> text = last ? last->getString("text") : std::nullopt;
    if (!text || last->get("range") || !open.count(path))
      return log("a change without the whole text of an open document");
    open[path] = text->str();
  } else if (method == "textDocument/didClose") {
    open.erase(path);
    versions.erase(path);
  }
  if (std::optional<std::int64_t> version = params.getObject("textDocument")->getInteger("version"))
    versions[path] = *version;
  isDirty = true;
}

/// What the editor has, else what the disk has.
llvm::StringRef Server::textOf(const std::string &path) {
  if (auto document = open.find(path); document != open.end())
    return document->second;
  auto [entry, isNew] = read.try_emplace(path);
  if (isNew)
    if (auto buffer = llvm::MemoryBuffer::getFile(path))
      entry->second = (*buffer)->getBuffer().str();
  return entry->second;
}

void Server::analyse() {
  isDirty = false;
  read.clear();
  withEdits.clear();
  std::set<std::string> files;
  Documents changed;
  for (const auto &[path, text] : open) {
    files.insert(path);
    if (!isAsOnDisk(path))
      changed[path] = text;
  }
  llvm::Expected<Analysed> result = analyser.run(files, changed);
  if (!result)
    return log(llvm::toString(result.takeError()));
  analysed = std::move(*result);

  auto absolute = [&](llvm::StringRef file) { return absolutePath(analyser.tree, file); };
  auto readText = [&](llvm::StringRef file) { return textOf(absolute(file)); };
  std::map<std::string, json::Array> diagnostics;
  for (const std::string &file : published)
    diagnostics[file]; // that had some, and may have none now
  for (const std::string &file : files)
    diagnostics[file];
  for (const Finding &finding : analysed.findings)
    diagnostics[absolute(finding.place.file)].push_back(diagnosticOf(finding, readText, absolute));
  for (const FailedUnit &unit : analysed.failedUnits)
    diagnostics[absolute(unit.file)].push_back(failedUnitDiagnostic(unit));
  published.clear();
  for (auto &[file, found] : diagnostics) {
    if (!found.empty())
      published.insert(file);
    publish(file, std::move(found));
  }
}

void Server::publish(const std::string &file, json::Array diagnostics) {
  stream.write(json::Object{{"jsonrpc", "2.0"},
                            {"method", "textDocument/publishDiagnostics"},
                            {"params", json::Object{{"uri", uriOf(file)}, {"diagnostics", std::move(diagnostics)}}}});
}

json::Value Server::hover(const json::Object &params) {
  if (isDirty || !analysed.describe)
    analyse();
  const json::Object *position = params.getObject("position");
  const unsigned row = static_cast<unsigned>(position->getInteger("line").value_or(0));
  const unsigned column = static_cast<unsigned>(position->getInteger("character").value_or(0));
  llvm::StringRef line = lineOf(textOf(documentOf(params)), row + 1);
  llvm::StringRef name = identifierAt(line, byteOffset(line, column));
  const std::string text = name.empty() || !analysed.describe ? "" : analysed.describe(name);
  if (text.empty())
    return nullptr;
  return json::Object{{"contents", json::Object{{"kind", "markdown"}, {"value", json::fixUTF8(text)}}}};
}

bool Server::isAsOnDisk(const std::string &path) const {
  auto document = open.find(path);
  auto disk = llvm::MemoryBuffer::getFile(path);
  return document != open.end() && disk && (*disk)->getBuffer() == document->second;
}

/// What is found in the document within the range, with edits. Each is looked for once for each analysis.
std::vector<Finding> Server::editedIn(const std::string &path, const json::Object &range) {
  auto readText = [&](llvm::StringRef file) { return textOf(absolutePath(analyser.tree, file)); };
  std::vector<const Finding *> here;
  std::vector<Finding> toLookFor;
  for (const Finding &finding : analysed.findings)
    if (absolutePath(analyser.tree, finding.place.file) == path &&
        doOverlap(*rangeOf(finding.place, readText).getAsObject(), range)) {
      here.push_back(&finding);
      if (!withEdits.count(finding.fingerprint))
        toLookFor.push_back(finding);
    }
  if (!toLookFor.empty() && analysed.withEdits) {
    llvm::Expected<std::vector<Finding>> found = analysed.withEdits(std::move(toLookFor));
    if (!found)
      log(llvm::toString(found.takeError()));
    else
      for (Finding &finding : *found)
        withEdits.insert_or_assign(finding.fingerprint, std::move(finding));
  }
  std::vector<Finding> edited;
  for (const Finding *finding : here)
    if (auto known = withEdits.find(finding->fingerprint); known != withEdits.end() && known->second.edit)
      edited.push_back(known->second);
  return edited;
}

/// Of text as it was saved: what is proven of an edit is of files. Findings that one edit ends share its action.
json::Array Server::codeActions(const json::Object &params) {
  const std::string path = documentOf(params);
  if (!wantsQuickFixes(*params.getObject("context")) || !isAsOnDisk(path))
    return {};
  if (isDirty || !analysed.withEdits)
    analyse();
  auto absolute = [&](llvm::StringRef file) { return absolutePath(analyser.tree, file); };
  auto readText = [&](llvm::StringRef file) { return textOf(absolute(file)); };
  std::optional<std::int64_t> version;
  if (auto known = versions.find(path); takesVersions && known != versions.end())
    version = known->second;
  std::map<std::vector<Replacement>, std::vector<Finding>> byEdit;
  for (Finding &finding : editedIn(path, *params.getObject("range")))
    byEdit[finding.edit->replacements].push_back(std::move(finding));
  json::Array actions;
  for (const auto &[replacements, findings] : byEdit) {
    json::Array diagnostics;
    for (const Finding &finding : findings)
      diagnostics.push_back(diagnosticOf(finding, readText, absolute));
    const FindingEdit &edit = *findings.front().edit;
    actions.push_back(json::Object{{"title", json::fixUTF8("bhlint: " + editText(edit))},
                                   {"kind", quickFix},
                                   {"diagnostics", std::move(diagnostics)},
                                   {"edit", workspaceEditOf(edit, readText, absolute, version)}});
  }
  return actions;
}

void Server::reply(const json::Value &id, json::Value result) {
  stream.write(json::Object{{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

void Server::fail(const json::Value &id, int code, llvm::StringRef message) {
  stream.write(json::Object{
      {"jsonrpc", "2.0"}, {"id", id}, {"error", json::Object{{"code", code}, {"message", json::fixUTF8(message)}}}});
}

void Server::log(llvm::StringRef message) {
  constexpr int warning = 2; // MessageType
  stream.write(json::Object{{"jsonrpc", "2.0"},
                            {"method", "window/logMessage"},
                            {"params", json::Object{{"type", warning}, {"message", json::fixUTF8(message)}}}});
}

} // namespace bhlint::lsp
