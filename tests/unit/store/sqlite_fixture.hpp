// What only a store in a file can be asked.
#pragma once

#include <filesystem>

#include "store/sqlite/sqlite_store.hpp"
#include "store_fixture.hpp"

namespace curfew::test {

class SqliteStoreTest : public StoreTest {
protected:
    std::filesystem::path path() const { return store_backend->file().value(); }

    // Opens the store again, with these options.
    void reopen() {
        close();
        store = store::SqliteStore::open(path(), clock, options).value();
    }

    store::SqliteOptions options;
};

}  // namespace curfew::test
