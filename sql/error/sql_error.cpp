#include "sql/error/sql_error.h"

#include <fmt/format.h>

#include <new>

namespace omen::sql {
namespace {

using engine::StatusCode;

SqlState sqlstate_of(StatusCode code) {
  switch (code) {
    case StatusCode::Ok:
      return sqlstate::kSuccessfulCompletion;
    case StatusCode::NotFound:
      return sqlstate::kUndefinedObject;
    case StatusCode::AlreadyExists:
      return sqlstate::kDuplicateObject;
    case StatusCode::InvalidArgument:
      return sqlstate::kInvalidParameterValue;
    case StatusCode::ProtocolViolation:
      return sqlstate::kProtocolViolation;
    case StatusCode::Unsupported:
      return sqlstate::kFeatureNotSupported;
    case StatusCode::SerializationFailure:
      return sqlstate::kSerializationFailure;
    case StatusCode::Deadlock:
      return sqlstate::kDeadlockDetected;
    case StatusCode::LockTimeout:
    case StatusCode::LockNotAvailable:
      return sqlstate::kLockNotAvailable;
    case StatusCode::Cancelled:
      return sqlstate::kQueryCanceled;
    case StatusCode::OutOfMemory:
      return sqlstate::kOutOfMemory;
    case StatusCode::DiskFull:
      return sqlstate::kDiskFull;
    case StatusCode::IoError:
      return sqlstate::kIoError;
    case StatusCode::Corruption:
      return sqlstate::kDataCorrupted;
    case StatusCode::ReadOnly:
      return sqlstate::kReadOnlySqlTransaction;
    case StatusCode::LimitExceeded:
      return sqlstate::kProgramLimitExceeded;
    case StatusCode::Internal:
      return sqlstate::kInternalError;
  }
  return sqlstate::kInternalError;
}

}  // namespace

void internal_error(std::string message) {
  throw SqlError(sqlstate::kInternalError, std::move(message));
}

void unsupported(std::string what, int location) {
  throw SqlError(sqlstate::kFeatureNotSupported, fmt::format("{} is not supported", what))
      .at(location);
}

SqlError to_sql_error(const engine::Status& status) {
  return {sqlstate_of(status.code()), status.message()};
}

void throw_if_error(const engine::Status& status) {
  if (!status.ok()) {
    throw to_sql_error(status);
  }
}

SqlError to_sql_error(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const SqlError& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return {sqlstate::kOutOfMemory, "out of memory"};
  } catch (const std::exception& error) {
    return {sqlstate::kInternalError, fmt::format("internal error: {}", error.what())};
  } catch (...) {
    return {sqlstate::kInternalError, "internal error"};
  }
}

}  // namespace omen::sql
