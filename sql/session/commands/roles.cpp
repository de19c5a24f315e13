#include "sql/session/commands/roles.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/session/commands/commands.h"

namespace omen::sql {
namespace {

constexpr int kScramRounds = 4096;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
using Hash = std::array<unsigned char, kHashBytes>;

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string text(4 * ((size + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size));
  return text;
}

Hash hmac(const Hash& key, std::string_view text) {
  Hash result{};
  unsigned int size = kHashBytes;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data(), &size);
  return result;
}

bool is_verifier(const std::string& password) {
  return password.starts_with("SCRAM-SHA-256$");
}

bool is_md5_verifier(const std::string& password) {
  return password.size() == 35 && password.starts_with("md5") &&
         password.find_first_not_of("0123456789abcdef", 3) == std::string::npos;
}

bool is_true(const ast::Option& option) {
  return !option.value || *option.value == "true" || *option.value == "1";
}

void apply(engine::Role& role, const ast::Option& option) {
  if (option.name == "password") {
    if (!option.value || option.value->empty()) {
      role.password.clear();
    } else if (is_md5_verifier(*option.value)) {
      unsupported("an MD5 password", option.location);
    } else {
      role.password =
          is_verifier(*option.value) ? *option.value : make_scram_verifier(*option.value);
    }
  } else if (option.name == "superuser") {
    role.superuser = is_true(option);
  } else if (option.name == "canlogin") {
    role.can_login = is_true(option);
  } else if (option.name == "createdb" || option.name == "createrole" ||
             option.name == "isreplication" || option.name == "bypassrls") {
    if (is_true(option)) {
      unsupported(fmt::format("role option \"{}\"", option.name), option.location);
    }
  } else if (option.name == "inherit" || option.name == "sysid") {
    return;  // there are no memberships; oids are given by the server
  } else if (option.name == "connectionlimit" && option.value == "-1") {
    return;
  } else {
    unsupported(fmt::format("role option \"{}\"", option.name), option.location);
  }
}

}  // namespace

std::string make_scram_verifier(const std::string& password) {
  std::array<unsigned char, kSaltBytes> salt{};
  Hash salted{};
  if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1 ||
      PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                        static_cast<int>(salt.size()), kScramRounds, EVP_sha256(),
                        static_cast<int>(salted.size()), salted.data()) != 1) {
    internal_error("could not compute a password verifier");
  }
  const Hash client_key = hmac(salted, "Client Key");
  const Hash server_key = hmac(salted, "Server Key");
  Hash stored_key{};
  unsigned int size = kHashBytes;
  EVP_Digest(client_key.data(), client_key.size(), stored_key.data(), &size, EVP_sha256(), nullptr);
  return fmt::format("SCRAM-SHA-256${}:{}${}:{}", kScramRounds, base64(salt.data(), salt.size()),
                     base64(stored_key.data(), stored_key.size()),
                     base64(server_key.data(), server_key.size()));
}

void check_owner(CatalogAccess& access, const std::string& role) {
  const bool is_self = role == "current_user" || role == "session_user" || role == "current_role";
  const std::string& name = is_self ? access.session().client().user : role;
  const engine::Role* found = access.catalog().find_role(name);
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject, fmt::format("role \"{}\" does not exist", name));
  }
  if (found->oid != engine::kBootstrapRoleOid) {
    unsupported("an owner other than the bootstrap superuser");
  }
}

std::string create_role(ClientSession& session, const ast::CreateRoleStatement& statement) {
  CatalogAccess access(session);
  const auto* self = access.catalog().find_role(session.client().user);
  if (self == nullptr || !self->superuser) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   statement.alter ? "permission denied" : "permission denied to create role");
  }
  const bool is_self = statement.name == "current_user" || statement.name == "session_user" ||
                       statement.name == "current_role";
  const std::string& name = is_self && statement.alter ? session.client().user : statement.name;
  const engine::Role* existing = access.catalog().find_role(name);
  engine::Role role;
  if (statement.alter) {
    if (existing == nullptr) {
      throw SqlError(sqlstate::kUndefinedObject, fmt::format("role \"{}\" does not exist", name));
    }
    role = *existing;
  } else {
    if (name.starts_with("pg_")) {
      throw SqlError(sqlstate::kReservedName, fmt::format("role name \"{}\" is reserved", name))
          .detail("Role names starting with \"pg_\" are reserved.");
    }
    if (existing != nullptr) {
      throw SqlError(sqlstate::kDuplicateObject, fmt::format("role \"{}\" already exists", name));
    }
    role.oid = access.new_oid();
    role.name = name;
    role.can_login = statement.login_by_default;
  }
  for (const ast::Option& option : statement.options) {
    apply(role, option);
  }
  access.put(std::move(role));
  return statement.alter ? "ALTER ROLE" : "CREATE ROLE";
}

}  // namespace omen::sql
