#include "recording/storage_on_demand.hpp"

namespace curfew::recording {

Result<std::shared_ptr<RecordingStorage>> StorageOnDemand::opened() {
    const std::lock_guard lock{mutex_};
    if (!storage_) {
        auto storage = open_();
        if (!storage) return storage.error();
        storage_ = std::move(*storage);
    }
    return storage_;
}

Result<void> StorageOnDemand::prepare() {
    const auto storage = opened();
    if (!storage) return storage.error();
    return {};
}

bool StorageOnDemand::prepared() const {
    const std::lock_guard lock{mutex_};
    return storage_ != nullptr;
}

Result<std::unique_ptr<RecordingFile>> StorageOnDemand::create(const RecordingKey& key) {
    const auto storage = opened();
    if (!storage) return storage.error();
    return (*storage)->create(key);
}

Result<std::unique_ptr<RecordingSource>> StorageOnDemand::open(const RecordingKey& key) {
    const auto storage = opened();
    if (!storage) return storage.error();
    return (*storage)->open(key);
}

Result<std::vector<StoredRecording>> StorageOnDemand::list() {
    const auto storage = opened();
    if (!storage) return storage.error();
    return (*storage)->list();
}

Result<void> StorageOnDemand::remove(const RecordingKey& key) {
    const auto storage = opened();
    if (!storage) return storage.error();
    return (*storage)->remove(key);
}

}  // namespace curfew::recording
