#include "protocol/postgres/command_gate.hpp"

#include <algorithm>
#include <utility>

namespace curfew::postgres {
namespace {

bool from_a_client(char type) noexcept {
    return std::string_view{"QFPBDECSHXdcf"}.find(type) != std::string_view::npos;
}

bool copy_data(char type) noexcept {
    return type == 'd' || type == 'c' || type == 'f';
}

// Of the last message of a unit.
bool ends_unit(char type) noexcept {
    return type == 'Q' || type == 'F' || type == 'S' || type == 'H';
}

Report too_long(std::size_t most) {
    return {"ERROR", "54000",
            "what is to be approved at once is longer than " + std::to_string(most) + " bytes",
            "Curfew has passed on nothing of it.", "Send it in several parts."};
}

}  // namespace

CommandGate::Step CommandGate::next(std::string_view bytes) {
    if (!out_.empty()) std::string{}.swap(out_);
    if (broken_) return {};
    if (end_ != 0) return settle();
    if (course_ == Course::passing || passes_along(bytes)) return pass_on(bytes);
    std::size_t taken = 0;
    if (course_ == Course::header) {
        taken = take_header(bytes);
        if (course_ == Course::header) return {Step::Kind::more, taken, {}};
    }
    if (course_ == Course::undecided) {
        course_ = choose_course();
        if (broken_) return {};
        if (course_ == Course::undecided) return {Step::Kind::wait, taken, {}};
        if (course_ == Course::passing) {
            if (body_left_ == 0) message_passed();
            return {Step::Kind::pass, taken, {header_.data(), header_size}};
        }
    }
    taken += take_body(bytes.substr(taken));
    if (body_left_ > 0 || !message_over()) return {Step::Kind::more, taken, {}};
    Step step = settle();
    step.taken = taken;
    return step;
}

// The length of a header is judged, and its type, before a byte of the message goes anywhere.
std::size_t CommandGate::take_header(std::string_view bytes) {
    const std::size_t taken = std::min(bytes.size(), header_size - header_have_);
    std::copy_n(bytes.data(), taken, header_.data() + header_have_);
    header_have_ += taken;
    if (header_have_ < header_size) return taken;
    header_have_ = 0;
    Header header;
    const bool sound = read_header(header_.data(), header) && from_a_client(header.type) &&
                       !((header.type == 'S' || header.type == 'H') && header.body_length > 0);
    if (!sound) {
        broken_ = true;
        return taken;
    }
    type_ = header.type;
    body_left_ = header.body_length;
    course_ = Course::undecided;
    return taken;
}

// `undecided`: only what PostgreSQL says next can tell.
CommandGate::Course CommandGate::choose_course() {
    of_unit_ = false;
    if (broken_ || terminated_) return Course::dropped;
    if (type_ == 'X') return Course::passing;
    if (copy_data(type_)) return course_of_copy_data();
    if (skipping() && type_ != 'S') return Course::dropped;
    if (answers_.copying() && !begun_) {
        // PostgreSQL ignores both within COPY data.
        if (type_ == 'H') return Course::dropped;
        if (type_ == 'S') return answers_.sync_in_copy() ? Course::passing : Course::dropped;
    }
    return hold();
}

// PostgreSQL ignores COPY data that it has not asked for.
CommandGate::Course CommandGate::course_of_copy_data() {
    if (begun_) {
        spoil({"ERROR",
               "08P01",
               "COPY data within a batch, before PostgreSQL has asked for it",
               "Curfew has passed on nothing of this batch.",
               {}});
        return Course::dropped;
    }
    if (answers_.copying()) return Course::passing;
    const bool too_late = skipping() || answers_.all_in() || answers_.wants_sync();
    return too_late ? Course::dropped : Course::undecided;
}

CommandGate::Course CommandGate::hold() {
    const bool simple = type_ == 'Q' || type_ == 'F';
    if (simple && begun_)
        spoil({"ERROR",
               "08P01",
               "a batch of the extended protocol has no Sync before a simple request",
               "Curfew has passed on nothing of either.",
               {}});
    begun_ = true;
    of_unit_ = true;
    if (unit_.size() + header_size + body_left_ > limits_.unit_bytes) spoil(too_long(limits_.unit_bytes));
    if (!spoiled_.empty()) return Course::dropped;
    unit_.append(header_.data(), header_size);
    return Course::held;
}

std::size_t CommandGate::take_body(std::string_view bytes) {
    const std::size_t taken = std::min<std::size_t>(bytes.size(), body_left_);
    body_left_ -= static_cast<std::uint32_t>(taken);
    if (course_ == Course::held) unit_.append(bytes.substr(0, taken));
    return taken;
}

// Whether a unit is over with it.
bool CommandGate::message_over() noexcept {
    course_ = Course::header;
    if (of_unit_ && ends_unit(type_)) end_ = type_;
    return end_ != 0;
}

// --- What passes as it comes

// A message that begins here, if all of its header is there.
bool CommandGate::passes_along(std::string_view bytes) const noexcept {
    Header header;
    if (course_ != Course::header || header_have_ > 0 || bytes.size() < header_size || begun_ || terminated_)
        return false;
    return copy_data(bytes[0]) && answers_.copying() && read_header(bytes.data(), header);
}

// As much as there is on end, so that many short messages go to PostgreSQL at once.
CommandGate::Step CommandGate::pass_on(std::string_view bytes) {
    std::size_t passed = 0;
    for (;;) {
        const std::size_t taken = take_body(bytes.substr(passed));
        passed += taken;
        if (body_left_ > 0) break;
        if (course_ == Course::passing) message_passed();
        if (!passes_along(bytes.substr(passed))) break;
        passed += take_header(bytes.substr(passed));
        course_ = Course::passing;
    }
    if (passed == 0) return {};
    return {Step::Kind::pass, passed, bytes.substr(0, passed)};
}

void CommandGate::message_passed() noexcept {
    course_ = Course::header;
    if (type_ == 'X') terminated_ = true;
    if (type_ == 'c' || type_ == 'f') answers_.copy_ended();
}

// --- A unit that is whole

CommandGate::Step CommandGate::settle() {
    if (skipping()) return settle_skipped();
    const bool control = only_control();
    const bool in_turn = answers_.all_in() || (control && answers_.wants_sync());
    if (!in_turn) return {Step::Kind::wait, 0, {}};
    if (!control && no_transactions_ && begins_transaction())
        return {Step::Kind::answer, 0, refuse_unit(*no_transactions_)};
    if (!read_ && spoiled_.empty()) read_held();
    if (!spoiled_.empty()) return {Step::Kind::answer, 0, refuse_unit(spoiled_)};
    if (to_decide_) return {Step::Kind::judge, 0, {}};
    return {Step::Kind::pass, 0, pass_unit(false)};
}

// Nothing counts up to a Sync, and that one goes to whoever waits for it.
CommandGate::Step CommandGate::settle_skipped() {
    if (end_ != 'S') {
        reset_unit();
        return {};
    }
    refusing_ = false;
    if (answers_.batch_open()) {
        leave_only_sync();
        return {Step::Kind::pass, 0, pass_unit(false)};
    }
    reset_unit();
    out_ = ready_for_query(answers_.status());
    return {Step::Kind::answer, 0, out_};
}

// A Sync or a Flush, and nothing else.
bool CommandGate::only_control() const noexcept {
    return spoiled_.empty() && unit_.size() == header_size && (end_ == 'S' || end_ == 'H');
}

bool CommandGate::begins_transaction() const noexcept {
    return answers_.status() == 'I' && !answers_.batch_open();
}

void CommandGate::read_held() {
    auto read = read_unit(unit_, answers_.objects(), limits_);
    if (auto* refusal = std::get_if<Report>(&read)) return spoil(std::move(*refusal));
    read_ = std::move(std::get<ReadUnit>(read));
    read_->unit.mid_batch = answers_.batch_open() && answers_.executed();
    to_decide_ = !read_->unit.statements.empty();
}

HeldUnit CommandGate::unit() {
    return std::move(read_->unit);
}

std::string_view CommandGate::pass_unit(bool changes_prepared) {
    if (!read_) read_held();
    out_ = std::move(unit_);
    answers_.passed(std::move(read_->awaited), to_decide_, changes_prepared);
    reset_unit();
    return out_;
}

std::string_view CommandGate::refuse_unit(std::string_view error) {
    std::string answer{error};
    if (end_ == 'S' && answers_.batch_open()) {
        leave_only_sync();
    } else {
        if (end_ == 'H') {
            refusing_ = true;
        } else {
            answer += ready_for_query(answers_.status());
        }
        reset_unit();
    }
    out_ = std::move(answer);
    return out_;
}

// The first reason counts. Nothing of the unit is kept.
void CommandGate::spoil(const Report& why) {
    std::string{}.swap(unit_);
    if (spoiled_.empty()) spoiled_ = error_response(why);
}

void CommandGate::leave_only_sync() {
    reset_unit();
    append_message(unit_, 'S', [](std::string&) {});
    begun_ = true;
    end_ = 'S';
}

void CommandGate::reset_unit() {
    std::string{}.swap(unit_);
    begun_ = false;
    end_ = 0;
    spoiled_.clear();
    read_.reset();
    to_decide_ = false;
}

void CommandGate::refuse_transactions(std::string error) {
    no_transactions_ = std::move(error);
}

void CommandGate::forget_prepared() {
    answers_.objects().forget_statements();
    answers_.objects().forget_portals();
}

}  // namespace curfew::postgres
