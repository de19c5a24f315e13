#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/types.h"

/// The catalog: what exists, as immutable values. Entries are transactional rows on disk
/// (engine/catalog); readers see a published `shared_ptr<const Catalog>`, a transaction that did
/// DDL
/// sees its own. SQL text in entries (defaults, checks) is opaque to the engine.
namespace omen::engine {

using Options = std::vector<std::pair<std::string, std::string>>;  ///< reloptions, as typed

struct Schema {
  Oid oid = 0;
  std::string name;
};

/// GENERATED ... AS IDENTITY, as in pg_attribute.attidentity.
enum class Identity : char { None = '\0', Always = 'a', ByDefault = 'd' };

struct Column {
  std::string name;
  Oid type_oid = 0;
  std::int32_t type_modifier = -1;
  PhysicalType physical = PhysicalType::Int32;
  bool not_null = false;
  bool dropped = false;     ///< keeps its position; attnum = position + 1
  std::string default_sql;  ///< deparsed expression, empty if none
  Oid default_oid = 0;      ///< pg_attrdef row
  Identity identity = Identity::None;
  std::string comment;
  /// What rows written before the column was added have in it: a fixed-width value's bits in 8
  /// bytes, or the bytes (at most kMissingBytesMax); nullopt: NULL.
  std::optional<std::string> missing;
};
constexpr std::size_t kMissingBytesMax = 255;

struct CheckConstraint {
  Oid oid = 0;
  std::string name;
  std::string expression_sql;
};

struct Table {
  Oid oid = 0;
  Oid schema_oid = 0;
  std::string name;
  Oid row_type_oid = 0;
  std::vector<Column> columns;
  std::vector<CheckConstraint> checks;
  Options options;  ///< WITH (fillfactor = ...)
  std::string comment;
  /// Names the row storage; TRUNCATE gives the table a new one, so that it is transactional.
  std::uint64_t storage_id = 0;
};

enum class IndexMethod : std::uint8_t { Btree, Hnsw };

/// Distance of an hnsw index, by its operator class.
enum class Metric : std::uint8_t { L2, InnerProduct, Cosine, L1, Hamming, Jaccard };

/// What an hnsw index holds, by its operator class; forms as in engine/base/vector_forms.h. Bits
/// go with Hamming and Jaccard, the others with the other metrics.
enum class VectorElement : std::uint8_t { Float32, Half, Bit, Sparse };

/// Codes an hnsw index is searched by, WITH (quantization = ...). Answers are always exact; it is
/// memory, speed and recall that differ.
enum class Quantization : std::uint8_t {
  Binary,   ///< bq: 1 to 8 bits an element, by the dimensions
  Scalar8,  ///< sq8: 8 bits an element
  None,     ///< none: the vectors themselves
  Product,  ///< pq32: 32 bytes a vector
};

struct IndexColumn {
  std::uint16_t column = 0;  ///< position in Table::columns
  bool descending = false;
  bool nulls_first = false;
  Oid opclass_oid = 0;
};

struct Index {
  Oid oid = 0;
  Oid schema_oid = 0;
  Oid table_oid = 0;
  std::string name;
  IndexMethod method = IndexMethod::Btree;
  std::vector<IndexColumn> columns;    ///< key columns first
  std::uint16_t key_column_count = 0;  ///< the rest are INCLUDE columns
  bool unique = false;
  bool primary = false;
  Oid constraint_oid = 0;      ///< PRIMARY KEY or UNIQUE constraint of the index's name, or 0
  Metric metric = Metric::L2;  ///< hnsw only
  std::uint32_t m = 16;        ///< hnsw only
  std::uint32_t ef_construction = 64;                ///< hnsw only
  VectorElement element = VectorElement::Float32;    ///< hnsw only
  Quantization quantization = Quantization::Binary;  ///< hnsw only
  Options options;  ///< WITH (...) as typed, for pg_class.reloptions
  std::string comment;
  std::uint64_t storage_id = 0;  ///< as Table::storage_id
  Xid created_xid = 0;           ///< snapshots older than this do not use the index (R13)
};

struct Sequence {
  Oid oid = 0;
  Oid schema_oid = 0;
  std::string name;
  Oid type_oid = 20;
  std::int64_t start = 1;
  std::int64_t increment = 1;
  std::int64_t min = 1;
  std::int64_t max = INT64_MAX;
  std::int64_t cache = 1;
  bool cycle = false;
  Oid owner_table_oid = 0;  ///< OWNED BY / serial / identity, or 0
  std::uint16_t owner_column = 0;
  /// Names the counter; TRUNCATE ... RESTART IDENTITY gives a new one
  std::uint64_t storage_id = 0;
};

struct Extension {
  Oid oid = 0;
  std::string name;
  std::string version;
  Oid schema_oid = 0;
};

struct Role {
  Oid oid = 0;
  std::string name;
  bool superuser = false;
  bool can_login = true;
  std::string password;  ///< "SCRAM-SHA-256$..." verifier, or empty
};

using CatalogEntry = std::variant<Schema, Table, Index, Sequence, Extension, Role>;
Oid entry_oid(const CatalogEntry& entry);

/// One version of the catalog. Immutable and shared; look-ups return borrowed pointers that live as
/// long as the Catalog, or nullptr. Relations (tables, indexes, sequences) of a schema share one
/// name space, as in pg_class.
class Catalog {
 public:
  virtual ~Catalog() = default;
  /// Grows with every published change; cached plans compare it (R13).
  [[nodiscard]] virtual std::uint64_t version() const = 0;
  [[nodiscard]] virtual const CatalogEntry* find(Oid oid) const = 0;
  [[nodiscard]] virtual const CatalogEntry* find_relation(Oid schema_oid,
                                                          std::string_view name) const = 0;
  [[nodiscard]] virtual const Schema* find_schema(std::string_view name) const = 0;
  [[nodiscard]] virtual const Extension* find_extension(std::string_view name) const = 0;
  [[nodiscard]] virtual const Role* find_role(std::string_view name) const = 0;
  /// Indexes of a table, by oid ascending.
  [[nodiscard]] virtual std::vector<const Index*> indexes_of(Oid table_oid) const = 0;
  /// All entries by oid ascending.
  [[nodiscard]] virtual std::vector<const CatalogEntry*> entries() const = 0;

  template <typename T>
  [[nodiscard]] const T* get(Oid oid) const {
    const CatalogEntry* entry = find(oid);
    return entry == nullptr ? nullptr : std::get_if<T>(entry);
  }
};

using CatalogPtr = std::shared_ptr<const Catalog>;

/// Oids below are fixed and known to all layers; user objects start at kFirstUserOid.
constexpr Oid kPgCatalogSchemaOid = 11;
constexpr Oid kPublicSchemaOid = 2200;
constexpr Oid kInformationSchemaOid = 13200;
constexpr Oid kBootstrapRoleOid = 10;  ///< "postgres"
constexpr Oid kFirstUserOid = 16384;

}  // namespace omen::engine
