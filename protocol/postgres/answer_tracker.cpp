#include "protocol/postgres/answer_tracker.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/postgres/result_messages.hpp"

namespace curfew::postgres {
namespace {

// What is kept of an outcome.
constexpr std::size_t most_completed = 1000;
constexpr std::size_t longest_tag = 64;  // PostgreSQL's own bound
constexpr std::size_t longest_message = 8U << 10U;
constexpr std::size_t most_parameters = 64;
// So many may be under way that PostgreSQL perhaps ignores.
constexpr std::uint32_t most_syncs_in_copy = 64;

const TapPlan& plan() {
    static const TapPlan plan = TapPlan::from_server({});
    return plan;
}

}  // namespace

AnswerTracker::AnswerTracker(char status) : tap_{plan()}, status_{status} {}

void AnswerTracker::passed(std::vector<AwaitedAnswer> awaited, bool decided, bool changes_prepared) {
    const bool simple = !awaited.empty() && (awaited[0].to == To::query || awaited[0].to == To::function);
    if (simple && awaited[0].to == To::query) {
        objects_.erase_statement("");
        objects_.erase_portal("");
    }
    const bool ends = !awaited.empty() && awaited.back().to == To::sync;
    if (ends) skipping_ = false;
    if (!simple && !awaited.empty()) batch_open_ = true;
    wants_sync_ = false;
    front_answered_ = false;
    if (decided) {
        outcome_.emplace();
        rows_ = 0;
        executed_ = true;
        changes_prepared_ = changes_prepared;
    }
    awaited_.insert(awaited_.end(), std::make_move_iterator(awaited.begin()),
                    std::make_move_iterator(awaited.end()));
}

void AnswerTracker::copy_ended() noexcept {
    copying_ = false;
    wants_sync_ = front_is(To::execute) && awaited_.back().to != To::sync;
}

bool AnswerTracker::sync_in_copy() noexcept {
    if (maybe_ready_ >= most_syncs_in_copy) return false;
    ++maybe_ready_;
    return true;
}

void AnswerTracker::from_server(std::string_view bytes) {
    tap_.advance(bytes, [this](const TappedPiece& piece) { return take(piece); });
}

bool AnswerTracker::take(const TappedPiece& piece) {
    if (piece.counts()) {
        if (piece.type != 'D') return true;
        rows_ += piece.messages;
        front_answered_ = true;
        maybe_ready_ = 0;
        return true;
    }
    if (piece.first()) body_.clear();
    body_.append(piece.bytes);
    if (!piece.last() || lost_) return true;
    answered(piece.type, {body_, piece.body_length});
    if (body_.capacity() > 4096) std::string{}.swap(body_);
    return true;
}

void AnswerTracker::answered(char type, BodyPart body) {
    switch (type) {
        case '1':  // ParseComplete, BindComplete, CloseComplete
        case '2':
        case '3':
            return confirmed(type);
        case 'T':  // RowDescription, NoData
        case 'n':
            return described();
        case 'C':  // CommandComplete, EmptyQueryResponse, PortalSuspended
        case 'I':
        case 's':
            return completed(type, body);
        case 'V':  // FunctionCallResponse
        case 'H':  // CopyOutResponse
            front_answered_ = true;
            maybe_ready_ = 0;
            return;
        case 'G':  // CopyInResponse, CopyBothResponse
        case 'W':
            return copy_began();
        case 'E':
            return failed(body);
        case 'Z':
            return ready(body);
        case 'S':
            return parameter(body);
        default:
            return;  // may come at any time
    }
}

void AnswerTracker::confirmed(char type) {
    maybe_ready_ = 0;
    if (awaited_.empty()) {
        lost_ = true;
        return;
    }
    AwaitedAnswer& front = awaited_.front();
    if (type == '1' && front.to == To::parse) {
        objects_.put(std::move(front.name), std::move(front.statement));
    } else if (type == '2' && front.to == To::bind) {
        objects_.put(std::move(front.name), std::move(front.portal));
    } else if (type == '3' && front.to == To::close_statement) {
        objects_.erase_statement(front.name);
    } else if (type == '3' && front.to == To::close_portal) {
        objects_.erase_portal(front.name);
    } else {
        lost_ = true;
        return;
    }
    pop();
}

void AnswerTracker::described() {
    maybe_ready_ = 0;
    front_answered_ = true;
    if (simple_front()) return;
    if (!front_is(To::describe)) {
        lost_ = true;
        return;
    }
    pop();
}

void AnswerTracker::completed(char type, BodyPart body) {
    maybe_ready_ = 0;  // a Sync that came within COPY data has been ignored
    front_answered_ = true;
    copying_ = false;
    wants_sync_ = false;
    if (!simple_front() && !front_is(To::execute)) {
        lost_ = true;
        return;
    }
    std::string_view tag;
    if (type == 'C') tag = parse_command_complete(body).value_or("").substr(0, longest_tag);
    objects_.completed(tag);
    if (outcome_ && outcome_->completed.size() < most_completed)
        outcome_->completed.push_back({std::string{tag}, rows_});
    rows_ = 0;
    if (front_is(To::execute)) pop();
}

// What was sent behind the Execute is read as data: PostgreSQL ignores a Sync there, and takes anything else
// for an error of the COPY.
void AnswerTracker::copy_began() {
    maybe_ready_ = 0;
    front_answered_ = true;
    if (!simple_front() && !front_is(To::execute)) {
        lost_ = true;
        return;
    }
    copying_ = true;
    if (front_is(To::execute) && awaited_.size() == 2 && awaited_[1].to == To::sync) {
        awaited_.pop_back();
        maybe_ready_ = 1;
    }
}

void AnswerTracker::failed(BodyPart body) {
    const auto report = parse_report(body);
    if (outcome_ && outcome_->sqlstate.empty()) {
        outcome_->sqlstate = report ? report->sqlstate : "XX000";
        outcome_->message = report ? report->message.substr(0, longest_message) : "";
    }
    copying_ = false;
    wants_sync_ = false;
    front_answered_ = true;
    objects_.forget_portals();
    if (simple_front() || front_is(To::sync)) return;
    // A Parse without a name drops what had none before it fails.
    if (front_is(To::parse) && awaited_.front().name.empty()) objects_.erase_statement("");
    while (!awaited_.empty() && !front_is(To::sync))
        awaited_.pop_front();
    if (awaited_.empty()) skipping_ = batch_open_;
    note_if_over();
}

void AnswerTracker::ready(BodyPart body) {
    const auto status = parse_ready_for_query(body);
    if (!status) {
        lost_ = true;
        return;
    }
    const bool due = front_is(To::sync) || (simple_front() && (front_answered_ || maybe_ready_ == 0));
    if (!due && maybe_ready_ == 0) {
        lost_ = true;
        return;
    }
    status_ = *status;
    if (status_ == 'I') objects_.forget_portals();
    if (!due) {
        --maybe_ready_;
        if (!awaited_.empty()) return;  // it belongs to what came before
    }
    copying_ = false;
    batch_open_ = false;
    skipping_ = false;
    executed_ = false;
    if (due) pop();
}

void AnswerTracker::parameter(BodyPart body) {
    const auto status = parse_parameter_status(body);
    if (!status) return;
    set_parameter(status->name, status->value);
    if (outcome_ && outcome_->parameters.size() < most_parameters)
        outcome_->parameters.emplace_back(status->name, status->value);
}

void AnswerTracker::set_parameter(std::string_view name, std::string_view value) {
    if (name == "client_encoding") client_encoding_ = value;
    if (name == "standard_conforming_strings") standard_conforming_strings_ = value;
}

void AnswerTracker::pop() {
    awaited_.pop_front();
    front_answered_ = false;
    note_if_over();
}

void AnswerTracker::note_if_over() {
    if (!awaited_.empty() || !outcome_) return;
    outcome_->answered = true;
    if (!std::exchange(changes_prepared_, false)) return;
    objects_.forget_statements();
    objects_.forget_portals();
}

std::optional<UnitOutcome> AnswerTracker::take_outcome() {
    if (!outcome_ || !outcome_->answered) return std::nullopt;
    return std::exchange(outcome_, std::nullopt);
}

std::optional<UnitOutcome> AnswerTracker::take_what_is_known() {
    return std::exchange(outcome_, std::nullopt);
}

}  // namespace curfew::postgres
