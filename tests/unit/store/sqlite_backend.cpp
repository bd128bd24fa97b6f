#include "store/sqlite/sqlite_store.hpp"
#include "store_backend.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

class SqliteBackend final : public StoreBackend {
public:
    explicit SqliteBackend(const Clock& clock) : clock_{clock} {}

    std::shared_ptr<store::Store> open() override {
        return store::SqliteStore::open(directory_ / "curfew.db", clock_).value();
    }
    std::optional<std::filesystem::path> file() const override { return directory_ / "curfew.db"; }

private:
    const Clock& clock_;
    TemporaryDirectory directory_{"curfew-store"};
};

}  // namespace

std::unique_ptr<StoreBackend> make_store_backend(SteeredClock& clock) {
    return std::make_unique<SqliteBackend>(clock);
}

}  // namespace curfew::test
