#pragma once

#include <string_view>

namespace omen::sql {

/// Five characters; PostgreSQL 15 manual, appendix A.
using SqlState = std::string_view;

namespace sqlstate {
constexpr SqlState kSuccessfulCompletion = "00000";
constexpr SqlState kWarning = "01000";
constexpr SqlState kConnectionFailure = "08006";
constexpr SqlState kProtocolViolation = "08P01";
constexpr SqlState kFeatureNotSupported = "0A000";
constexpr SqlState kCardinalityViolation = "21000";
constexpr SqlState kDataException = "22000";
constexpr SqlState kStringDataRightTruncation = "22001";
constexpr SqlState kNullValueNoIndicator = "22002";
constexpr SqlState kNumericValueOutOfRange = "22003";
constexpr SqlState kNullValueNotAllowed = "22004";
constexpr SqlState kInvalidDatetimeFormat = "22007";
constexpr SqlState kDatetimeFieldOverflow = "22008";
constexpr SqlState kSubstringError = "22011";
constexpr SqlState kDivisionByZero = "22012";
constexpr SqlState kInvalidRegularExpression = "2201B";
constexpr SqlState kInvalidRowCountInLimit = "2201W";
constexpr SqlState kInvalidRowCountInOffset = "2201X";
constexpr SqlState kInvalidArgumentForLogarithm = "2201E";
constexpr SqlState kInvalidArgumentForPower = "2201F";
constexpr SqlState kCharacterNotInRepertoire = "22021";
constexpr SqlState kInvalidParameterValue = "22023";
constexpr SqlState kInvalidEscapeSequence = "22025";
constexpr SqlState kStringDataLengthMismatch = "22026";
constexpr SqlState kArraySubscriptError = "2202E";
constexpr SqlState kInvalidTextRepresentation = "22P02";
constexpr SqlState kInvalidBinaryRepresentation = "22P03";
constexpr SqlState kBadCopyFileFormat = "22P04";
constexpr SqlState kUntranslatableCharacter = "22P05";
constexpr SqlState kIntegrityConstraintViolation = "23000";
constexpr SqlState kNotNullViolation = "23502";
constexpr SqlState kForeignKeyViolation = "23503";
constexpr SqlState kUniqueViolation = "23505";
constexpr SqlState kCheckViolation = "23514";
constexpr SqlState kInvalidTransactionState = "25000";
constexpr SqlState kActiveSqlTransaction = "25001";
constexpr SqlState kReadOnlySqlTransaction = "25006";
constexpr SqlState kNoActiveSqlTransaction = "25P01";
constexpr SqlState kInFailedSqlTransaction = "25P02";
constexpr SqlState kInvalidSqlStatementName = "26000";
constexpr SqlState kInvalidAuthorizationSpecification = "28000";
constexpr SqlState kInvalidPassword = "28P01";
constexpr SqlState kDependentObjectsStillExist = "2BP01";
constexpr SqlState kInvalidCursorName = "34000";
constexpr SqlState kInvalidSavepointSpecification = "3B001";
constexpr SqlState kInvalidCatalogName = "3D000";
constexpr SqlState kInvalidSchemaName = "3F000";
constexpr SqlState kSerializationFailure = "40001";
constexpr SqlState kDeadlockDetected = "40P01";
constexpr SqlState kSyntaxError = "42601";
constexpr SqlState kInsufficientPrivilege = "42501";
constexpr SqlState kInvalidName = "42602";
constexpr SqlState kNameTooLong = "42622";
constexpr SqlState kReservedName = "42939";
constexpr SqlState kDatatypeMismatch = "42804";
constexpr SqlState kCannotCoerce = "42846";
constexpr SqlState kGroupingError = "42803";
constexpr SqlState kWindowingError = "42P20";
constexpr SqlState kInvalidRecursion = "42P19";
constexpr SqlState kInvalidForeignKey = "42830";
constexpr SqlState kWrongObjectType = "42809";
constexpr SqlState kIndeterminateDatatype = "42P18";
constexpr SqlState kIndeterminateCollation = "42P22";
constexpr SqlState kUndefinedColumn = "42703";
constexpr SqlState kUndefinedFunction = "42883";
constexpr SqlState kUndefinedTable = "42P01";
constexpr SqlState kUndefinedParameter = "42P02";
constexpr SqlState kUndefinedObject = "42704";
constexpr SqlState kDuplicateColumn = "42701";
constexpr SqlState kDuplicateCursor = "42P03";
constexpr SqlState kDuplicatePreparedStatement = "42P05";
constexpr SqlState kDuplicateSchema = "42P06";
constexpr SqlState kDuplicateTable = "42P07";
constexpr SqlState kDuplicateAlias = "42712";
constexpr SqlState kDuplicateObject = "42710";
constexpr SqlState kDuplicateFunction = "42723";
constexpr SqlState kAmbiguousColumn = "42702";
constexpr SqlState kAmbiguousFunction = "42725";
constexpr SqlState kInvalidColumnReference = "42P10";
constexpr SqlState kInvalidColumnDefinition = "42611";
constexpr SqlState kInvalidTableDefinition = "42P16";
constexpr SqlState kInvalidObjectDefinition = "42P17";
constexpr SqlState kInsufficientResources = "53000";
constexpr SqlState kDiskFull = "53100";
constexpr SqlState kOutOfMemory = "53200";
constexpr SqlState kTooManyConnections = "53300";
constexpr SqlState kProgramLimitExceeded = "54000";
constexpr SqlState kStatementTooComplex = "54001";
constexpr SqlState kTooManyColumns = "54011";
constexpr SqlState kTooManyArguments = "54023";
constexpr SqlState kObjectNotInPrerequisiteState = "55000";
constexpr SqlState kObjectInUse = "55006";
constexpr SqlState kCantChangeRuntimeParam = "55P02";
constexpr SqlState kLockNotAvailable = "55P03";
constexpr SqlState kQueryCanceled = "57014";
constexpr SqlState kAdminShutdown = "57P01";
constexpr SqlState kCannotConnectNow = "57P03";
constexpr SqlState kIdleInTransactionSessionTimeout = "25P03";
constexpr SqlState kIoError = "58030";
constexpr SqlState kUndefinedFile = "58P01";
constexpr SqlState kInternalError = "XX000";
constexpr SqlState kDataCorrupted = "XX001";
}  // namespace sqlstate
}  // namespace omen::sql
