#include "sql/session/commands/catalog_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/catalog/system_relation.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

constexpr std::size_t kNameBytesMax = 63;

/// `text` cut to at most `size` bytes without splitting a character.
std::string_view cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) {
    return text;
  }
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
    --size;
  }
  return text.substr(0, size);
}

}  // namespace

std::string joined(const ast::QualifiedName& name) {
  std::string text;
  for (const std::string& part : name) {
    text += text.empty() ? "" : ".";
    text += part;
  }
  return text;
}

std::string make_object_name(std::string_view name1, std::string_view name2,
                             std::string_view label) {
  const std::size_t overhead = (name2.empty() ? 0 : 1) + (label.empty() ? 0 : label.size() + 1);
  std::size_t size1 = name1.size();
  std::size_t size2 = name2.size();
  while (size1 + size2 + overhead > kNameBytesMax) {
    (size1 > size2 ? size1 : size2) -= 1;
  }
  std::string result(cut(name1, size1));
  if (!name2.empty()) {
    result += '_';
    result += cut(name2, size2);
  }
  if (!label.empty()) {
    result += '_';
    result += label;
  }
  return result;
}

std::string_view relation_kind(const engine::CatalogEntry& entry) {
  return std::holds_alternative<engine::Index>(entry)      ? "index"
         : std::holds_alternative<engine::Sequence>(entry) ? "sequence"
                                                           : "table";
}

const std::string& relation_name(const engine::CatalogEntry& entry) {
  return std::visit([](const auto& object) -> const std::string& { return object.name; }, entry);
}

engine::Oid relation_schema(const engine::CatalogEntry& entry) {
  if (const auto* table = std::get_if<engine::Table>(&entry)) {
    return table->schema_oid;
  }
  if (const auto* index = std::get_if<engine::Index>(&entry)) {
    return index->schema_oid;
  }
  if (const auto* sequence = std::get_if<engine::Sequence>(&entry)) {
    return sequence->schema_oid;
  }
  return 0;
}

CatalogAccess::CatalogAccess(ClientSession& session)
    : session_(session), transaction_(session.transaction()), environment_(session.environment()) {}

const engine::Catalog& CatalogAccess::catalog() {
  if (is_stale_) {
    engine::CatalogPtr current = transaction_.catalog();
    if (pinned_.empty() || pinned_.back() != current) {
      pinned_.push_back(std::move(current));
    }
    is_stale_ = false;
    bind_.reset();
  }
  return *pinned_.back();
}

BindContext& CatalogAccess::bind_context() {
  const engine::Catalog& current = catalog();
  if (bind_ == nullptr) {
    eval_ = session_.make_eval_context();
    environment_->apply_to(eval_);
    bind_ = std::make_unique<BindContext>(
        BindContext{arena_, current, environment_->search_path, eval_, parameter_types_});
  }
  return *bind_;
}

const engine::Schema& CatalogAccess::schema(std::string_view name) {
  const engine::Schema* found = catalog().find_schema(name);
  if (found == nullptr) {
    throw SqlError(sqlstate::kInvalidSchemaName, fmt::format("schema \"{}\" does not exist", name));
  }
  return *found;
}

const engine::Schema& CatalogAccess::creation_schema(const ast::QualifiedName& name) {
  if (name.size() > 1) {
    const std::string& schema_name = name[name.size() - 2];
    if (schema_name == "pg_catalog") {
      throw SqlError(sqlstate::kInsufficientPrivilege,
                     fmt::format("permission denied to create \"{}.{}\"", schema_name, name.back()))
          .detail("System catalog modifications are currently disallowed.");
    }
    return schema(schema_name);
  }
  for (const std::string& candidate : environment_->search_path) {
    const engine::Schema* found = catalog().find_schema(candidate);
    if (found != nullptr) {
      return *found;
    }
  }
  throw SqlError(sqlstate::kInvalidSchemaName, "no schema has been selected to create in");
}

const engine::CatalogEntry* CatalogAccess::find_relation(const ast::QualifiedName& name) {
  if (name.size() > 1 && catalog().find_schema(name[name.size() - 2]) == nullptr) {
    return nullptr;
  }
  return sql::find_relation(catalog(), environment_->search_path, name);
}

void CatalogAccess::lock(engine::Oid table_oid, engine::TableLock mode) {
  environment_->apply_timeouts(transaction_);
  throw_if_error(transaction_.lock_table(table_oid, mode, session_.cancel_token()));
  is_stale_ = true;
}

const engine::Table& CatalogAccess::lock_table(const ast::QualifiedName& name, int location,
                                               engine::TableLock mode, LockOptions options) {
  for (;;) {
    const engine::CatalogEntry* entry = find_relation(name);
    if (entry != nullptr && !std::holds_alternative<engine::Table>(*entry)) {
      throw SqlError(sqlstate::kWrongObjectType,
                     fmt::format("\"{}\" is not a table", relation_name(*entry)));
    }
    if (entry == nullptr) {
      for (const engine::Oid schema_oid :
           {engine::kPgCatalogSchemaOid, engine::kInformationSchemaOid}) {
        const bool is_named =
            name.size() == 1 ? schema_oid == engine::kPgCatalogSchemaOid
                             : name[name.size() - 2] == (schema_oid == engine::kPgCatalogSchemaOid
                                                             ? "pg_catalog"
                                                             : "information_schema");
        if (is_named && find_system_relation(schema_oid, name.back()) != nullptr) {
          throw SqlError(sqlstate::kInsufficientPrivilege,
                         fmt::format("permission denied: \"{}\" is a system catalog", name.back()));
        }
      }
    }
    const engine::Table& before = resolve_table(bind_context(), name, location);
    const engine::Oid oid = before.oid;
    if (options.no_wait) {
      if (!transaction_.try_lock_table(oid, mode)) {
        throw SqlError(sqlstate::kLockNotAvailable,
                       fmt::format("could not obtain lock on relation \"{}\"", before.name));
      }
      is_stale_ = true;
    } else {
      lock(oid, mode);
    }
    const engine::CatalogEntry* after = find_relation(name);
    if (after != nullptr && engine::entry_oid(*after) == oid) {
      return std::get<engine::Table>(*after);
    }
  }
}

engine::Oid CatalogAccess::new_oid() {
  return value_or_throw(transaction_.allocate_oid());
}

void CatalogAccess::put(engine::CatalogEntry entry) {
  const std::string name = relation_name(entry);
  const bool is_relation = relation_schema(entry) != 0;
  const engine::Status outcome = transaction_.put(std::move(entry), session_.cancel_token());
  if (outcome.code() == engine::StatusCode::AlreadyExists && is_relation) {
    throw SqlError(sqlstate::kDuplicateTable, fmt::format("relation \"{}\" already exists", name));
  }
  throw_if_error(outcome);
  is_stale_ = true;
}

void CatalogAccess::drop(engine::Oid oid) {
  throw_if_error(transaction_.drop(oid, session_.cancel_token()));
  is_stale_ = true;
}

std::vector<const engine::Sequence*> CatalogAccess::sequences_of(engine::Oid table_oid) {
  std::vector<const engine::Sequence*> owned;
  for (const engine::CatalogEntry* entry : catalog().entries()) {
    const auto* sequence = std::get_if<engine::Sequence>(entry);
    if (sequence != nullptr && sequence->owner_table_oid == table_oid) {
      owned.push_back(sequence);
    }
  }
  return owned;
}

std::string CatalogAccess::unused_relation_name(engine::Oid schema_oid, std::string_view name1,
                                                std::string_view name2, std::string_view label) {
  std::string candidate = make_object_name(name1, name2, label);
  for (int n = 1; catalog().find_relation(schema_oid, candidate) != nullptr; ++n) {
    candidate = make_object_name(name1, name2, fmt::format("{}{}", label, n));
  }
  return candidate;
}

bool CatalogAccess::is_visible(engine::Oid relation_oid) {
  const engine::CatalogEntry* entry = catalog().find(relation_oid);
  if (entry == nullptr) {
    return false;
  }
  const engine::CatalogEntry* found =
      sql::find_relation(catalog(), environment_->search_path, {relation_name(*entry)});
  return found != nullptr && engine::entry_oid(*found) == relation_oid;
}

std::string CatalogAccess::display_name(engine::Oid relation_oid) {
  const engine::CatalogEntry* entry = catalog().find(relation_oid);
  if (entry == nullptr) {
    return fmt::format("{}", relation_oid);
  }
  if (is_visible(relation_oid)) {
    return relation_name(*entry);
  }
  const auto* schema = catalog().get<engine::Schema>(relation_schema(*entry));
  return fmt::format("{}.{}", schema == nullptr ? "?" : schema->name, relation_name(*entry));
}

}  // namespace omen::sql
