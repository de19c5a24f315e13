#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/session/session.h"
#include "sql/session/settings/setting_definition.h"

namespace omen::sql {

/// One session's settings, with PostgreSQL's transactional meaning of SET.
///
/// Invariants: (1) a value is its local one (SET LOCAL) if there is one, else the session's; (2)
/// every change leaves an undo record until the transaction ends, so that rolling back to a mark
/// restores what held then; (3) no local value outlives its transaction. Not thread-safe.
class Settings {
 public:
  Settings();

  /// A start-up value: becomes what RESET goes back to. Throws 22023, 42704, 55P02.
  void set_initial(std::string_view name, std::string_view value);
  /// A value only the server may set (session_authorization, is_superuser...).
  void set_by_server(std::string_view name, std::string_view value);
  struct SetOptions {
    bool is_local = false;
  };
  void set(std::string_view name, std::string_view value, SetOptions options);
  /// Back to the start-up value or the default.
  void reset(std::string_view name, SetOptions options);
  void reset_all();

  /// As SHOW prints it; nullopt if there is no such setting.
  [[nodiscard]] std::optional<std::string> show(std::string_view name) const;
  /// The canonical text of a known setting (numbers in its unit).
  [[nodiscard]] const std::string& value(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] bool boolean(std::string_view name) const { return value(name) == "on"; }
  /// Whether a setting still has its built-in default, untouched by start-up and SET.
  [[nodiscard]] bool is_default(std::string_view name) const;
  [[nodiscard]] std::vector<SettingRow> rows() const;

  /// Undo records so far: rollback_to() takes it back.
  [[nodiscard]] std::size_t mark() const { return undo_.size(); }
  void rollback_to(std::size_t mark);
  /// The transaction ended.
  void commit();
  void rollback() { rollback_to(0); }

  /// Grows with every change.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  /// Reported settings whose value differs from what was taken last.
  std::vector<std::pair<std::string, std::string>> take_reported();

 private:
  struct Slot {
    const SettingDefinition* definition = nullptr;
    std::string reset_value;
    std::string session_value;
    std::optional<std::string> local_value;
    std::string reported_value;
    bool is_reported = false;  ///< reported_value was sent once
    bool is_touched = false;
    bool is_of_server = false;  ///< set_by_server() gave the value
    [[nodiscard]] const std::string& effective() const {
      return local_value ? *local_value : session_value;
    }
  };
  struct Undo {
    std::size_t slot;
    std::string session_value;
    std::optional<std::string> local_value;
    bool is_touched;
  };
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  /// As find(), but a new dotted name makes a custom setting. Throws 42704, 42602.
  std::size_t find_or_make(std::string_view name);
  void assign(std::size_t slot, std::string value, SetOptions options);
  void check_may_change(const SettingDefinition& definition) const;
  static void check_provided(const Slot& slot, const std::string& value);

  std::vector<Slot> slots_;  ///< built-in ones in table order, then custom ones
  std::map<std::string, std::size_t, std::less<>> custom_;
  std::deque<std::pair<std::string, SettingDefinition>> custom_definitions_;
  std::vector<Undo> undo_;
  std::uint64_t version_ = 1;
  std::uint64_t reported_version_ = 0;
};

}  // namespace omen::sql
