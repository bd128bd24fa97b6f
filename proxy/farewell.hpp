// Leaving a client: tell it why, and close so that it gets to read that.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>

#include "base/clock.hpp"
#include "proxy/boot_timer.hpp"
#include "proxy/client_writer.hpp"
#include "proxy/stream.hpp"

namespace curfew::proxy {

// What becomes of what the client's machine has not taken yet when the connection is closed.
enum class Undelivered {
    delivered,  // as ever: the kernel goes on trying, for minutes
    dropped,    // it is over: whoever was cut off or did not read hears nothing of it afterwards
};

// Says `last_words` (whole messages; may be empty) and ends the connection, all within `budget`. `writer`: of
// a live session, whose stream is first brought to a message boundary; where that cannot be done nothing is
// said, since a message must not be written into another. nullptr before there was a session.
//
// The connection is shut down for writing, and what the client still sends is read and thrown away until it
// closes its side: closing with unread input would make the kernel send RST, and the client lose what it was
// told. `over` is called when the last byte went out: from then on nothing passes in either direction.
boost::asio::awaitable<void> bid_farewell(Stream& client, ClientWriter* writer, BootTimer& timer,
                                          BootInstant until, std::string last_words,
                                          std::function<void()> over,
                                          Undelivered undelivered = Undelivered::delivered);

}  // namespace curfew::proxy
