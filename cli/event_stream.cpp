#include "cli/event_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "cli/api_client.hpp"
#include "cli/curl_handle.hpp"

namespace curfew::cli {
namespace {

constexpr std::size_t largest_event = 268'435'456;
constexpr std::size_t largest_problem = 65'536;

}  // namespace

std::vector<ServerEvent> EventParser::feed(std::string_view bytes) {
    std::vector<ServerEvent> events;
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        line_ += bytes.substr(0, end);
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + 1);
        if (line_.ends_with('\r')) line_.pop_back();
        take_line(line_, events);
        line_.clear();
    }
    return events;
}

void EventParser::take_line(std::string_view line, std::vector<ServerEvent>& events) {
    if (line.empty()) {
        if (has_data_) {
            if (event_.name.empty()) event_.name = "message";
            events.push_back(std::move(event_));
        }
        // One without data is no event, and moves on the place where to read on all the same.
        last_id_ = id_;
        event_ = {};
        has_data_ = false;
        return;
    }
    const auto colon = line.find(':');
    const auto field = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "event") {
        event_.name = value;
    } else if (field == "data") {
        if (has_data_) event_.data += '\n';
        event_.data += value;
        has_data_ = true;
    } else if (field == "id" && value.find('\0') == std::string_view::npos) {
        id_ = value;
    }
}

struct EventStream::Impl {
    Impl(const Server& server_, const std::string& target, const std::string& last_id,
         std::chrono::seconds longest_silence);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* to);
    static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to);
    bool accept();
    bool take(std::string_view bytes);
    void look_for_end();
    void end(Failure why) {
        if (!failure) failure = std::move(why);
    }

    const Server& server;
    CurlHandle handle;
    CURLM* multi;
    EventParser parser;
    std::vector<ServerEvent> events;
    std::string problem;  // the body of an answer that is no stream
    std::string first_id;
    std::chrono::seconds silence;
    bool connected = false;
    std::optional<Failure> failure;
};

EventStream::Impl::Impl(const Server& server_, const std::string& target, const std::string& last_id,
                        std::chrono::seconds longest_silence)
    : server{server_},
      handle{server_, api_prefix + target},
      multi{::curl_multi_init()},
      first_id{last_id},
      silence{longest_silence} {
    if (multi == nullptr) throw std::runtime_error("libcurl cannot be set up");
    handle.add_header("Accept", "text/event-stream");
    if (!last_id.empty()) handle.add_header("Last-Event-ID", last_id);
    handle.finish_headers();
    handle.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    handle.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(longest_silence.count()));
    ::curl_easy_setopt(handle.get(), CURLOPT_HEADERFUNCTION, take_header);
    ::curl_easy_setopt(handle.get(), CURLOPT_HEADERDATA, this);
    ::curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, take_body);
    ::curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, this);
    ::curl_multi_add_handle(multi, handle.get());
}

EventStream::Impl::~Impl() {
    ::curl_multi_remove_handle(multi, handle.get());
    ::curl_multi_cleanup(multi);
}

std::size_t EventStream::Impl::take_body(char* data, std::size_t size, std::size_t count, void* to) {
    const std::size_t length = size * count;
    return static_cast<Impl*>(to)->take({data, length}) ? length : 0;
}

// The blank line behind the headers: the stream is there before its first event is.
std::size_t EventStream::Impl::take_header(char* data, std::size_t size, std::size_t count, void* to) {
    const std::string_view line{data, size * count};
    auto& impl = *static_cast<Impl*>(to);
    if (line == "\r\n" && impl.handle.status() == 200 && !impl.accept()) return 0;
    return line.size();
}

bool EventStream::Impl::accept() {
    connected = handle.content_type().starts_with("text/event-stream");
    if (!connected) {
        end({ExitCode::failed,
             fmt::format("What answers at {} is not curfewd: it sends no events", server.name())});
    }
    return connected;
}

// False where no more is to be read.
bool EventStream::Impl::take(std::string_view bytes) {
    if (!connected) {
        problem += bytes.substr(0, largest_problem - std::min(largest_problem, problem.size()));
        return true;
    }
    auto more = parser.feed(bytes);
    std::move(more.begin(), more.end(), std::back_inserter(events));
    if (parser.held() <= largest_event) return true;
    end({ExitCode::failed,
         fmt::format("An event from {} is larger than is believed of curfewd", server.name())});
    return false;
}

void EventStream::Impl::look_for_end() {
    int left = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const auto code = message->data.result;
        if (code != CURLE_OK) {
            end(handle.failure(code,
                               fmt::format("{} said nothing for {} s", server.name(), silence.count())));
        } else if (handle.status() != 200) {
            end(answer_failure(static_cast<unsigned>(handle.status()), problem));
        } else {
            end({ExitCode::unreachable, "curfewd ended the conversation; is it shutting down?"});
        }
    }
}

EventStream::EventStream(const Server& server, const std::string& target, const std::string& last_id,
                         std::chrono::seconds longest_silence)
    : impl_{std::make_unique<Impl>(server, target, last_id, longest_silence)} {}

EventStream::~EventStream() = default;

void EventStream::wait(int descriptor, Instant until) {
    auto& impl = *impl_;
    int running = 0;
    const bool was_connected = impl.connected;
    ::curl_multi_perform(impl.multi, &running);
    impl.look_for_end();
    if (impl.failure || !impl.events.empty() || impl.connected != was_connected) return;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    if (left <= 0) return;
    curl_waitfd other{descriptor, CURL_WAIT_POLLIN, 0};
    const auto patience = static_cast<int>(std::min<std::int64_t>(left, 60'000));
    ::curl_multi_poll(impl.multi, &other, descriptor >= 0 ? 1 : 0, patience, nullptr);
    ::curl_multi_perform(impl.multi, &running);
    impl.look_for_end();
}

bool EventStream::connected() const noexcept {
    return impl_->connected;
}

std::vector<ServerEvent> EventStream::take() {
    return std::exchange(impl_->events, {});
}

const std::optional<Failure>& EventStream::failure() const noexcept {
    return impl_->failure;
}

const std::string& EventStream::last_id() const noexcept {
    return impl_->parser.last_id().empty() ? impl_->first_id : impl_->parser.last_id();
}

}  // namespace curfew::cli
