#include "sql/planner/plan_context.h"

#include <algorithm>

namespace omen::sql {

void PlanContext::note_parameter(const ParameterExpression& parameter) {
  const auto number = static_cast<std::size_t>(parameter.number);
  if (parameter_types_.size() < number) {
    parameter_types_.resize(number);
  }
  parameter_types_[number - 1] = {parameter.type.oid, -1};
}

void PlanContext::note_lock(Oid table_oid, engine::TableLock mode) {
  for (auto& [known, strongest] : locks_) {
    if (known == table_oid) {
      strongest = std::max(strongest, mode);
      return;
    }
  }
  locks_.emplace_back(table_oid, mode);
}

void PlanContext::note_row_lock(ast::LockStrength strength) {
  if (row_lock_.empty()) {
    row_lock_ = lock_strength_name(strength);
  }
}

SlotFrame* PlanContext::make_frame() {
  auto* frame = make<SlotFrame>();
  frame->number = ++frame_count_;
  return frame;
}

PlannedColumn* PlanContext::outer_column(SlotFrame& frame, Expression& value) {
  int slot = -1;
  for (const SlotFrame::Entry& entry : frame.entries) {
    if (same_value(*entry.value, value)) {
      slot = entry.slot;
    }
  }
  if (slot < 0) {
    slot = static_cast<int>(root_.slot_count++);
    frame.entries.push_back({&value, slot});
    slot_frames_.push_back(frame.number);
  }
  record_slot(slot);
  auto* column = make<PlannedColumn>(value.type);
  column->source = PlannedColumn::Source::Outer;
  column->position = slot;
  column->origin = &value;
  if (value.kind == ExpressionKind::Column) {
    column->relation = static_cast<const ColumnExpression&>(value).relation;
    column->column = static_cast<const ColumnExpression&>(value).column;
  }
  return column;
}

Leaf* PlanContext::make_leaf(const Relation& relation, PlanScope& scope) {
  auto* leaf = make<Leaf>();
  leaf->number = static_cast<int>(leaves_.size());
  leaves_.push_back(leaf);
  if (relation.kind == RelationKind::Table) {
    note_lock(relation.table->oid, engine::TableLock::AccessShare);
  }
  leaf->relation = &relation;
  leaf->scope = &scope;
  leaf->alias = relation.alias;
  return leaf;
}

void PlanContext::record_slot(int slot) {
  for (std::set<int>& recorder : recorders_) {
    recorder.insert(slot);
  }
}

/// Slots of frames made inside the plan are its own affair.
std::vector<int> PlanContext::end_recording(int frame_number) {
  std::vector<int> slots;
  for (const int slot : recorders_.back()) {
    if (slot_frames_[static_cast<std::size_t>(slot)] <= frame_number) {
      slots.push_back(slot);
    }
  }
  recorders_.pop_back();
  return slots;
}

}  // namespace omen::sql
