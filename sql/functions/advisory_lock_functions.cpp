#include <string>

#include "engine/api/advisory_locks.h"
#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"
#include "sql/session/session.h"

/// Advisory locks: what they mean is up to the clients.
namespace omen::sql {
namespace {

using engine::AdvisoryKey;

AdvisoryKey key_of(Int8 key) {
  return {.value = static_cast<std::uint64_t>(key)};
}
AdvisoryKey key_of(Int4 first, Int4 second) {
  return {.value = std::uint64_t{static_cast<std::uint32_t>(first)} << 32 |
                   static_cast<std::uint32_t>(second),
          .is_pair = true};
}

engine::Transaction& transaction_of(const Surroundings& surroundings) {
  if (surroundings.context.transaction == nullptr || surroundings.context.cancel == nullptr) {
    internal_error("advisory locks need a transaction");
  }
  return *surroundings.context.transaction;
}

enum class Mode { Exclusive, Shared };
enum class Level { Session, Transaction };

bool request(const Surroundings& surroundings, const engine::AdvisoryRequest& request) {
  return value_or_throw(
      transaction_of(surroundings).lock_advisory(request, *surroundings.context.cancel));
}

template <Mode kMode, Level kLevel, typename... Key>
Void lock(Surroundings& surroundings, Key... key) {
  request(surroundings, {.key = key_of(key...),
                         .is_shared = kMode == Mode::Shared,
                         .is_of_session = kLevel == Level::Session});
  return {};
}

template <Mode kMode, Level kLevel, typename... Key>
bool try_lock(Surroundings& surroundings, Key... key) {
  return request(surroundings, {.key = key_of(key...),
                                .is_shared = kMode == Mode::Shared,
                                .is_of_session = kLevel == Level::Session,
                                .may_wait = false});
}

template <Mode kMode, typename... Key>
bool unlock(Surroundings& surroundings, Key... key) {
  constexpr bool kShared = kMode == Mode::Shared;
  const bool was_held =
      transaction_of(surroundings).options().session_locks->unlock(key_of(key...), kShared);
  if (!was_held && surroundings.context.session != nullptr) {
    Diagnostic warning;
    warning.severity = "WARNING";
    warning.sqlstate = sqlstate::kWarning;
    warning.message =
        std::string("you don't own a lock of type ") + (kShared ? "ShareLock" : "ExclusiveLock");
    surroundings.context.session->notice(std::move(warning));
  }
  return was_held;
}

Void unlock_all(Surroundings& surroundings) {
  transaction_of(surroundings).options().session_locks->unlock_all();
  return {};
}

using enum Mode;
constexpr Level kSession = Level::Session;
constexpr Level kTransaction = Level::Transaction;

constexpr FunctionRow kRows[] = {
    scalar<lock<Exclusive, kSession, Int8>>(2880, "pg_advisory_lock",
                                            "obtain exclusive advisory lock")
        .changing(),
    scalar<lock<Shared, kSession, Int8>>(2881, "pg_advisory_lock_shared",
                                         "obtain shared advisory lock")
        .changing(),
    scalar<try_lock<Exclusive, kSession, Int8>>(2882, "pg_try_advisory_lock",
                                                "obtain exclusive advisory lock if available")
        .changing(),
    scalar<try_lock<Shared, kSession, Int8>>(2883, "pg_try_advisory_lock_shared",
                                             "obtain shared advisory lock if available")
        .changing(),
    scalar<unlock<Exclusive, Int8>>(2884, "pg_advisory_unlock", "release exclusive advisory lock")
        .changing(),
    scalar<unlock<Shared, Int8>>(2885, "pg_advisory_unlock_shared", "release shared advisory lock")
        .changing(),
    scalar<lock<Exclusive, kSession, Int4, Int4>>(2886, "pg_advisory_lock",
                                                  "obtain exclusive advisory lock")
        .changing(),
    scalar<lock<Shared, kSession, Int4, Int4>>(2887, "pg_advisory_lock_shared",
                                               "obtain shared advisory lock")
        .changing(),
    scalar<try_lock<Exclusive, kSession, Int4, Int4>>(2888, "pg_try_advisory_lock",
                                                      "obtain exclusive advisory lock if available")
        .changing(),
    scalar<try_lock<Shared, kSession, Int4, Int4>>(2889, "pg_try_advisory_lock_shared",
                                                   "obtain shared advisory lock if available")
        .changing(),
    scalar<unlock<Exclusive, Int4, Int4>>(2890, "pg_advisory_unlock",
                                          "release exclusive advisory lock")
        .changing(),
    scalar<unlock<Shared, Int4, Int4>>(2891, "pg_advisory_unlock_shared",
                                       "release shared advisory lock")
        .changing(),
    scalar<unlock_all>(2892, "pg_advisory_unlock_all", "release all advisory locks").changing(),
    scalar<lock<Exclusive, kTransaction, Int8>>(3089, "pg_advisory_xact_lock",
                                                "obtain exclusive advisory lock")
        .changing(),
    scalar<lock<Shared, kTransaction, Int8>>(3090, "pg_advisory_xact_lock_shared",
                                             "obtain shared advisory lock")
        .changing(),
    scalar<try_lock<Exclusive, kTransaction, Int8>>(3091, "pg_try_advisory_xact_lock",
                                                    "obtain exclusive advisory lock if available")
        .changing(),
    scalar<try_lock<Shared, kTransaction, Int8>>(3092, "pg_try_advisory_xact_lock_shared",
                                                 "obtain shared advisory lock if available")
        .changing(),
    scalar<lock<Exclusive, kTransaction, Int4, Int4>>(3093, "pg_advisory_xact_lock",
                                                      "obtain exclusive advisory lock")
        .changing(),
    scalar<lock<Shared, kTransaction, Int4, Int4>>(3094, "pg_advisory_xact_lock_shared",
                                                   "obtain shared advisory lock")
        .changing(),
    scalar<try_lock<Exclusive, kTransaction, Int4, Int4>>(
        3095, "pg_try_advisory_xact_lock", "obtain exclusive advisory lock if available")
        .changing(),
    scalar<try_lock<Shared, kTransaction, Int4, Int4>>(3096, "pg_try_advisory_xact_lock_shared",
                                                       "obtain shared advisory lock if available")
        .changing(),
};

}  // namespace

const FunctionTable kAdvisoryLockFunctions = kRows;

}  // namespace omen::sql
