// What is done in a session is written down, where its resource or the rules of its grant ask for that: from
// before its first byte to its end.
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "policy/recording_choice.hpp"
#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/result_messages.hpp"
#include "protocol/postgres/startup.hpp"
#include "proxy/client_texts.hpp"
#include "proxy/session.hpp"
#include "proxy/worker.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// Of thousands that end at once, each one's last page is brought to the disk.
constexpr Duration longest_wait_for_last_page = 30s;

// What the recording thread says, whatever has become by then of who asked.
template <class T>
struct ScribeAnswer {
    std::optional<T> value;
    bool asked_for = true;  // by somebody who is still there
};

std::optional<postgres::ReportFields> parse_words(std::string_view last_words) {
    if (last_words.size() < postgres::header_size) return std::nullopt;
    return postgres::parse_report(postgres::BodyPart::whole(last_words.substr(postgres::header_size)));
}

void drop_recording(NodeContext& node, recording::Scribe::Slot slot) {
    recording::Scribe::Closing closing;
    closing.slot = slot;
    closing.at = node.clock.boot_now();
    closing.ended.cause = policy::EndCause::failed;
    closing.ended.at = node.clock.wall_now();
    closing.done = [](const recording::Finished&) {};
    node.scribe->finish(std::move(closing));
}

}  // namespace

// By the configuration of now; the session keeps to it.
policy::RecordingMode Session::how_to_record() const {
    const config::Config& config = *worker_.setup()->config;
    const config::Resource* resource = config.find_resource(route_.resource);
    if (resource == nullptr) return resource_->config.recording;
    const policy::Target target{resource->name, resource->attributes};
    return policy::recording_of(*grant_, resource->recording, target, config.rules);
}

recording::entry::Started Session::what_begins() const {
    recording::entry::Started started;
    started.session = id_;
    started.grant = grant_->id;
    started.user = startup_.user;
    started.resource = route_.resource;
    started.database = route_.database;
    started.node = node_.node_name;
    started.client_address = client_address_;
    for (const auto& [name, value] : startup_.parameters)
        started.parameters.emplace(name, value);
    started.login_role = login_role_;
    started.backend_pid = backend_.pid;
    started.tls = client_.encrypted();
    started.replication = startup_.replication != postgres::Replication::none;
    started.at = node_.clock.wall_now();
    started.mode = recording_;
    return started;
}

// Returns once it stands in the recording that the session has started.
Awaitable<Unless> Session::begin_recording() {
    recording_ = how_to_record();
    if (recording_ == policy::RecordingMode::off) co_return std::nullopt;
    if (node_.scribe == nullptr) co_return Failure{recording_is_away()};
    const auto rules = worker_.setup()->recording;
    using Slot = recording::Scribe::Slot;
    const auto answer = std::make_shared<ScribeAnswer<Result<Slot>>>();
    recording::Scribe::Opening opening;
    opening.what = {what_begins(), node_.clock.boot_now(), rules->redactor};
    opening.on_failure = rules->on_failure;
    opening.begun = [answer, wake = wake_, executor = worker_.executor(), &node = node_](Result<Slot> begun) {
        asio::post(executor, [answer, wake, &node, begun = std::move(begun)] {
            answer->value = begun;
            if (answer->asked_for) {
                wake->notify();
            } else if (begun) {
                drop_recording(node, *begun);
            }
        });
    };
    opening.failed = [&worker = worker_, id = id_] {
        asio::post(worker.executor(), [&worker, id] { worker.recording_failed(id); });
    };
    node_.scribe->begin(std::move(opening));
    while (!answer->value && !is_over())
        co_await wake_->wait();
    if (!answer->value) {
        answer->asked_for = false;
        Dropped dropped{"interrupted", {}};
        co_return Failure{std::move(dropped)};
    }
    if (!*answer->value) {
        Refusal refusal = recording_is_away();
        refusal.detail = answer->value->error().message;
        co_return Failure{std::move(refusal)};
    }
    Tape::Options options;
    options.slot = **answer->value;
    options.rules = rules;
    options.mode = recording_;
    options.failed = [this] { end(policy::EndCause::recording_failed, node_.clock.boot_now()); };
    const RecordingRoom room{*node_.scribe, *worker_.ring(), worker_.waiting_for_room(),
                             node_.metrics.recording()};
    tape_ = std::make_unique<Tape>(room, node_.clock, worker_.executor(), std::move(options));
    co_return std::nullopt;
}

void Session::tell_client(std::string_view message) {
    writer_.say(message);
    if (tape_) tape_->said(message);
}

// Nothing is relayed any more. Returns once all of the recording is where it is kept.
Awaitable<recording::Finished> Session::finish_recording(policy::EndCause cause, std::string_view last_words,
                                                         const BackendEnded& backend) {
    if (!tape_) co_return recording::Finished{};
    recording_over_ = true;
    tape_->finish();
    recording::Scribe::Closing closing;
    closing.slot = tape_->slot();
    closing.at = node_.clock.boot_now();
    closing.ended.cause = cause;
    if (const auto said = parse_words(last_words)) closing.ended.why = said->message;
    closing.ended.outcome = outcome(backend);
    closing.ended.at = node_.clock.wall_now();
    closing.ended.bytes_from_client = relay_ ? relay_->bytes_from_client() : 0;
    closing.ended.bytes_to_client = writer_.bytes_written();
    const auto answer = std::make_shared<ScribeAnswer<recording::Finished>>();
    const auto event = std::make_shared<Event>(worker_.executor());
    closing.done = [answer, event, executor = worker_.executor()](const recording::Finished& finished) {
        asio::post(executor, [answer, event, finished] {
            answer->value = finished;
            event->notify();
        });
    };
    node_.scribe->finish(std::move(closing));
    const BootInstant until = node_.clock.boot_now() + longest_wait_for_last_page;
    while (!answer->value && node_.clock.boot_now() < until)
        co_await event->wait_for(until - node_.clock.boot_now());
    if (!answer->value) co_return recording::Finished{};
    co_return std::move(*answer->value);
}

// The session is gone without having come to its end.
void Session::abandon_recording() {
    if (tape_ && !std::exchange(recording_over_, true)) drop_recording(node_, tape_->slot());
}

// What became of the last transaction, by all that PostgreSQL has said.
policy::TransactionOutcome Session::outcome(const BackendEnded& backend) const {
    if (!relay_) return policy::TransactionOutcome::none;
    const bool gone = backend.confirmation != store::Confirmation::unconfirmed;
    switch (relay_->outcome().outcome(gone)) {
        case postgres::TransactionOutcome::none:
            return policy::TransactionOutcome::none;
        case postgres::TransactionOutcome::committed:
            return policy::TransactionOutcome::committed;
        case postgres::TransactionOutcome::rolled_back:
            return policy::TransactionOutcome::rolled_back;
        case postgres::TransactionOutcome::unknown:
            break;
    }
    return policy::TransactionOutcome::unknown;
}

// What is known of the recording, for the session's record.
void Session::note_recording(store::SessionEnd& end, const recording::Finished& finished) const {
    if (!tape_) return;
    end.facts.last_statement = finished.last_statement;
    end.facts.recording_hash = finished.hash;
    if (finished.hash) end.facts.recording_bytes = finished.bytes;
}

}  // namespace curfew::proxy
