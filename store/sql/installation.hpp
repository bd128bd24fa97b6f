// What the store keeps of itself: its secret, how far its clock has come, that it takes writes.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// These throw what the connection explains where the database fails, and std::runtime_error where a row is
// not what it must be.
namespace curfew::store {

// Makes the secret if there is none yet, and gives how far the store's clock had come.
WallInstant open_installation(Connection& connection);

Secret read_installation_secret(Connection& connection);

// Remembers how far the store's clock has come.
void remember_time(Connection& connection, const StoreTime& now);

// Writes a number and reads it back. internal: it was another one.
Result<void> write_and_read_back(Connection& connection);

}  // namespace curfew::store
