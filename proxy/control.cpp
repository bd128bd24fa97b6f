#include "proxy/control.hpp"

namespace curfew::proxy {

std::string_view to_string(SessionPhase phase) {
    switch (phase) {
        case SessionPhase::handshake:
            return "handshake";
        case SessionPhase::live:
            return "live";
        case SessionPhase::ending:
            return "ending";
    }
    return "ending";
}

}  // namespace curfew::proxy
