#include "engine/catalog/entry_format.h"

#include <cstring>
#include <optional>
#include <type_traits>

namespace omen::engine {
namespace {

constexpr char kFormat = 3;

/// Appends members; Reader below takes them in the same order through the same visit() functions.
class Writer {
 public:
  std::string bytes;

  void member(const std::string& text) {
    member(static_cast<std::uint32_t>(text.size()));
    bytes += text;
  }
  void member(const std::optional<std::string>& text) {
    member(text.has_value());
    if (text.has_value()) {
      member(*text);
    }
  }
  template <typename T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void member(const T& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  template <typename T>
  void list(const std::vector<T>& items) {
    member(static_cast<std::uint32_t>(items.size()));
    for (const T& item : items) {
      visit(*this, const_cast<T&>(item));
    }
  }
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  void member(std::string& text) {
    std::uint32_t size = 0;
    member(size);
    if (size > rest_.size()) {
      failed_ = true;
      return;
    }
    text = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }
  void member(std::optional<std::string>& text) {
    bool is_there = false;
    member(is_there);
    if (is_there) {
      member(text.emplace());
    }
  }
  template <typename T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void member(T& value) {
    if (sizeof value > rest_.size()) {
      failed_ = true;
      return;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
  }
  template <typename T>
  void list(std::vector<T>& items) {
    std::uint32_t count = 0;
    member(count);
    for (std::uint32_t i = 0; i < count && !failed_; ++i) {
      visit(*this, items.emplace_back());
    }
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

template <typename Archive>
void visit(Archive& archive, std::pair<std::string, std::string>& option) {
  archive.member(option.first);
  archive.member(option.second);
}
template <typename Archive>
void visit(Archive& archive, Schema& schema) {
  archive.member(schema.oid);
  archive.member(schema.name);
}
template <typename Archive>
void visit(Archive& archive, Column& column) {
  archive.member(column.name);
  archive.member(column.type_oid);
  archive.member(column.type_modifier);
  archive.member(column.physical);
  archive.member(column.not_null);
  archive.member(column.dropped);
  archive.member(column.default_sql);
  archive.member(column.default_oid);
  archive.member(column.identity);
  archive.member(column.comment);
  archive.member(column.missing);
}
template <typename Archive>
void visit(Archive& archive, CheckConstraint& check) {
  archive.member(check.oid);
  archive.member(check.name);
  archive.member(check.expression_sql);
}
template <typename Archive>
void visit(Archive& archive, Table& table) {
  archive.member(table.oid);
  archive.member(table.schema_oid);
  archive.member(table.name);
  archive.member(table.row_type_oid);
  archive.list(table.columns);
  archive.list(table.checks);
  archive.list(table.options);
  archive.member(table.comment);
  archive.member(table.storage_id);
}
template <typename Archive>
void visit(Archive& archive, IndexColumn& column) {
  archive.member(column.column);
  archive.member(column.descending);
  archive.member(column.nulls_first);
  archive.member(column.opclass_oid);
}
template <typename Archive>
void visit(Archive& archive, Index& index) {
  archive.member(index.oid);
  archive.member(index.schema_oid);
  archive.member(index.table_oid);
  archive.member(index.name);
  archive.member(index.method);
  archive.list(index.columns);
  archive.member(index.key_column_count);
  archive.member(index.unique);
  archive.member(index.primary);
  archive.member(index.constraint_oid);
  archive.member(index.metric);
  archive.member(index.m);
  archive.member(index.ef_construction);
  archive.member(index.element);
  archive.member(index.quantization);
  archive.list(index.options);
  archive.member(index.comment);
  archive.member(index.storage_id);
  archive.member(index.created_xid);
}
template <typename Archive>
void visit(Archive& archive, Sequence& sequence) {
  archive.member(sequence.oid);
  archive.member(sequence.schema_oid);
  archive.member(sequence.name);
  archive.member(sequence.type_oid);
  archive.member(sequence.start);
  archive.member(sequence.increment);
  archive.member(sequence.min);
  archive.member(sequence.max);
  archive.member(sequence.cache);
  archive.member(sequence.cycle);
  archive.member(sequence.owner_table_oid);
  archive.member(sequence.owner_column);
  archive.member(sequence.storage_id);
}
template <typename Archive>
void visit(Archive& archive, Extension& extension) {
  archive.member(extension.oid);
  archive.member(extension.name);
  archive.member(extension.version);
  archive.member(extension.schema_oid);
}
template <typename Archive>
void visit(Archive& archive, Role& role) {
  archive.member(role.oid);
  archive.member(role.name);
  archive.member(role.superuser);
  archive.member(role.can_login);
  archive.member(role.password);
}

template <std::size_t kind>
Result<CatalogEntry> read_entry(Reader& reader) {
  std::variant_alternative_t<kind, CatalogEntry> entry;
  visit(reader, entry);
  if (reader.failed() || !reader.at_end()) {
    return Status(StatusCode::Corruption, "stored catalog entry is damaged");
  }
  return CatalogEntry(std::move(entry));
}

}  // namespace

std::string encode_entry(const CatalogEntry& entry) {
  Writer writer;
  writer.member(kFormat);
  writer.member(static_cast<std::uint8_t>(entry.index()));
  std::visit([&writer](auto value) { visit(writer, value); }, entry);
  return std::move(writer.bytes);
}

Result<CatalogEntry> decode_entry(std::string_view bytes) {
  Reader reader(bytes);
  char format = 0;
  std::uint8_t kind = 0;
  reader.member(format);
  reader.member(kind);
  if (!reader.failed() && format == kFormat) {
    switch (kind) {
      case 0:
        return read_entry<0>(reader);
      case 1:
        return read_entry<1>(reader);
      case 2:
        return read_entry<2>(reader);
      case 3:
        return read_entry<3>(reader);
      case 4:
        return read_entry<4>(reader);
      case 5:
        return read_entry<5>(reader);
      default:
        break;
    }
  }
  return Status(StatusCode::Corruption, "stored catalog entry is damaged");
}

Oid entry_oid(const CatalogEntry& entry) {
  return std::visit([](const auto& value) { return value.oid; }, entry);
}

}  // namespace omen::engine
