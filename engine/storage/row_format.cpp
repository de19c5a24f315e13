#include "engine/storage/row_format.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace omen::engine {
namespace {

constexpr char kFlagTombstone = 1;
constexpr char kFlagNulls = 2;
constexpr char kFlagWide = 4;
constexpr char kFlagLongEnds = 8;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::size_t kWideReferenceBytes = 12;

Status damaged() {
  return {StatusCode::Corruption, "stored row is damaged"};
}

std::uint16_t load_u16(std::string_view bytes, std::size_t offset) {
  std::uint16_t value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

void append_u16(std::string& bytes, std::size_t value) {
  const auto word = static_cast<std::uint16_t>(value);
  bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
}

}  // namespace

RowLayout::RowLayout(std::span<const PhysicalType> types) {
  Place place{PhysicalType::Bool, 0, 0};
  columns_.reserve(types.size());
  ends_.reserve(types.size() + 1);
  ends_.push_back(place);
  for (const PhysicalType type : types) {
    place.type = type;
    columns_.push_back(place);
    if (is_bytes(type)) {
      ++place.variable_index;
    } else {
      place.fixed_offset += width_bytes(type);
    }
    ends_.push_back(place);
  }
}

void RowLayout::set_missing(std::size_t column, std::string_view value) {
  if (missing_.size() <= column) {
    missing_.resize(column + 1);
  }
  Missing& missing = missing_[column].emplace();
  if (is_bytes(columns_[column].type)) {
    missing.bytes = value;
  } else {
    std::memcpy(&missing.bits, value.data(), std::min(value.size(), sizeof missing.bits));
  }
}

Result<RowView> RowView::parse_header(const RowLayout& layout, std::string_view bytes) {
  RowView view;
  view.layout_ = &layout;
  if (bytes.empty()) {
    return damaged();
  }
  const char flags = bytes[0];
  if ((flags & kFlagTombstone) != 0) {
    view.tombstone_ = true;
    return view;
  }
  if (bytes.size() < kHeaderBytes) {
    return damaged();
  }
  const std::uint16_t column_count = load_u16(bytes, 1);
  view.column_count_ = column_count;
  view.fixed_bytes_ = load_u16(bytes, 3);
  view.variable_count_ = load_u16(bytes, 5);
  view.long_ends_ = (flags & kFlagLongEnds) != 0;
  const std::size_t bitmap_bytes = (std::size_t{column_count} + 7) / 8;
  std::size_t offset = kHeaderBytes;
  if ((flags & kFlagNulls) != 0) {
    view.nulls_ = bytes.data() + offset;
    offset += bitmap_bytes;
  }
  if ((flags & kFlagWide) != 0) {
    view.wides_ = bytes.data() + offset;
    offset += bitmap_bytes;
  }
  view.fixed_ = bytes.data() + offset;
  offset += view.fixed_bytes_;
  view.ends_ = bytes.data() + offset;
  offset += std::size_t{view.variable_count_} * (view.long_ends_ ? 4 : 2);
  if (offset > bytes.size()) {
    return damaged();
  }
  view.variables_ = bytes.substr(offset);
  return view;
}

Result<RowView> RowView::parse(const RowLayout& layout, std::string_view bytes) {
  OMEN_ASSIGN(RowView view, parse_header(layout, bytes));
  if (view.tombstone_) {
    return view;
  }
  if (view.column_count_ > layout.column_count()) {
    return damaged();
  }
  const RowLayout::Place& totals = layout.ends_[view.column_count_];
  if (totals.fixed_offset != view.fixed_bytes_ || totals.variable_index != view.variable_count_) {
    return damaged();
  }
  return view;
}

Result<RowView> RowView::parse_common(const RowLayout& layout, std::string_view bytes) {
  OMEN_ASSIGN(RowView view, parse_header(layout, bytes));
  view.column_count_ = std::min(view.column_count_, layout.column_count());
  while (layout.ends_[view.column_count_].fixed_offset > view.fixed_bytes_ ||
         layout.ends_[view.column_count_].variable_index > view.variable_count_) {
    --view.column_count_;
  }
  return view;
}

std::vector<std::size_t> wide_columns(std::string_view version) {
  std::vector<std::size_t> columns;
  if (version.size() < kHeaderBytes || is_tombstone(version) || (version[0] & kFlagWide) == 0) {
    return columns;
  }
  const std::size_t column_count = load_u16(version, 1);
  const std::size_t bitmap_bytes = (column_count + 7) / 8;
  const std::size_t offset = kHeaderBytes + ((version[0] & kFlagNulls) != 0 ? bitmap_bytes : 0);
  for (std::size_t i = 0; i < column_count && offset + i / 8 < version.size(); ++i) {
    if (((static_cast<unsigned char>(version[offset + i / 8]) >> (i % 8)) & 1) != 0) {
      columns.push_back(i);
    }
  }
  return columns;
}

std::string_view RowView::variable(std::size_t column) const {
  const std::size_t i = layout_->columns_[column].variable_index;
  auto end_at = [this](std::size_t at) -> std::size_t {
    if (long_ends_) {
      std::uint32_t end = 0;
      std::memcpy(&end, ends_ + 4 * at, sizeof end);
      return end;
    }
    std::uint16_t end = 0;
    std::memcpy(&end, ends_ + 2 * at, sizeof end);
    return end;
  };
  const std::size_t start = i == 0 ? 0 : end_at(i - 1);
  const std::size_t end = end_at(i);
  if (start > end || end > variables_.size()) {
    return {};
  }
  return variables_.substr(start, end - start);
}

Datum RowView::datum(std::size_t column) const {
  Datum datum;
  if (is_null(column)) {
    return datum;
  }
  datum.null = false;
  if (column >= column_count_) {
    const RowLayout::Missing& missing = *layout_->missing_[column];
    datum.bits = missing.bits;
    datum.bytes = missing.bytes;
    return datum;
  }
  const RowLayout::Place& place = layout_->columns_[column];
  switch (width_bytes(place.type)) {
    case 1:
      std::memcpy(&datum.bits, fixed_ + place.fixed_offset, 1);
      break;
    case 2:
      std::memcpy(&datum.bits, fixed_ + place.fixed_offset, 2);
      break;
    case 4:
      std::memcpy(&datum.bits, fixed_ + place.fixed_offset, 4);
      break;
    case 8:
      std::memcpy(&datum.bits, fixed_ + place.fixed_offset, 8);
      break;
    default:
      datum.bytes = variable(column);
      break;
  }
  return datum;
}

WideReference RowView::wide(std::size_t column) const {
  const std::string_view bytes = variable(column);
  WideReference reference;
  if (bytes.size() == kWideReferenceBytes) {
    std::memcpy(&reference.xid, bytes.data(), sizeof reference.xid);
    std::memcpy(&reference.size_bytes, bytes.data() + 8, sizeof reference.size_bytes);
  }
  return reference;
}

RowBuilder::RowBuilder(const RowLayout& layout) : layout_(layout) {
  variables_.resize(layout.ends_.back().variable_index);
  references_.resize(layout.ends_.back().variable_index);
}

void RowBuilder::begin() {
  const std::size_t bitmap_bytes = (layout_.column_count() + 7) / 8;
  nulls_.assign(bitmap_bytes, '\xff');
  wides_.assign(bitmap_bytes, '\0');
  fixed_.assign(layout_.ends_.back().fixed_offset, '\0');
  std::fill(variables_.begin(), variables_.end(), std::string_view());
}

void RowBuilder::set(std::size_t column, const Datum& datum) {
  if (datum.null) {
    return;
  }
  nulls_[column / 8] = static_cast<char>(nulls_[column / 8] & ~(1 << (column % 8)));
  const RowLayout::Place& place = layout_.columns_[column];
  if (is_bytes(place.type)) {
    variables_[place.variable_index] = datum.bytes;
  } else {
    std::memcpy(fixed_.data() + place.fixed_offset, &datum.bits, width_bytes(place.type));
  }
}

void RowBuilder::set_wide(std::size_t column, WideReference reference) {
  const std::size_t i = layout_.columns_[column].variable_index;
  std::memcpy(references_[i].data(), &reference.xid, sizeof reference.xid);
  std::memcpy(references_[i].data() + 8, &reference.size_bytes, sizeof reference.size_bytes);
  variables_[i] = {references_[i].data(), references_[i].size()};
  nulls_[column / 8] = static_cast<char>(nulls_[column / 8] & ~(1 << (column % 8)));
  wides_[column / 8] = static_cast<char>(wides_[column / 8] | (1 << (column % 8)));
}

std::string_view RowBuilder::finish() {
  std::size_t variable_bytes = 0;
  for (const std::string_view value : variables_) {
    variable_bytes += value.size();
  }
  const std::size_t column_count = layout_.column_count();
  bool has_nulls = false;
  bool has_wides = false;
  for (std::size_t i = 0; i < nulls_.size(); ++i) {
    const unsigned used =
        i + 1 < nulls_.size() || column_count % 8 == 0 ? 0xffU : (1U << (column_count % 8)) - 1;
    nulls_[i] = static_cast<char>(static_cast<unsigned char>(nulls_[i]) & used);
    has_nulls = has_nulls || nulls_[i] != 0;
    has_wides = has_wides || wides_[i] != 0;
  }
  const bool long_ends = variable_bytes > 0xffff;
  row_.clear();
  row_.push_back(static_cast<char>((has_nulls ? kFlagNulls : 0) | (has_wides ? kFlagWide : 0) |
                                   (long_ends ? kFlagLongEnds : 0)));
  append_u16(row_, column_count);
  append_u16(row_, fixed_.size());
  append_u16(row_, variables_.size());
  if (has_nulls) {
    row_ += nulls_;
  }
  if (has_wides) {
    row_ += wides_;
  }
  row_ += fixed_;
  std::uint32_t end = 0;
  for (const std::string_view value : variables_) {
    end += static_cast<std::uint32_t>(value.size());
    row_.append(reinterpret_cast<const char*>(&end), long_ends ? 4 : 2);
  }
  for (const std::string_view value : variables_) {
    row_ += value;
  }
  return row_;
}

}  // namespace omen::engine
