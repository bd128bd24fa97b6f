// A storage of recordings that fills up when it is told to.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "recording/local_storage.hpp"
#include "recording/storage.hpp"

namespace curfew::recording {

class MemoryStorage final : public RecordingStorage {
public:
    void fill_up(bool full) {
        const std::lock_guard lock{mutex_};
        full_ = full;
    }
    // Called whenever a recording is closed, which takes as long as that does.
    void while_closing(std::function<void()> call) {
        const std::lock_guard lock{mutex_};
        while_closing_ = std::move(call);
    }
    std::string bytes_of(const SessionId& session) {
        const std::lock_guard lock{mutex_};
        return files_[session].bytes;
    }
    bool is_closed(const SessionId& session) {
        const std::lock_guard lock{mutex_};
        return files_[session].closed;
    }
    bool has(const SessionId& session) {
        const std::lock_guard lock{mutex_};
        return files_.contains(session);
    }

    Result<std::unique_ptr<RecordingFile>> create(const RecordingKey& key) override {
        const std::lock_guard lock{mutex_};
        files_[key.session] = {};
        return std::unique_ptr<RecordingFile>{std::make_unique<Writing>(*this, key.session)};
    }
    Result<std::unique_ptr<RecordingSource>> open(const RecordingKey& key) override {
        return recording_of_bytes(bytes_of(key.session));
    }
    Result<std::vector<StoredRecording>> list() override { return std::vector<StoredRecording>{}; }
    Result<void> remove(const RecordingKey& key) override {
        const std::lock_guard lock{mutex_};
        files_.erase(key.session);
        return {};
    }

private:
    struct File {
        std::string bytes;
        bool closed = false;
    };
    class Writing final : public RecordingFile {
    public:
        Writing(MemoryStorage& storage, SessionId session)
            : storage_{storage}, session_{std::move(session)} {}
        Result<void> append(std::string_view frames) override {
            const std::lock_guard lock{storage_.mutex_};
            if (storage_.full_) return Error{ErrorCode::unavailable, "the disk is full"};
            storage_.files_[session_].bytes += frames;
            return {};
        }
        Result<void> close() override {
            if (const auto call = storage_.closing_call()) call();
            const std::lock_guard lock{storage_.mutex_};
            storage_.files_[session_].closed = true;
            return {};
        }

    private:
        MemoryStorage& storage_;
        SessionId session_;
    };

    std::function<void()> closing_call() {
        const std::lock_guard lock{mutex_};
        return while_closing_;
    }

    std::mutex mutex_;
    bool full_ = false;
    std::function<void()> while_closing_;
    std::map<SessionId, File> files_;
};

}  // namespace curfew::recording
