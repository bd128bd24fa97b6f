#include "api/recording_streams.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <utility>

#include "api/recording_views.hpp"
#include "base/sha256.hpp"

namespace curfew::api {
namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

constexpr std::size_t piece_size = 64U << 10U;
constexpr std::size_t most_entries = 1'000;

// On one of the shelf's threads at a time.
class Export {
public:
    Export(std::shared_ptr<Reading> reading, RecordingForm form)
        : reading_{std::move(reading)}, form_{form} {}

    // Empty: that was all.
    Result<std::string> next() {
        std::string piece;
        auto& reader = reading_->reader();
        while (!over_ && piece.size() < piece_size) {
            const auto entry = reader.next();
            if (!entry) return entry.error();
            if (*entry) {
                add(**entry, piece);
            } else {
                over_ = true;
                finish(piece);
            }
        }
        return piece;
    }

private:
    void add(const recording::Entry& entry, std::string& piece) {
        switch (form_) {
            case RecordingForm::ndjson:
                piece.append(reading_->reader().line()).append("\n");
                break;
            case RecordingForm::asciicast:
                cast_.add(entry, piece);
                break;
            case RecordingForm::sql:
                sql_.add(entry, piece);
                break;
        }
    }
    void finish(std::string& piece) {
        const auto& integrity = reading_->reader().integrity();
        if (form_ == RecordingForm::ndjson) {
            auto said = integrity_view(integrity);
            said["entries"] = reading_->count();
            said["hash"] = to_hex(reading_->reader().hash());
            piece.append(boost::json::serialize(said)).append("\n");
        }
        if (form_ == RecordingForm::sql) {
            sql_.finish(piece);
            if (integrity.condition != recording::Condition::complete) {
                piece += fmt::format("-- The recording is {}{}{}\n", to_string(integrity.condition),
                                     integrity.what.empty() ? "" : ": ", integrity.what);
            }
        }
    }

    std::shared_ptr<Reading> reading_;
    RecordingForm form_;
    recording::CastExport cast_;
    recording::SqlExport sql_;
    bool over_ = false;
};

// What brought no success ends the stream before its end.
template <class T>
T value_or_throw(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
}

class FileRead {
public:
    explicit FileRead(std::shared_ptr<recording::RecordingSource> source) : source_{std::move(source)} {}

    Result<std::string> next() {
        std::string piece(piece_size, '\0');
        const auto length = source_->read(offset_, {piece.data(), piece.size()});
        if (!length) return length.error();
        piece.resize(*length);
        offset_ += *length;
        return piece;
    }

private:
    std::shared_ptr<recording::RecordingSource> source_;
    std::uint64_t offset_ = 0;
};

// Waits on its own executor for what is told on any thread.
class Told : public std::enable_shared_from_this<Told> {
public:
    explicit Told(asio::any_io_executor executor) : executor_{std::move(executor)}, timer_{executor_} {}

    // On any thread.
    void tell() {
        asio::post(executor_, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->told_ = true;
                self->timer_.cancel();
            }
        });
    }
    // Returns once it was told since the last time, or after `at_most`.
    Awaitable<void> wait(Duration at_most) {
        if (!told_) {
            timer_.expires_after(std::chrono::ceil<std::chrono::milliseconds>(at_most));
            co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        told_ = false;
    }

private:
    asio::any_io_executor executor_;
    asio::steady_timer timer_;
    bool told_ = false;
};

class Follower {
public:
    Follower(RecordingShelf& shelf, asio::any_io_executor executor, std::shared_ptr<Reading> reading,
             FollowTiming timing)
        : shelf_{shelf},
          reading_{std::move(reading)},
          timing_{timing},
          told_{std::make_shared<Told>(std::move(executor))} {
        auto* live = shelf_.live();
        if (live == nullptr) return;
        watch_ = live->watch(reading_->key().session, [told = told_] { told->tell(); });
    }
    ~Follower() {
        if (watch_ != 0) shelf_.live()->stop_watching(watch_);
    }
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    Awaitable<std::string> next() {
        if (over_) throw std::runtime_error("the recording is over");
        const auto silent_until = Steady::now() + timing_.longest_silence;
        while (true) {
            auto reading = [source = reading_] { return source->read(most_entries, piece_size); };
            auto running = shelf_.run<EntriesRead>(std::move(reading));
            auto ran = co_await std::move(running);
            const EntriesRead read = value_or_throw(std::move(ran));
            auto text = events(read);
            if (!text.empty()) co_return text;
            const Duration left = silent_until - Steady::now();
            if (left <= Duration::zero()) co_return ": nothing yet\n\n";
            auto waiting = told_->wait(watch_ == 0 ? std::min(left, timing_.look_again) : left);
            co_await std::move(waiting);
        }
    }

private:
    std::string events(const EntriesRead& read) {
        std::string text;
        auto number = read.first;
        for (const auto& line : read.lines)
            text += fmt::format("event: entry\nid: {}\ndata: {}\n\n", ++number, line);
        if (read.at_end && read.integrity.condition != recording::Condition::open) {
            over_ = true;
            text += fmt::format("event: end\ndata: {}\n\n",
                                boost::json::serialize(integrity_view(read.integrity)));
        }
        return text;
    }

    RecordingShelf& shelf_;
    const std::shared_ptr<Reading> reading_;
    const FollowTiming timing_;
    const std::shared_ptr<Told> told_;
    recording::LiveWatch::WatchNumber watch_ = 0;
    bool over_ = false;
};

// Pieces that `source->next()` gives on one of the shelf's threads.
template <class Source>
NextPiece pieces_of(RecordingShelf& shelf, std::shared_ptr<Source> source) {
    return [&shelf, source = std::move(source)]() -> Awaitable<std::string> {
        auto work = [source] { return source->next(); };
        auto running = shelf.run<std::string>(std::move(work));
        auto piece = co_await std::move(running);
        co_return value_or_throw(std::move(piece));
    };
}

}  // namespace

std::string_view to_string(RecordingForm form) {
    switch (form) {
        case RecordingForm::ndjson:
            return "ndjson";
        case RecordingForm::asciicast:
            return "asciicast";
        case RecordingForm::sql:
            return "sql";
    }
    return "unknown";
}

std::optional<RecordingForm> parse_recording_form(std::string_view text) {
    for (const auto form : {RecordingForm::ndjson, RecordingForm::asciicast, RecordingForm::sql}) {
        if (to_string(form) == text) return form;
    }
    return std::nullopt;
}

std::string_view content_type_of(RecordingForm form) {
    switch (form) {
        case RecordingForm::ndjson:
            return "application/x-ndjson";
        case RecordingForm::asciicast:
            return "application/x-asciicast";
        case RecordingForm::sql:
            return "application/sql";
    }
    return "application/octet-stream";
}

std::string file_name_of(const SessionId& session, RecordingForm form) {
    switch (form) {
        case RecordingForm::ndjson:
            return fmt::format("{}.ndjson", session.text());
        case RecordingForm::asciicast:
            return fmt::format("{}.cast", session.text());
        case RecordingForm::sql:
            return fmt::format("{}.sql", session.text());
    }
    return std::string{session.text()};
}

NextPiece whole_recording(RecordingShelf& shelf, std::shared_ptr<Reading> reading, RecordingForm form) {
    return pieces_of(shelf, std::make_shared<Export>(std::move(reading), form));
}

NextPiece whole_file(RecordingShelf& shelf, std::shared_ptr<recording::RecordingSource> source) {
    return pieces_of(shelf, std::make_shared<FileRead>(std::move(source)));
}

NextPiece followed_recording(RecordingShelf& shelf, asio::any_io_executor executor,
                             std::shared_ptr<Reading> reading, FollowTiming timing) {
    auto follower = std::make_shared<Follower>(shelf, std::move(executor), std::move(reading), timing);
    return [follower] { return follower->next(); };
}

}  // namespace curfew::api
