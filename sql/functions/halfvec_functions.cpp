#include "engine/api/vector_distance.h"
#include "sql/functions/dense_vector_functions.h"
#include "sql/functions/registry.h"

/// Functions of type halfvec; oids in vector_functions.cpp.
namespace omen::sql {
namespace {

using V = DenseVector<Half>;

constexpr FunctionRow kRows[] = {
    scalar<V::distance<engine::l2_distance>>(16250, "l2_distance", "Euclidean distance"),
    scalar<V::distance<engine::inner_product>>(16251, "inner_product", "inner product"),
    scalar<V::distance<engine::cosine_distance>>(16252, "cosine_distance", "cosine distance"),
    scalar<V::distance<engine::l1_distance>>(16253, "l1_distance", "taxicab distance"),
    scalar<V::distance<engine::l2_squared_distance>>(16254, "halfvec_l2_squared_distance",
                                                     "squared Euclidean distance"),
    scalar<V::negative_inner_product<engine::inner_product>>(
        16255, "halfvec_negative_inner_product", "inner product times -1"),
    scalar<V::spherical_distance<engine::inner_product>>(16256, "halfvec_spherical_distance",
                                                         "angle between unit vectors over pi"),
    scalar<V::dimensions>(16257, "vector_dims", "number of dimensions"),
    scalar<V::norm>(16258, "l2_norm", "Euclidean norm"),
    scalar<V::normalize>(16259, "l2_normalize", "vector of norm 1"),
    scalar<V::subvector>(16260, "subvector", "part of a vector"),
    scalar<V::add>(16261, "halfvec_add", "implementation of + operator"),
    scalar<V::subtract>(16262, "halfvec_sub", "implementation of - operator"),
    scalar<V::multiply>(16263, "halfvec_mul", "implementation of * operator"),
    scalar<V::concatenate>(16264, "halfvec_concat", "implementation of || operator"),
    scalar<V::compare_two<Less>>(16265, "halfvec_lt", "implementation of < operator"),
    scalar<V::compare_two<LessEqual>>(16266, "halfvec_le", "implementation of <= operator"),
    scalar<V::compare_two<Equal>>(16267, "halfvec_eq", "implementation of = operator"),
    scalar<V::compare_two<NotEqual>>(16268, "halfvec_ne", "implementation of <> operator"),
    scalar<V::compare_two<GreaterEqual>>(16269, "halfvec_ge", "implementation of >= operator"),
    scalar<V::compare_two<Greater>>(16270, "halfvec_gt", "implementation of > operator"),
    scalar<V::order_of_two>(16271, "halfvec_cmp", "less-equal-greater"),
    scalar<V::check_modifier>(16272, "halfvec", "adjust halfvec() to typmod length"),
    scalar<V::array_to_vector<1007, Int4>>(16273, "array_to_halfvec", "convert int4[] to halfvec"),
    scalar<V::array_to_vector<1021, Float4>>(16274, "array_to_halfvec",
                                             "convert float4[] to halfvec"),
    scalar<V::array_to_vector<1022, Float8>>(16275, "array_to_halfvec",
                                             "convert float8[] to halfvec"),
    scalar<V::array_to_vector<1231, Numeric>>(16276, "array_to_halfvec",
                                              "convert numeric[] to halfvec"),
    scalar<V::to_float4_array>(16277, "halfvec_to_float4", "convert halfvec to float4[]"),
};

constexpr OperatorRow kOperators[] = {
    {16220, "<->", 16250, "<->", ""}, {16221, "<#>", 16255, "<#>", ""},
    {16222, "<=>", 16252, "<=>", ""}, {16223, "<+>", 16253, "<+>", ""},
    {16224, "+", 16261, "+", ""},     {16225, "-", 16262, "", ""},
    {16226, "*", 16263, "*", ""},     {16227, "||", 16264, "", ""},
    {16228, "<", 16265, ">", ">="},   {16229, "<=", 16266, ">=", ">"},
    {16230, "=", 16267, "=", "<>"},   {16231, "<>", 16268, "<>", "="},
    {16232, ">=", 16269, "<=", "<"},  {16233, ">", 16270, "<", "<="},
};

}  // namespace

const FunctionTable kHalfvecFunctions = kRows;
const std::span<const OperatorRow> kHalfvecOperatorRows = kOperators;

}  // namespace omen::sql
