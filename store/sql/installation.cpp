#include "store/sql/installation.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>
#include <string>

namespace curfew::store {
namespace {

constexpr std::size_t secret_bytes = 32;

Secret make_secret() {
    std::string bytes(secret_bytes, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("the system's random number generator gave nothing");
    return Secret{std::move(bytes)};
}

}  // namespace

WallInstant open_installation(Connection& connection) {
    Query found{connection, "SELECT clock_ms FROM installation"};
    if (found.next()) return found.instant(0);
    const Secret secret = make_secret();
    // Revealed to be kept: the file is its owner's alone.
    Query{connection, "INSERT INTO installation VALUES (1, ?, 0, 0)", Blob{secret.reveal()}}.run();
    return {};
}

Secret read_installation_secret(Connection& connection) {
    Query found{connection, "SELECT secret FROM installation"};
    if (!found.next()) throw std::runtime_error("The store has lost its secret; put a backup in its place");
    return Secret{found.text(0)};
}

void remember_time(Connection& connection, const StoreTime& now) {
    Query{connection, "UPDATE installation SET clock_ms = ? WHERE clock_ms < ?", now.in_milliseconds(),
          now.in_milliseconds()}
        .run();
}

Result<void> write_and_read_back(Connection& connection) {
    Query before{connection, "SELECT health_check FROM installation"};
    if (!before.next())
        throw std::runtime_error("The store has lost its row of itself; put a backup in place");
    const std::int64_t next = (before.integer(0) + 1) & 0xFFFF'FFFF;
    Query{connection, "UPDATE installation SET health_check = ?", next}.run();
    Query after{connection, "SELECT health_check FROM installation WHERE only_one = 1"};
    if (after.next() && after.integer(0) == next) return {};
    return Error{ErrorCode::internal, "The store " + connection.name() +
                                          " does not give back what was written to it; look at its disk"};
}

}  // namespace curfew::store
