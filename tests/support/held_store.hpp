// A store that is away.
#pragma once

#include <sqlite3.h>

#include <stdexcept>
#include <string>

#include "support/timing.hpp"

namespace curfew::test {

// Somebody else holds the database file: nothing can be written to it, as on a full disk.
class HeldStore {
public:
    explicit HeldStore(const std::string& path) {
        if (::sqlite3_open(path.c_str(), &database_) != SQLITE_OK) fail("open");
        ::sqlite3_busy_timeout(database_, static_cast<int>(patience.count()));
        if (::sqlite3_exec(database_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK)
            fail("BEGIN IMMEDIATE");
    }
    ~HeldStore() { ::sqlite3_close(database_); }
    HeldStore(const HeldStore&) = delete;
    HeldStore& operator=(const HeldStore&) = delete;

private:
    void fail(const std::string& what) {
        const std::string message = what + ": " + ::sqlite3_errmsg(database_);
        ::sqlite3_close(database_);
        throw std::runtime_error(message);
    }
    sqlite3* database_ = nullptr;
};

}  // namespace curfew::test
