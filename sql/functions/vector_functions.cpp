#include "engine/api/vector_distance.h"
#include "sql/functions/dense_vector_functions.h"
#include "sql/functions/registry.h"

/// Functions of type vector. Oids of all that CREATE EXTENSION vector brings are ours and fixed:
///
/// | oids          | what                                                              |
/// | ------------- | ----------------------------------------------------------------- |
/// | 16001 - 16006 | types, see type.h                                                 |
/// | 16010 - 16013 | access methods and their handlers                                 |
/// | 16014 - 16018 | input, output, receive, send and modifier functions of halfvec    |
/// | 16030 - 16039 | the same of vector and sparsevec                                  |
/// | 16020 - 16027 | operator classes of vector; families from 16040                   |
/// | 16050 - 16065 | operator classes of the other types; families from 16070          |
/// | 16100 - 16159 | functions and aggregates of vector                                |
/// | 16200 - 16249 | operators of vector, halfvec (16220), bit (16236), sparsevec (16238) |
/// | 16250 - 16289 | functions and aggregates of halfvec                               |
/// | 16290 - 16299 | functions of bit strings                                          |
/// | 16300 - 16339 | functions of sparsevec                                            |
/// | 16340 - 16359 | casts between them                                                |
namespace omen::sql {
namespace {

using V = DenseVector<float>;

constexpr FunctionRow kRows[] = {
    scalar<V::distance<engine::l2_distance>>(16100, "l2_distance", "Euclidean distance"),
    scalar<V::distance<engine::inner_product>>(16101, "inner_product", "inner product"),
    scalar<V::distance<engine::cosine_distance>>(16102, "cosine_distance", "cosine distance"),
    scalar<V::distance<engine::l1_distance>>(16103, "l1_distance", "taxicab distance"),
    scalar<V::distance<engine::l2_squared_distance>>(16104, "vector_l2_squared_distance",
                                                     "squared Euclidean distance"),
    scalar<V::negative_inner_product<engine::inner_product>>(16105, "vector_negative_inner_product",
                                                             "inner product times -1"),
    scalar<V::spherical_distance<engine::inner_product>>(16106, "vector_spherical_distance",
                                                         "angle between unit vectors over pi"),
    scalar<V::dimensions>(16107, "vector_dims", "number of dimensions"),
    scalar<V::norm>(16108, "vector_norm", "Euclidean norm"),
    scalar<V::normalize>(16109, "l2_normalize", "vector of norm 1"),
    scalar<V::subvector>(16110, "subvector", "part of a vector"),
    scalar<V::add>(16111, "vector_add", "implementation of + operator"),
    scalar<V::subtract>(16112, "vector_sub", "implementation of - operator"),
    scalar<V::multiply>(16113, "vector_mul", "implementation of * operator"),
    scalar<V::concatenate>(16114, "vector_concat", "implementation of || operator"),
    scalar<V::compare_two<Less>>(16115, "vector_lt", "implementation of < operator"),
    scalar<V::compare_two<LessEqual>>(16116, "vector_le", "implementation of <= operator"),
    scalar<V::compare_two<Equal>>(16117, "vector_eq", "implementation of = operator"),
    scalar<V::compare_two<NotEqual>>(16118, "vector_ne", "implementation of <> operator"),
    scalar<V::compare_two<GreaterEqual>>(16119, "vector_ge", "implementation of >= operator"),
    scalar<V::compare_two<Greater>>(16120, "vector_gt", "implementation of > operator"),
    scalar<V::order_of_two>(16121, "vector_cmp", "less-equal-greater"),
    scalar<V::check_modifier>(16122, "vector", "adjust vector() to typmod length"),
    scalar<V::array_to_vector<1007, Int4>>(16123, "array_to_vector", "convert int4[] to vector"),
    scalar<V::array_to_vector<1021, Float4>>(16124, "array_to_vector",
                                             "convert float4[] to vector"),
    scalar<V::array_to_vector<1022, Float8>>(16125, "array_to_vector",
                                             "convert float8[] to vector"),
    scalar<V::array_to_vector<1231, Numeric>>(16126, "array_to_vector",
                                              "convert numeric[] to vector"),
    scalar<V::to_float4_array>(16127, "vector_to_float4", "convert vector to float4[]"),
};

constexpr OperatorRow kOperators[] = {
    {16200, "<->", 16100, "<->", ""}, {16201, "<#>", 16105, "<#>", ""},
    {16202, "<=>", 16102, "<=>", ""}, {16203, "<+>", 16103, "<+>", ""},
    {16204, "+", 16111, "+", ""},     {16205, "-", 16112, "", ""},
    {16206, "*", 16113, "*", ""},     {16207, "||", 16114, "", ""},
    {16208, "<", 16115, ">", ">="},   {16209, "<=", 16116, ">=", ">"},
    {16210, "=", 16117, "=", "<>"},   {16211, "<>", 16118, "<>", "="},
    {16212, ">=", 16119, "<=", "<"},  {16213, ">", 16120, "<", "<="},
};

constexpr AggregateRow of_extension(AggregateRow row) {
  row.extension_vector = true;
  return row;
}
constexpr AggregateRow kAggregates[] = {
    of_extension(aggregate<AverageState<float>, VectorView>(16150, "avg", "average")),
    of_extension(aggregate<SumState<float>, VectorView>(16151, "sum", "sum")),
    of_extension(aggregate<AverageState<Half>, HalfVectorView>(16280, "avg", "average")),
    of_extension(aggregate<SumState<Half>, HalfVectorView>(16281, "sum", "sum")),
};

}  // namespace

const FunctionTable kVectorFunctions = kRows;
const std::span<const OperatorRow> kVectorOperatorRows = kOperators;
const AggregateTable kVectorAggregates = kAggregates;

}  // namespace omen::sql
