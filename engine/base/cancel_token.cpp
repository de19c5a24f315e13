#include "engine/base/cancel_token.h"

namespace omen::engine {

Status CancelToken::check() const {
  switch (reason()) {
    case CancelReason::None:
      return {};
    case CancelReason::UserRequest:
      return {StatusCode::Cancelled, "canceling statement due to user request"};
    case CancelReason::StatementTimeout:
      return {StatusCode::Cancelled, "canceling statement due to statement timeout"};
    case CancelReason::Shutdown:
      return {StatusCode::Cancelled, "terminating connection due to administrator command"};
    case CancelReason::ClientGone:
      return {StatusCode::Cancelled, "connection to client lost"};
  }
  return {};
}

}  // namespace omen::engine
