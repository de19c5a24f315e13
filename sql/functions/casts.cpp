#include "sql/functions/registry.h"

namespace omen::sql {
namespace {

// clang-format off
/// pg_cast of PostgreSQL 15: source, target, context, method, function.
constexpr CastRow kRows[] = {
    {16, 23, CastContext::Explicit, CastMethod::Function, 2558},  // boolean -> integer
    {16, 25, CastContext::Assignment, CastMethod::Function, 2971},  // boolean -> text
    {16, 1042, CastContext::Assignment, CastMethod::Function, 2971},  // boolean -> character
    {16, 1043, CastContext::Assignment, CastMethod::Function, 2971},  // boolean -> varchar
    {18, 23, CastContext::Explicit, CastMethod::Function, 77},  // "char" -> integer
    {18, 25, CastContext::Implicit, CastMethod::Function, 946},  // "char" -> text
    {18, 1042, CastContext::Assignment, CastMethod::Function, 860},  // "char" -> character
    {18, 1043, CastContext::Assignment, CastMethod::Function, 946},  // "char" -> varchar
    {19, 25, CastContext::Implicit, CastMethod::Function, 406},  // name -> text
    {19, 1042, CastContext::Assignment, CastMethod::Function, 408},  // name -> character
    {19, 1043, CastContext::Assignment, CastMethod::Function, 1401},  // name -> varchar
    {20, 21, CastContext::Assignment, CastMethod::Function, 714},  // bigint -> smallint
    {20, 23, CastContext::Assignment, CastMethod::Function, 480},  // bigint -> integer
    {20, 24, CastContext::Implicit, CastMethod::Function, 1287},  // bigint -> regproc
    {20, 26, CastContext::Implicit, CastMethod::Function, 1287},  // bigint -> oid
    {20, 700, CastContext::Implicit, CastMethod::Function, 652},  // bigint -> real
    {20, 701, CastContext::Implicit, CastMethod::Function, 482},  // bigint -> float8
    {20, 1560, CastContext::Explicit, CastMethod::Function, 2075},  // bigint -> bit
    {20, 1700, CastContext::Implicit, CastMethod::Function, 1781},  // bigint -> numeric
    {20, 2202, CastContext::Implicit, CastMethod::Function, 1287},  // bigint -> regprocedure
    {20, 2203, CastContext::Implicit, CastMethod::Function, 1287},  // bigint -> regoper
    {20, 2205, CastContext::Implicit, CastMethod::Function, 1287},  // bigint -> regclass
    {20, 2206, CastContext::Implicit, CastMethod::Function, 1287},  // bigint -> regtype
    {20, 4089, CastContext::Implicit, CastMethod::Function, 1287},  // bigint -> regnamespace
    {20, 4096, CastContext::Implicit, CastMethod::Function, 1287},  // bigint -> regrole
    {21, 20, CastContext::Implicit, CastMethod::Function, 754},  // smallint -> bigint
    {21, 23, CastContext::Implicit, CastMethod::Function, 313},  // smallint -> integer
    {21, 24, CastContext::Implicit, CastMethod::Function, 313},  // smallint -> regproc
    {21, 26, CastContext::Implicit, CastMethod::Function, 313},  // smallint -> oid
    {21, 700, CastContext::Implicit, CastMethod::Function, 236},  // smallint -> real
    {21, 701, CastContext::Implicit, CastMethod::Function, 235},  // smallint -> float8
    {21, 1700, CastContext::Implicit, CastMethod::Function, 1782},  // smallint -> numeric
    {21, 2202, CastContext::Implicit, CastMethod::Function, 313},  // smallint -> regprocedure
    {21, 2203, CastContext::Implicit, CastMethod::Function, 313},  // smallint -> regoper
    {21, 2205, CastContext::Implicit, CastMethod::Function, 313},  // smallint -> regclass
    {21, 2206, CastContext::Implicit, CastMethod::Function, 313},  // smallint -> regtype
    {21, 4089, CastContext::Implicit, CastMethod::Function, 313},  // smallint -> regnamespace
    {21, 4096, CastContext::Implicit, CastMethod::Function, 313},  // smallint -> regrole
    {23, 16, CastContext::Explicit, CastMethod::Function, 2557},  // integer -> boolean
    {23, 18, CastContext::Explicit, CastMethod::Function, 78},  // integer -> "char"
    {23, 20, CastContext::Implicit, CastMethod::Function, 481},  // integer -> bigint
    {23, 21, CastContext::Assignment, CastMethod::Function, 314},  // integer -> smallint
    {23, 24, CastContext::Implicit, CastMethod::Binary, 0},  // integer -> regproc
    {23, 26, CastContext::Implicit, CastMethod::Binary, 0},  // integer -> oid
    {23, 700, CastContext::Implicit, CastMethod::Function, 318},  // integer -> real
    {23, 701, CastContext::Implicit, CastMethod::Function, 316},  // integer -> float8
    {23, 1560, CastContext::Explicit, CastMethod::Function, 1683},  // integer -> bit
    {23, 1700, CastContext::Implicit, CastMethod::Function, 1740},  // integer -> numeric
    {23, 2202, CastContext::Implicit, CastMethod::Binary, 0},  // integer -> regprocedure
    {23, 2203, CastContext::Implicit, CastMethod::Binary, 0},  // integer -> regoper
    {23, 2205, CastContext::Implicit, CastMethod::Binary, 0},  // integer -> regclass
    {23, 2206, CastContext::Implicit, CastMethod::Binary, 0},  // integer -> regtype
    {23, 4089, CastContext::Implicit, CastMethod::Binary, 0},  // integer -> regnamespace
    {23, 4096, CastContext::Implicit, CastMethod::Binary, 0},  // integer -> regrole
    {24, 20, CastContext::Assignment, CastMethod::Function, 1288},  // regproc -> bigint
    {24, 23, CastContext::Assignment, CastMethod::Binary, 0},  // regproc -> integer
    {24, 26, CastContext::Implicit, CastMethod::Binary, 0},  // regproc -> oid
    {24, 2202, CastContext::Implicit, CastMethod::Binary, 0},  // regproc -> regprocedure
    {25, 18, CastContext::Assignment, CastMethod::Function, 944},  // text -> "char"
    {25, 19, CastContext::Implicit, CastMethod::Function, 407},  // text -> name
    {25, 1042, CastContext::Implicit, CastMethod::Binary, 0},  // text -> character
    {25, 1043, CastContext::Implicit, CastMethod::Binary, 0},  // text -> varchar
    {25, 2205, CastContext::Implicit, CastMethod::Function, 1079},  // text -> regclass
    {26, 20, CastContext::Assignment, CastMethod::Function, 1288},  // oid -> bigint
    {26, 23, CastContext::Assignment, CastMethod::Binary, 0},  // oid -> integer
    {26, 24, CastContext::Implicit, CastMethod::Binary, 0},  // oid -> regproc
    {26, 2202, CastContext::Implicit, CastMethod::Binary, 0},  // oid -> regprocedure
    {26, 2203, CastContext::Implicit, CastMethod::Binary, 0},  // oid -> regoper
    {26, 2205, CastContext::Implicit, CastMethod::Binary, 0},  // oid -> regclass
    {26, 2206, CastContext::Implicit, CastMethod::Binary, 0},  // oid -> regtype
    {26, 4089, CastContext::Implicit, CastMethod::Binary, 0},  // oid -> regnamespace
    {26, 4096, CastContext::Implicit, CastMethod::Binary, 0},  // oid -> regrole
    {194, 25, CastContext::Implicit, CastMethod::Binary, 0},  // pg_node_tree -> text
    {700, 20, CastContext::Assignment, CastMethod::Function, 653},  // real -> bigint
    {700, 21, CastContext::Assignment, CastMethod::Function, 238},  // real -> smallint
    {700, 23, CastContext::Assignment, CastMethod::Function, 319},  // real -> integer
    {700, 701, CastContext::Implicit, CastMethod::Function, 311},  // real -> float8
    {700, 1700, CastContext::Assignment, CastMethod::Function, 1742},  // real -> numeric
    {701, 20, CastContext::Assignment, CastMethod::Function, 483},  // float8 -> bigint
    {701, 21, CastContext::Assignment, CastMethod::Function, 237},  // float8 -> smallint
    {701, 23, CastContext::Assignment, CastMethod::Function, 317},  // float8 -> integer
    {701, 700, CastContext::Assignment, CastMethod::Function, 312},  // float8 -> real
    {701, 1700, CastContext::Assignment, CastMethod::Function, 1743},  // float8 -> numeric
    {1042, 18, CastContext::Assignment, CastMethod::Function, 944},  // character -> "char"
    {1042, 19, CastContext::Implicit, CastMethod::Function, 409},  // character -> name
    {1042, 25, CastContext::Implicit, CastMethod::Function, 401},  // character -> text
    {1042, 1042, CastContext::Implicit, CastMethod::Function, 668},  // character -> character
    {1042, 1043, CastContext::Implicit, CastMethod::Function, 401},  // character -> varchar
    {1043, 18, CastContext::Assignment, CastMethod::Function, 944},  // varchar -> "char"
    {1043, 19, CastContext::Implicit, CastMethod::Function, 1400},  // varchar -> name
    {1043, 25, CastContext::Implicit, CastMethod::Binary, 0},  // varchar -> text
    {1043, 1042, CastContext::Implicit, CastMethod::Binary, 0},  // varchar -> character
    {1043, 1043, CastContext::Implicit, CastMethod::Function, 669},  // varchar -> varchar
    {1043, 2205, CastContext::Implicit, CastMethod::Function, 1079},  // varchar -> regclass
    {1082, 1114, CastContext::Implicit, CastMethod::Function, 2024},  // date -> timestamp
    {1082, 1184, CastContext::Implicit, CastMethod::Function, 1174},  // date -> timestamptz
    {1083, 1083, CastContext::Implicit, CastMethod::Function, 1968},  // time -> time
    {1083, 1186, CastContext::Implicit, CastMethod::Function, 1370},  // time -> interval
    {1114, 1082, CastContext::Assignment, CastMethod::Function, 2029},  // timestamp -> date
    {1114, 1083, CastContext::Assignment, CastMethod::Function, 1316},  // timestamp -> time
    {1114, 1114, CastContext::Implicit, CastMethod::Function, 1961},  // timestamp -> timestamp
    {1114, 1184, CastContext::Implicit, CastMethod::Function, 2028},  // timestamp -> timestamptz
    {1184, 1082, CastContext::Assignment, CastMethod::Function, 1178},  // timestamptz -> date
    {1184, 1083, CastContext::Assignment, CastMethod::Function, 2019},  // timestamptz -> time
    {1184, 1114, CastContext::Assignment, CastMethod::Function, 2027},  // timestamptz -> timestamp
    {1184, 1184, CastContext::Implicit, CastMethod::Function, 1967},  // timestamptz -> timestamptz
    {1186, 1083, CastContext::Assignment, CastMethod::Function, 1419},  // interval -> time
    {1186, 1186, CastContext::Implicit, CastMethod::Function, 1200},  // interval -> interval
    {1560, 20, CastContext::Explicit, CastMethod::Function, 2076},  // bit -> bigint
    {1560, 23, CastContext::Explicit, CastMethod::Function, 1684},  // bit -> integer
    {1560, 1560, CastContext::Implicit, CastMethod::Function, 1685},  // bit -> bit
    {1560, 1562, CastContext::Implicit, CastMethod::Binary, 0},  // bit -> bit varying
    {1562, 1560, CastContext::Implicit, CastMethod::Binary, 0},  // bit varying -> bit
    {1562, 1562, CastContext::Implicit, CastMethod::Function, 1687},  // bit varying -> bit varying
    {1700, 20, CastContext::Assignment, CastMethod::Function, 1779},  // numeric -> bigint
    {1700, 21, CastContext::Assignment, CastMethod::Function, 1783},  // numeric -> smallint
    {1700, 23, CastContext::Assignment, CastMethod::Function, 1744},  // numeric -> integer
    {1700, 700, CastContext::Implicit, CastMethod::Function, 1745},  // numeric -> real
    {1700, 701, CastContext::Implicit, CastMethod::Function, 1746},  // numeric -> float8
    {1700, 1700, CastContext::Implicit, CastMethod::Function, 1703},  // numeric -> numeric
    {2202, 20, CastContext::Assignment, CastMethod::Function, 1288},  // regprocedure -> bigint
    {2202, 23, CastContext::Assignment, CastMethod::Binary, 0},  // regprocedure -> integer
    {2202, 24, CastContext::Implicit, CastMethod::Binary, 0},  // regprocedure -> regproc
    {2202, 26, CastContext::Implicit, CastMethod::Binary, 0},  // regprocedure -> oid
    {2203, 20, CastContext::Assignment, CastMethod::Function, 1288},  // regoper -> bigint
    {2203, 23, CastContext::Assignment, CastMethod::Binary, 0},  // regoper -> integer
    {2203, 26, CastContext::Implicit, CastMethod::Binary, 0},  // regoper -> oid
    {2205, 20, CastContext::Assignment, CastMethod::Function, 1288},  // regclass -> bigint
    {2205, 23, CastContext::Assignment, CastMethod::Binary, 0},  // regclass -> integer
    {2205, 26, CastContext::Implicit, CastMethod::Binary, 0},  // regclass -> oid
    {2206, 20, CastContext::Assignment, CastMethod::Function, 1288},  // regtype -> bigint
    {2206, 23, CastContext::Assignment, CastMethod::Binary, 0},  // regtype -> integer
    {2206, 26, CastContext::Implicit, CastMethod::Binary, 0},  // regtype -> oid
    {4089, 20, CastContext::Assignment, CastMethod::Function, 1288},  // regnamespace -> bigint
    {4089, 23, CastContext::Assignment, CastMethod::Binary, 0},  // regnamespace -> integer
    {4089, 26, CastContext::Implicit, CastMethod::Binary, 0},  // regnamespace -> oid
    {4096, 20, CastContext::Assignment, CastMethod::Function, 1288},  // regrole -> bigint
    {4096, 23, CastContext::Assignment, CastMethod::Binary, 0},  // regrole -> integer
    {4096, 26, CastContext::Implicit, CastMethod::Binary, 0},  // regrole -> oid
};
// clang-format on

}  // namespace

const std::span<const CastRow> kCastRows = kRows;

}  // namespace omen::sql
