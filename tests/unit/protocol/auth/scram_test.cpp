#include <catch2/catch.hpp>

#include "protocol/auth/scram_server.h"

namespace omen::protocol {
namespace {

// RFC 7677, section 3.
constexpr std::string_view kClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr std::string_view kClientFinal =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr std::string_view kServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

ScramServer rfc_server(std::string_view password, bool genuine = true) {
  const std::string salt = *base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==");
  return ScramServer({.verifier = make_verifier(password, salt).value(),
                      .genuine = genuine,
                      .nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"});
}

}  // namespace

TEST_CASE("the exchange of RFC 7677 succeeds") {
  ScramServer server = rfc_server("pencil");
  CHECK(server.start(kClientFirst).value() == kServerFirst);
  CHECK(server.finish(kClientFinal).value() == kServerFinal);
  CHECK(server.authenticated());
}

TEST_CASE("a wrong password ends unauthenticated, not in an error") {
  ScramServer server = rfc_server("pencils");
  REQUIRE(server.start(kClientFirst).ok());
  REQUIRE(server.finish(kClientFinal).ok());
  CHECK_FALSE(server.authenticated());
}

TEST_CASE("an exchange that is not genuine never authenticates") {
  ScramServer server = rfc_server("pencil", false);
  REQUIRE(server.start(kClientFirst).ok());
  REQUIRE(server.finish(kClientFinal).ok());
  CHECK_FALSE(server.authenticated());
}

TEST_CASE("malformed first messages are refused") {
  for (const std::string_view message :
       {"", "n", "n,", "x,,n=,r=a", "p=tls-unique,,n=,r=a", "n,a=other,n=,r=a", "n,,m=x,n=,r=a",
        "n,,n=", "n,,r=a", "n,,n=,r=", "n,,n=,r=a b", "n,,n=,q=a"}) {
    INFO(message);
    CHECK_FALSE(rfc_server("pencil").start(message).ok());
  }
}

TEST_CASE("malformed final messages are refused") {
  const std::string nonce = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const std::string proof = ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  for (const std::string& message :
       {std::string(), "c=biws," + nonce, "c=eSws," + nonce + proof, "c=biws,r=other" + proof,
        nonce + proof, "c=biws," + nonce + ",p=", "c=biws," + nonce + ",p=AAAA",
        "c=biws," + nonce + ",p=!!!!"}) {
    INFO(message);
    ScramServer server = rfc_server("pencil");
    REQUIRE(server.start(kClientFirst).ok());
    CHECK_FALSE(server.finish(message).ok());
    CHECK_FALSE(server.authenticated());
  }
}

TEST_CASE("messages out of turn are refused") {
  ScramServer server = rfc_server("pencil");
  CHECK_FALSE(server.finish(kClientFinal).ok());
  REQUIRE(server.start(kClientFirst).ok());
  CHECK_FALSE(server.start(kClientFirst).ok());
}

TEST_CASE("a verifier survives its text form") {
  const ScramVerifier verifier = make_verifier("secret", "0123456789abcdef").value();
  const std::string text = format_verifier(verifier);
  CHECK(text.starts_with("SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFiY2RlZg==$"));
  CHECK(format_verifier(parse_verifier(text).value()) == text);
}

TEST_CASE("texts that are no verifier are refused") {
  const std::string good = format_verifier(make_verifier("x", "0123456789abcdef").value());
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(parse_verifier(good.substr(0, size)).ok());
  }
  CHECK_FALSE(parse_verifier("md5aabbccdd").ok());
  CHECK_FALSE(parse_verifier("SCRAM-SHA-256$0:AAAA$AAAA:AAAA").ok());
}

TEST_CASE("a role without a verifier gets the same salt each time, others another") {
  CHECK(mock_verifier("ada", "s").value().salt == mock_verifier("ada", "s").value().salt);
  CHECK(mock_verifier("ada", "s").value().salt != mock_verifier("bob", "s").value().salt);
  CHECK(mock_verifier("ada", "s").value().salt != mock_verifier("ada", "t").value().salt);
}

TEST_CASE("base64 is read strictly") {
  CHECK(base64_decode("").value().empty());
  CHECK(base64_decode("YQ==").value() == "a");
  CHECK(base64_decode("YWI=").value() == "ab");
  CHECK(base64_decode("YWJj").value() == "abc");
  for (const std::string_view text :
       {"YQ", "YQ=", "Y=Q=", " YQ==", "YQ==\n", "====", "Y===", "Y_Q="}) {
    INFO(text);
    CHECK_FALSE(base64_decode(text));
  }
}

}  // namespace omen::protocol
