// Events as messages of syslog (RFC 5424). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/audit.hpp"
#include "store/events.hpp"

namespace curfew::audit {

// `<109>1 2026-11-24T14:05:00.250Z gate-1 curfew - grant.given [curfew@32473 number="7" …] {"user":…}`: the
// facility and `notice`; the time of the event; the node that sends it; the kind of the event; number, kind,
// id, actor and hash as structured data; and the event's summary, of `most_bytes` for all of it as much as
// fits. The summary begins with a byte order mark where it is not ASCII alone.
std::string syslog_message(const config::SyslogReceiver& receiver, std::string_view node,
                           const store::ListedEvent& event, std::size_t most_bytes);

// With its length in front, as streams carry it (RFC 6587, octet counting; RFC 5425).
std::string syslog_frame(std::string_view message);

}  // namespace curfew::audit
