#pragma once

#include <string>
#include <string_view>

#include "engine/api/catalog.h"
#include "engine/base/result.h"

/// Catalog entries as bytes: the single column of rows of the catalog's own storage, whose row id
/// is the entry's oid. Integers are little-endian; strings are preceded by a 4-byte size, lists by
/// a 4-byte count.
///
/// | offset | bytes | field                                                                  |
/// | ------ | ----- | ---------------------------------------------------------------------- |
/// | 0      | 1     | format, 3                                                              |
/// | 1      | 1     | kind: 0 schema, 1 table, 2 index, 3 sequence, 4 extension, 5 role      |
/// | 2      | ...   | the entry's members in the order of their declaration in api/catalog.h |
namespace omen::engine {

std::string encode_entry(const CatalogEntry& entry);
/// Corruption if the bytes are not an entry.
Result<CatalogEntry> decode_entry(std::string_view bytes);

}  // namespace omen::engine
