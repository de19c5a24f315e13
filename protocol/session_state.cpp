#include "protocol/session_state.h"

namespace omen::protocol {

SessionState::Verdict SessionState::admit(FrontendType type) {
  switch (phase_) {
    case Phase::Startup:
    case Phase::Closed:
      return Verdict::Violation;
    case Phase::Authentication:
      return type == FrontendType::Password ? Verdict::Process : Verdict::Violation;
    case Phase::SkipUntilSync:
      if (type == FrontendType::Sync) {
        phase_ = Phase::Ready;
        extended_ = false;
        return Verdict::Process;
      }
      return type == FrontendType::Terminate ? Verdict::Process : Verdict::Ignore;
    case Phase::CopyIn:
      switch (type) {
        case FrontendType::CopyData:
        case FrontendType::CopyDone:
        case FrontendType::CopyFail:
          return Verdict::Process;
        // Clients send these without noticing that the command just sent was a COPY.
        case FrontendType::Flush:
        case FrontendType::Sync:
          return Verdict::Ignore;
        default:
          return Verdict::Violation;
      }
    case Phase::Ready:
      return admit_ready(type);
  }
  return Verdict::Violation;
}

SessionState::Verdict SessionState::admit_ready(FrontendType type) {
  switch (type) {
    case FrontendType::Query:
    case FrontendType::FunctionCall:
    case FrontendType::Terminate:
    case FrontendType::Sync:
      extended_ = false;
      return Verdict::Process;
    case FrontendType::Parse:
    case FrontendType::Bind:
    case FrontendType::Describe:
    case FrontendType::Execute:
    case FrontendType::Close:
    case FrontendType::Flush:
      extended_ = true;
      return Verdict::Process;
    // Left over from a COPY that failed while the client was still sending.
    case FrontendType::CopyData:
    case FrontendType::CopyDone:
    case FrontendType::CopyFail:
      return Verdict::Ignore;
    case FrontendType::Password:
      return Verdict::Violation;
  }
  return Verdict::Violation;
}

bool SessionState::failed() {
  if (phase_ == Phase::Closed) {
    return false;
  }
  phase_ = extended_ ? Phase::SkipUntilSync : Phase::Ready;
  return !extended_;
}

}  // namespace omen::protocol
