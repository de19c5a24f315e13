#include "engine/storage/keys.h"
#include "engine/txn/cursors.h"

namespace omen::engine {
namespace {

constexpr std::size_t kFirstCapacity = 16;

}  // namespace

BatchWriter::BatchWriter(const Store& store, const TableAccess& access, std::vector<int> columns,
                         Order order)
    : store_(store),
      access_(access),
      columns_(std::move(columns)),
      order_(order),
      wide_scans_(columns_.size()) {
  types_.reserve(columns_.size());
  for (const int column : columns_) {
    if (column >= 0) {
      types_.push_back(access.layout.type(static_cast<std::size_t>(column)));
    } else {
      types_.push_back(column == kDistanceColumn ? PhysicalType::Float64 : PhysicalType::Int64);
    }
  }
}

void BatchWriter::begin(ColumnBatch& out) {
  out_ = &out;
  out.reset(types_);
  wide_buffer_.clear();
  row_count_ = 0;
  capacity_ = 0;
}

void BatchWriter::append_to(ColumnBatch& out) {
  if (out.column_count() != types_.size()) {
    begin(out);
    return;
  }
  out_ = &out;
  row_count_ = out.row_count();
  capacity_ = row_count_;
}

Status BatchWriter::add(RowId row_id, const Version& version, std::optional<double> distance) {
  if (row_count_ == capacity_) {
    capacity_ = std::max(kFirstCapacity, capacity_ * 4);
    out_->resize(capacity_);
  }
  OMEN_ASSIGN(const RowView view, RowView::parse(access_.layout, version.bytes));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    ColumnVector& target = out_->column(i);
    switch (columns_[i]) {
      case kRowIdColumn:
        target.values<std::int64_t>()[row_count_] = static_cast<std::int64_t>(row_id);
        break;
      case kXidColumn:
        target.values<std::int64_t>()[row_count_] = static_cast<std::int64_t>(version.xid);
        break;
      case kDistanceColumn:
        if (distance.has_value()) {
          target.values<double>()[row_count_] = *distance;
        } else {
          target.set_null(row_count_);
        }
        break;
      default:
        OMEN_TRY(write(target, i, row_id, view));
        break;
    }
  }
  ++row_count_;
  return {};
}

Status BatchWriter::write_wide(ColumnVector& target, std::size_t i, RowId row_id,
                               WideReference reference) {
  const auto column = static_cast<std::size_t>(columns_[i]);
  std::string_view bytes;
  if (order_ == Order::Row) {
    if (wide_scans_[i] == nullptr) {
      wide_scans_[i] = std::make_unique<WideScan>(store_, access_.table->storage_id, column);
    }
    OMEN_ASSIGN(bytes, wide_scans_[i]->read(row_id, reference.xid));
  } else {
    OMEN_ASSIGN(
        const bool found,
        store_.get(Family::Wide, wide_key(access_.table->storage_id, column, row_id, reference.xid),
                   wide_value_));
    bytes = found ? wide_value_.view() : std::string_view();
  }
  if (bytes.size() != reference.size_bytes) {
    return {StatusCode::Corruption, "a stored value is missing"};
  }
  const std::string_view copy =
      order_ == Order::Row ? wide_buffer_.copy(bytes) : std::string_view();
  if (copy.empty()) {
    target.set_bytes(row_count_, bytes);
  } else {
    target.values<std::string_view>()[row_count_] = copy;
  }
  return {};
}

Status BatchWriter::write(ColumnVector& target, std::size_t i, RowId row_id, const RowView& view) {
  const auto column = static_cast<std::size_t>(columns_[i]);
  if (view.is_null(column)) {
    target.set_null(row_count_);
    return {};
  }
  if (view.is_wide(column)) {
    return write_wide(target, i, row_id, view.wide(column));
  }
  const Datum datum = view.datum(column);
  switch (width_bytes(target.type())) {
    case 1:
      target.values<std::uint8_t>()[row_count_] = static_cast<std::uint8_t>(datum.bits);
      break;
    case 2:
      target.values<std::uint16_t>()[row_count_] = static_cast<std::uint16_t>(datum.bits);
      break;
    case 4:
      target.values<std::uint32_t>()[row_count_] = static_cast<std::uint32_t>(datum.bits);
      break;
    case 8:
      target.values<std::uint64_t>()[row_count_] = datum.bits;
      break;
    default:
      target.set_bytes(row_count_, datum.bytes);
      break;
  }
  return {};
}

void BatchWriter::finish() {
  out_->resize(row_count_);
}

}  // namespace omen::engine
