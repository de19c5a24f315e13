#include <cmath>
#include <string>
#include <vector>

#include "engine/api/vector_distance.h"
#include "sql/functions/comparison.h"
#include "sql/functions/out_of_range.h"
#include "sql/functions/registry.h"
#include "sql/types/sparse_vector.h"
#include "sql/types/vector.h"

/// Functions of type sparsevec; oids in vector_functions.cpp.
namespace omen::sql {
namespace {

using OwnedSparse = Owned<type_oid::kSparsevec>;

/// Indices and values where they lie, or copied if a field is not at a multiple of its size.
class SparseArgument {
 public:
  explicit SparseArgument(const SparseVector& value) : parts_(engine::sparse_parts(value.value)) {
    if (reinterpret_cast<std::uintptr_t>(parts_.indices) % alignof(std::int32_t) != 0) {
      copy_.assign(parts_.indices, 2 * field_bytes());
    }
  }
  [[nodiscard]] std::size_t dimensions() const {
    return static_cast<std::size_t>(parts_.dimensions);
  }
  [[nodiscard]] engine::SparseView view() const {
    const char* indices = copy_.empty() ? parts_.indices : copy_.data();
    return {{reinterpret_cast<const std::int32_t*>(indices), parts_.count},
            {reinterpret_cast<const float*>(indices + field_bytes()), parts_.count}};
  }

 private:
  [[nodiscard]] std::size_t field_bytes() const { return parts_.count * sizeof(std::int32_t); }
  engine::SparseParts parts_;
  std::string copy_;
};

template <double (*kDistance)(const engine::SparseView&, const engine::SparseView&)>
Float8 distance(SparseVector left, SparseVector right) {
  const SparseArgument a(left);
  const SparseArgument b(right);
  check_same_dimensions(a.dimensions(), b.dimensions(), "sparsevec");
  return kDistance(a.view(), b.view());
}
Float8 negative_inner_product(SparseVector a, SparseVector b) {
  return -distance<engine::inner_product>(a, b);
}

Float8 norm(SparseVector a) {
  const SparseReader vector(a.value);
  double sum = 0;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const double value = vector[i].value;
    sum += value * value;
  }
  return std::sqrt(sum);
}

/// The zero vector stays as it is; elements that become zero are dropped.
OwnedSparse normalize(SparseVector a) {
  const SparseReader vector(a.value);
  const double length = norm(a);
  std::vector<SparseElement> elements;
  for (std::size_t i = 0; length > 0 && i < vector.size(); ++i) {
    const auto value = static_cast<float>(vector[i].value / length);
    if (std::isinf(value)) {
      float_overflow();
    }
    if (value != 0) {
      elements.push_back({vector[i].index, value});
    }
  }
  return {store_sparse(vector.dimensions(), elements)};
}

Int4 order_of_two(SparseVector a, SparseVector b) {
  return compare_sparse(SparseReader(a.value), SparseReader(b.value));
}
template <Order kOrder>
bool compare_two(SparseVector a, SparseVector b) {
  return holds<kOrder>(order_of_two(a, b));
}

SparseVector check_modifier(SparseVector a, Int4 modifier, bool /*is_explicit*/) {
  check_vector_modifier(static_cast<std::size_t>(SparseReader(a.value).dimensions()), modifier);
  return a;
}

constexpr FunctionRow kRows[] = {
    scalar<distance<engine::l2_distance>>(16300, "l2_distance", "Euclidean distance"),
    scalar<distance<engine::inner_product>>(16301, "inner_product", "inner product"),
    scalar<distance<engine::cosine_distance>>(16302, "cosine_distance", "cosine distance"),
    scalar<distance<engine::l1_distance>>(16303, "l1_distance", "taxicab distance"),
    scalar<distance<engine::l2_squared_distance>>(16304, "sparsevec_l2_squared_distance",
                                                  "squared Euclidean distance"),
    scalar<negative_inner_product>(16305, "sparsevec_negative_inner_product",
                                   "inner product times -1"),
    scalar<norm>(16306, "l2_norm", "Euclidean norm"),
    scalar<normalize>(16307, "l2_normalize", "vector of norm 1"),
    scalar<compare_two<Less>>(16308, "sparsevec_lt", "implementation of < operator"),
    scalar<compare_two<LessEqual>>(16309, "sparsevec_le", "implementation of <= operator"),
    scalar<compare_two<Equal>>(16310, "sparsevec_eq", "implementation of = operator"),
    scalar<compare_two<NotEqual>>(16311, "sparsevec_ne", "implementation of <> operator"),
    scalar<compare_two<GreaterEqual>>(16312, "sparsevec_ge", "implementation of >= operator"),
    scalar<compare_two<Greater>>(16313, "sparsevec_gt", "implementation of > operator"),
    scalar<order_of_two>(16314, "sparsevec_cmp", "less-equal-greater"),
    scalar<check_modifier>(16315, "sparsevec", "adjust sparsevec() to typmod length"),
};

constexpr OperatorRow kOperators[] = {
    {16238, "<->", 16300, "<->", ""}, {16239, "<#>", 16305, "<#>", ""},
    {16240, "<=>", 16302, "<=>", ""}, {16241, "<+>", 16303, "<+>", ""},
    {16242, "<", 16308, ">", ">="},   {16243, "<=", 16309, ">=", ">"},
    {16244, "=", 16310, "=", "<>"},   {16245, "<>", 16311, "<>", "="},
    {16246, ">=", 16312, "<=", "<"},  {16247, ">", 16313, "<", "<="},
};

}  // namespace

const FunctionTable kSparseVectorFunctions = kRows;
const std::span<const OperatorRow> kSparseVectorOperatorRows = kOperators;

}  // namespace omen::sql
