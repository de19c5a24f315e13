#include "sql/parser/parser.h"

#include <pg_query.h>
#include <pthread.h>

#include <cstring>
#include <exception>
#include <string>

#include "engine/base/assert.h"
#include "sql/error/sql_error.h"
#include "sql/parser/convert/converter.h"
#include "sql/parser/depth_scan.h"

namespace omen::sql {
namespace {

/// Measured on libpg_query 15-4.0.0: 2 KB of stack per link of an operator chain, at most 6 KB per
/// bracket. Estimates up to the first bound run on the caller's stack, up to the second on a stack
/// of kDeepStackBytes, and the rest is refused.
constexpr std::size_t kCallerDepthMax = 250;
constexpr std::size_t kEstimatedDepthMax = 8000;
constexpr std::size_t kDeepStackBytes = std::size_t{128} << 20;

/// Allocates protobuf-c's tree from an arena that is dropped as a whole.
void* allocate_unpacked(void* arena, std::size_t size_bytes) {
  return static_cast<engine::Arena*>(arena)->allocate(size_bytes);
}
void free_unpacked(void* /*arena*/, void* /*bytes*/) {}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

SqlState sqlstate_of(std::string_view message) {
  if (contains(message, "memory exhausted") || contains(message, "stack depth limit")) {
    return sqlstate::kStatementTooComplex;
  }
  if (contains(message, "not implemented") || contains(message, "not supported") ||
      contains(message, "not yet implemented")) {
    return sqlstate::kFeatureNotSupported;
  }
  if (contains(message, "invalid byte sequence")) {
    return sqlstate::kCharacterNotInRepertoire;
  }
  if (message == "unsafe use of \\' in a string literal") {
    return "22P06";
  }
  if (message == "invalid Unicode escape" || contains(message, "escape sequence")) {
    return sqlstate::kInvalidEscapeSequence;
  }
  return sqlstate::kSyntaxError;
}

/// The hints of gram.y and scan.l; the library passes on messages alone.
std::string hint_of(std::string_view message) {
  if (message == "subquery in FROM must have an alias") {
    return "For example, FROM (SELECT ...) [AS] foo.";
  }
  if (message == "VALUES in FROM must have an alias") {
    return "For example, FROM (VALUES ...) [AS] foo.";
  }
  if (message == "invalid Unicode escape") {
    return "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.";
  }
  if (message == "unsafe use of \\' in a string literal") {
    return "Use '' to write quotes in strings. \\' is insecure in client-only encodings.";
  }
  return {};
}

/// Byte offset of the 1-based character `position` of UTF-8 text.
int byte_offset(std::string_view text, int position) {
  std::size_t at = 0;
  for (int left = position - 1; left > 0 && at < text.size(); --left) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) {
      ++at;
    }
  }
  return static_cast<int>(at);
}

[[noreturn]] void throw_grammar_error(const PgQueryError& error, std::string_view text) {
  const std::string_view message = error.message;
  const SqlState state = sqlstate_of(message);
  if (state == sqlstate::kStatementTooComplex) {
    stack_depth_exceeded();
  }
  throw SqlError(state, std::string(message))
      .hint(hint_of(message))
      .at(error.cursorpos > 0 ? byte_offset(text, error.cursorpos) : -1);
}

/// Owns a result of the library.
class GrammarResult {
 public:
  explicit GrammarResult(const std::string& text)
      : result_(pg_query_parse_protobuf(text.c_str())) {}
  ~GrammarResult() { pg_query_free_protobuf_parse_result(result_); }
  GrammarResult(const GrammarResult&) = delete;
  GrammarResult& operator=(const GrammarResult&) = delete;
  [[nodiscard]] const PgQueryError* error() const { return result_.error; }
  [[nodiscard]] const PgQueryProtobuf& tree() const { return result_.parse_tree; }

 private:
  PgQueryProtobufParseResult result_;
};

ParsedText parse_here(const std::string& text) {
  const GrammarResult grammar(text);
  if (grammar.error() != nullptr) {
    throw_grammar_error(*grammar.error(), text);
  }
  engine::Arena unpacked;
  ProtobufCAllocator allocator{allocate_unpacked, free_unpacked, &unpacked};
  const PgQuery__ParseResult* tree = pg_query__parse_result__unpack(
      &allocator, grammar.tree().len, reinterpret_cast<const std::uint8_t*>(grammar.tree().data));
  if (tree == nullptr) {
    internal_error("the grammar's tree cannot be read");
  }
  ParsedText out{std::make_shared<engine::Arena>(), {}};
  Converter converter(*out.arena);
  out.statements.reserve(tree->n_stmts);
  for (std::size_t i = 0; i < tree->n_stmts; ++i) {
    out.statements.push_back(converter.raw_statement(*tree->stmts[i]));
  }
  return out;
}

struct DeepParse {
  const std::string& text;
  ParsedText out;
  std::exception_ptr failure;
};

void* run_deep_parse(void* argument) {
  auto& work = *static_cast<DeepParse*>(argument);
  try {
    work.out = parse_here(work.text);
  } catch (...) {
    work.failure = std::current_exception();
  }
  return nullptr;
}

/// On a thread of its own, because of its stack; deep statements are rare.
ParsedText parse_deep(const std::string& text) {
  DeepParse work{text, {}, {}};
  pthread_attr_t attributes;
  OMEN_ASSERT(pthread_attr_init(&attributes) == 0, "thread attributes");
  OMEN_ASSERT(pthread_attr_setstacksize(&attributes, kDeepStackBytes) == 0, "stack size");
  pthread_t thread{};
  const int failed = pthread_create(&thread, &attributes, run_deep_parse, &work);
  pthread_attr_destroy(&attributes);
  if (failed != 0) {
    throw SqlError(sqlstate::kInsufficientResources, "could not start a thread to parse with");
  }
  pthread_join(thread, nullptr);
  if (work.failure) {
    std::rethrow_exception(work.failure);
  }
  return std::move(work.out);
}

}  // namespace

ParsedText parse(std::string_view text) {
  const std::size_t depth = estimate_depth(text);
  if (depth > kEstimatedDepthMax) {
    stack_depth_exceeded();
  }
  const std::string terminated(text);
  return depth <= kCallerDepthMax ? parse_here(terminated) : parse_deep(terminated);
}

}  // namespace omen::sql
