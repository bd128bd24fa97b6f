#include "cli/replay_source.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>

#include "base/sha256.hpp"
#include "cli/json_access.hpp"
#include "recording/entry_json.hpp"
#include "recording/local_storage.hpp"

namespace curfew::cli {
namespace {

using NextEntry = Outcome<std::optional<ReplayedEntry>>;

constexpr int entries_a_page = 500;
constexpr int most_attempts = 5;

std::string recording_target(const std::string& session) {
    return fmt::format("/sessions/{}/recording", path_segment(session));
}

recording::Integrity integrity_in(const boost::json::value& document) {
    using recording::Condition;
    recording::Integrity integrity;
    const auto condition = text_of(document, "condition");
    for (const auto one : {Condition::open, Condition::complete, Condition::cut, Condition::broken}) {
        if (condition == to_string(one)) integrity.condition = one;
    }
    integrity.lost_bytes = static_cast<std::uint64_t>(number_of(document, "lost_bytes"));
    integrity.what = text_of(document, "what");
    return integrity;
}

NextEntry entry_of(std::string line) {
    auto entry = recording::read_entry(line);
    if (!entry)
        return Failure{ExitCode::failed, "curfewd sent an entry that is none: " + entry.error().message};
    return std::optional{ReplayedEntry{std::move(*entry), std::move(line)}};
}

class PagesOfRecording final : public ReplaySource {
public:
    PagesOfRecording(const ApiClient& client, const std::string& session)
        : client_{client}, target_{recording_target(session)} {}

    NextEntry next() override {
        while (at_ == items_.size()) {
            if (over_) return std::optional<ReplayedEntry>{};
            if (const auto read = read_page(); !read) return read.error();
        }
        return entry_of(boost::json::serialize(items_[at_++]));
    }
    recording::Integrity integrity() const override { return integrity_; }
    std::string hash() const override { return hash_; }

private:
    Outcome<void> read_page() {
        auto target = fmt::format("{}?limit={}", target_, entries_a_page);
        if (!after_.empty()) target += "&after=" + query_value(after_);
        const auto answer = client_.get(target);
        if (!answer) return answer.error();
        items_ = list_of(answer->document, "items");
        at_ = 0;
        integrity_ = integrity_in(member_of(answer->document, "integrity"));
        hash_ = text_of(member_of(answer->document, "recording"), "hash");
        after_ = text_of(answer->document, "next");
        over_ = after_.empty();
        return {};
    }

    const ApiClient& client_;
    const std::string target_;
    boost::json::array items_;
    std::size_t at_ = 0;
    std::string after_;
    bool over_ = false;
    recording::Integrity integrity_;
    std::string hash_;
};

class LiveRecording final : public ReplaySource {
public:
    LiveRecording(const Server& server, const std::string& session)
        : server_{server}, target_{recording_target(session) + "?follow=true"} {}

    NextEntry next() override {
        while (events_.empty()) {
            if (over_) return std::optional<ReplayedEntry>{};
            if (const auto waited = wait(); !waited) return waited.error();
        }
        auto event = std::move(events_.front());
        events_.pop_front();
        if (event.name == "entry") return entry_of(std::move(event.data));
        boost::system::error_code error;
        const auto document = boost::json::parse(event.data, error);
        if (event.name == "end" && !error) {
            integrity_ = integrity_in(document);
            over_ = true;
        }
        return next();
    }
    recording::Integrity integrity() const override { return integrity_; }
    std::string hash() const override { return {}; }

private:
    Outcome<void> wait() {
        if (!stream_) stream_.emplace(server_, target_, last_id_);
        stream_->wait(-1, std::chrono::steady_clock::now() + std::chrono::hours{1});
        for (auto& event : stream_->take())
            events_.push_back(std::move(event));
        if (!events_.empty()) attempts_ = 0;
        if (!stream_->failure() || !events_.empty()) return {};
        const Failure failure = *stream_->failure();
        // It may be that curfewd was only started anew; what was refused will be again.
        if (failure.code != ExitCode::unreachable || ++attempts_ == most_attempts) return failure;
        last_id_ = stream_->last_id();
        stream_.reset();
        std::this_thread::sleep_for(std::chrono::seconds{1});
        return {};
    }

    const Server& server_;
    const std::string target_;
    std::optional<EventStream> stream_;
    std::string last_id_;
    int attempts_ = 0;
    std::deque<ServerEvent> events_;
    bool over_ = false;
    recording::Integrity integrity_;
};

class RecordingInFile final : public ReplaySource {
public:
    explicit RecordingInFile(std::unique_ptr<recording::RecordingSource> source)
        : reader_{std::move(source)} {}

    NextEntry next() override {
        auto entry = reader_.next();
        if (!entry) return Failure{ExitCode::failed, entry.error().message};
        if (!*entry) return std::optional<ReplayedEntry>{};
        return std::optional{ReplayedEntry{std::move(**entry), std::string{reader_.line()}}};
    }
    recording::Integrity integrity() const override { return reader_.integrity(); }
    std::string hash() const override { return to_hex(reader_.hash()); }

private:
    recording::RecordingReader reader_;
};

}  // namespace

std::unique_ptr<ReplaySource> replay_of_session(const ApiClient& client, const std::string& session) {
    return std::make_unique<PagesOfRecording>(client, session);
}

std::unique_ptr<ReplaySource> replay_of_live_session(const Server& server, const std::string& session) {
    return std::make_unique<LiveRecording>(server, session);
}

Outcome<std::unique_ptr<ReplaySource>> replay_of_file(const std::string& path) {
    auto source = recording::open_recording_file(path);
    if (!source) {
        const bool missing = source.error().code == ErrorCode::not_found;
        return Failure{missing ? ExitCode::not_found : ExitCode::failed, source.error().message};
    }
    return std::unique_ptr<ReplaySource>{std::make_unique<RecordingInFile>(std::move(*source))};
}

}  // namespace curfew::cli
