#include "protocol/session_state.h"

#include <catch2/catch.hpp>

namespace omen::protocol {
namespace {

using Phase = SessionState::Phase;
using Verdict = SessionState::Verdict;

SessionState ready() {
  SessionState state;
  state.authentication_started();
  state.authenticated();
  return state;
}

}  // namespace

TEST_CASE("before authentication only passwords are read") {
  SessionState state;
  CHECK(state.admit(FrontendType::Query) == Verdict::Violation);
  state.authentication_started();
  CHECK(state.admit(FrontendType::Query) == Verdict::Violation);
  CHECK(state.admit(FrontendType::Password) == Verdict::Process);
  state.authenticated();
  CHECK(state.admit(FrontendType::Password) == Verdict::Violation);
  CHECK(state.admit(FrontendType::Query) == Verdict::Process);
}

TEST_CASE("an error of the simple protocol is followed by ReadyForQuery") {
  SessionState state = ready();
  CHECK(state.admit(FrontendType::Query) == Verdict::Process);
  CHECK(state.failed());
  CHECK(state.phase() == Phase::Ready);
}

TEST_CASE("an error of the extended protocol discards until Sync") {
  SessionState state = ready();
  CHECK(state.admit(FrontendType::Parse) == Verdict::Process);
  CHECK_FALSE(state.failed());
  for (const FrontendType type :
       {FrontendType::Parse, FrontendType::Bind, FrontendType::Execute, FrontendType::Describe,
        FrontendType::Close, FrontendType::Flush, FrontendType::Query, FrontendType::CopyData}) {
    CHECK(state.admit(type) == Verdict::Ignore);
  }
  CHECK(state.admit(FrontendType::Sync) == Verdict::Process);
  CHECK(state.phase() == Phase::Ready);
  // An error of the Sync itself (a commit that fails) is answered at once.
  CHECK(state.failed());
}

TEST_CASE("Terminate is read while discarding") {
  SessionState state = ready();
  CHECK(state.admit(FrontendType::Bind) == Verdict::Process);
  CHECK_FALSE(state.failed());
  CHECK(state.admit(FrontendType::Terminate) == Verdict::Process);
}

TEST_CASE("COPY reads its own messages, overlooks Flush and Sync and refuses the rest") {
  SessionState state = ready();
  CHECK(state.admit(FrontendType::Query) == Verdict::Process);
  state.copy_in_started();
  CHECK(state.admit(FrontendType::CopyData) == Verdict::Process);
  CHECK(state.admit(FrontendType::Sync) == Verdict::Ignore);
  CHECK(state.admit(FrontendType::Flush) == Verdict::Ignore);
  CHECK(state.admit(FrontendType::Query) == Verdict::Violation);
  CHECK(state.failed());
  // The rest of what the client was sending.
  CHECK(state.admit(FrontendType::CopyData) == Verdict::Ignore);
  CHECK(state.admit(FrontendType::CopyDone) == Verdict::Ignore);
  CHECK(state.admit(FrontendType::Query) == Verdict::Process);
}

TEST_CASE("a COPY of the extended protocol that fails discards until Sync") {
  SessionState state = ready();
  CHECK(state.admit(FrontendType::Execute) == Verdict::Process);
  state.copy_in_started();
  CHECK(state.admit(FrontendType::CopyFail) == Verdict::Process);
  CHECK_FALSE(state.failed());
  CHECK(state.admit(FrontendType::CopyData) == Verdict::Ignore);
  CHECK(state.admit(FrontendType::Sync) == Verdict::Process);
}

TEST_CASE("nothing is read after the end") {
  SessionState state = ready();
  state.closed();
  CHECK(state.admit(FrontendType::Query) == Verdict::Violation);
  CHECK_FALSE(state.failed());
  CHECK(state.phase() == Phase::Closed);
}

}  // namespace omen::protocol
