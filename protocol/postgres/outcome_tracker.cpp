#include "protocol/postgres/outcome_tracker.hpp"

#include <algorithm>
#include <cstring>

namespace curfew::postgres {
namespace {

// So much of a statement is looked at.
constexpr std::uint32_t looked_at = 4096;

const TapPlan& client_plan() {
    static const TapPlan plan = TapPlan::from_client({looked_at, 0});
    return plan;
}
const TapPlan& server_plan() {
    static const TapPlan plan = TapPlan::from_server({});
    return plan;
}

// PostgreSQL's own words on ending a session: an administrator's wish, or a time that is over. Others come
// from somebody in between, or leave open what was done.
bool is_orderly_end(std::string_view sqlstate) {
    return sqlstate == "57P01" || sqlstate == "57P05" || sqlstate == "25P03" || sqlstate == "25P04";
}

// The fields of a report that come first, by their letter; empty where they are not in `beginning`.
std::string_view early_field(std::string_view beginning, char letter) {
    while (!beginning.empty()) {
        const auto end = beginning.find('\0');
        if (end == std::string_view::npos) return {};
        if (beginning.front() == letter) return beginning.substr(1, end - 1);
        beginning.remove_prefix(end + 1);
    }
    return {};
}

}  // namespace

OutcomeTracker::OutcomeTracker() noexcept : client_{client_plan()}, server_{server_plan()} {}

void OutcomeTracker::from_client(std::string_view bytes) noexcept {
    client_.advance(bytes, [this](const TappedPiece& piece) {
        if (!piece.counts()) take_request(piece);
        return true;
    });
}

void OutcomeTracker::from_server(std::string_view bytes) noexcept {
    server_.advance(bytes, [this](const TappedPiece& piece) {
        if (!piece.counts()) take_answer(piece);
        return true;
    });
}

// --- Requests

void OutcomeTracker::take_request(const TappedPiece& piece) noexcept {
    const bool with_text = piece.type == 'Q' || piece.type == 'P' || piece.type == 'B' || piece.type == 'E';
    if (with_text) effects_.take(piece);
    if (!piece.last()) return;
    switch (piece.type) {
        case 'Q':
            add_simple(&effects_.query());
            break;
        case 'F':
            add_simple(nullptr);
            break;
        case 'E':
            add_execute();
            break;
        case 'P':
        case 'B':
        case 'D':
        case 'C':
            last_group().open = true;
            break;
        case 'S':
            add_sync();
            break;
        case 'c':
        case 'f':
            copying_in_ = false;
            break;
        default:
            break;
    }
}

// Where what comes next belongs.
OutcomeTracker::Group& OutcomeTracker::last_group() noexcept {
    if (front_.syncs == 0) return front_;
    return later_;
}

void OutcomeTracker::add_simple(const StatementScan* scan) noexcept {
    Group& group = last_group();
    const bool alone = !group.under_way();
    group.several = group.several || !alone;
    group.simple = alone;
    group.exact = scan == nullptr || scan->exact();
    group.executes = scan == nullptr ? 1 : scan->statements();
    group.first =
        std::max(alone ? Effect::plain : group.first, scan == nullptr ? Effect::plain : scan->first());
    group.worst = std::max(group.worst, scan == nullptr ? Effect::plain : scan->worst());
    ++group.syncs;
    group.open = group.running = false;
}

void OutcomeTracker::add_execute() noexcept {
    Group& group = last_group();
    if (group.syncs > 0) group.several = true;
    group.open = group.running = true;
    ++group.executes;
    group.worst = std::max(group.worst, effects_.executed());
}

void OutcomeTracker::add_sync() noexcept {
    if (copying_in_) return;
    Group& group = last_group();
    ++group.syncs;
    group.quiet = group.quiet || !group.running;
    group.open = group.running = false;
}

// --- Answers

void OutcomeTracker::take_answer(const TappedPiece& piece) noexcept {
    if (piece.first()) beginning_length_ = 0;
    collect(piece);
    if (!piece.last()) return;
    const std::string_view beginning{beginning_.data(), beginning_length_};
    switch (piece.type) {
        case 'C':
            completed(tag_of(beginning.substr(0, beginning.find('\0'))));
            break;
        case 'V':
        case 's':
            completed(Tag::other);
            break;
        case 'I':
            completed(Tag::none);
            break;
        case 'E':
            take_error();
            break;
        case 'Z':
            take_ready(beginning.empty() ? 'I' : beginning.front());
            break;
        case 'G':
            copy_in_began();
            break;
        case 'W':
            replicating_ = true;
            break;
        default:
            break;
    }
}

void OutcomeTracker::collect(const TappedPiece& piece) noexcept {
    const std::size_t room = beginning_.size() - beginning_length_;
    const std::size_t taken = std::min(room, piece.bytes.size());
    if (taken == 0) return;
    std::memcpy(beginning_.data() + beginning_length_, piece.bytes.data(), taken);
    beginning_length_ = static_cast<std::uint8_t>(beginning_length_ + taken);
}

OutcomeTracker::Tag OutcomeTracker::tag_of(std::string_view tag) noexcept {
    if (tag == "COMMIT") return Tag::commit;
    if (tag == "ROLLBACK") return Tag::rollback;
    if (tag == "PREPARE TRANSACTION") return Tag::prepare;
    if (tag == "BEGIN" || tag == "START TRANSACTION") return Tag::begin;
    // IDENTIFY_SYSTEM and other commands of replication, which know no transactions.
    return tag.find('_') == std::string_view::npos ? Tag::other : Tag::none;
}

bool OutcomeTracker::ends_block(Tag tag) noexcept {
    return tag == Tag::commit || tag == Tag::rollback || tag == Tag::prepare;
}

void OutcomeTracker::completed(Tag tag) noexcept {
    ++answers_;
    if (tag == Tag::none) return;
    ++transactions_;
    // Behind COMMIT AND CHAIN or ROLLBACK TO there is a transaction block, behind the others none.
    if (ends_block(tag_)) block_ended_ = true;
    if (tag == Tag::begin) {
        in_block_ = true;
        block_ended_ = false;
    }
    tag_ = tag;
}

void OutcomeTracker::take_error() noexcept {
    const std::string_view beginning{beginning_.data(), beginning_length_};
    std::string_view severity = early_field(beginning, 'V');
    if (severity.empty()) severity = early_field(beginning, 'S');
    if (severity == "FATAL") {
        fatal_ = fatal_ || is_orderly_end(early_field(beginning, 'C'));
        return;
    }
    if (severity == "PANIC") return;
    failed_ = true;
    copying_in_ = false;
}

void OutcomeTracker::copy_in_began() noexcept {
    if (front_.simple || front_.several) return;
    // It ignores what was sent up to CopyDone, Sync included.
    copying_in_ = true;
    front_.syncs = 0;
    front_.open = true;
    later_ = {};
}

void OutcomeTracker::take_ready(char status) noexcept {
    // COMMIT or ROLLBACK outside a transaction block change nothing.
    const bool idle_end = status_ == 'I' && transactions_ == 1 &&
                          (tag_ == Tag::commit || tag_ == Tag::rollback) && last_ != TransactionOutcome::none;
    if (status == 'I' && failed_) {
        last_ = TransactionOutcome::rolled_back;
    } else if (status == 'I' && transactions_ > 0 && !idle_end) {
        last_ = tag_ == Tag::rollback  ? TransactionOutcome::rolled_back
                : tag_ == Tag::prepare ? TransactionOutcome::unknown
                                       : TransactionOutcome::committed;
    }
    // The session's first, behind which requests came already.
    const bool unasked = front_.syncs == 0 && answers_ == 0 && !failed_;
    status_ = status;
    in_block_ = status != 'I';
    block_ended_ = failed_ = replicating_ = copying_in_ = false;
    answers_ = transactions_ = 0;
    tag_ = Tag::none;
    if (unasked) return;
    if (front_.syncs > 1) {
        --front_.syncs;
        front_.simple = false;
        front_.several = true;
        return;
    }
    front_ = later_;
    later_ = {};
}

// --- The outcome

bool OutcomeTracker::safely_in_block() const noexcept {
    return in_block_ && !block_ended_ && !ends_block(tag_);
}

TransactionOutcome OutcomeTracker::idle_outcome() const noexcept {
    return status_ == 'I' ? last_ : TransactionOutcome::rolled_back;
}

TransactionOutcome OutcomeTracker::by_tag() const noexcept {
    switch (tag_) {
        case Tag::none:
            return idle_outcome();
        case Tag::commit:
            return TransactionOutcome::committed;
        case Tag::begin:
        case Tag::rollback:
            return TransactionOutcome::rolled_back;
        case Tag::prepare:
            return TransactionOutcome::unknown;
        case Tag::other:
            break;
    }
    if (safely_in_block()) return TransactionOutcome::rolled_back;
    if (block_ended_ || !front_.simple) return TransactionOutcome::unknown;
    return TransactionOutcome::committed;
}

TransactionOutcome OutcomeTracker::outcome_of_simple() const noexcept {
    if (answers_ >= front_.executes) return by_tag();
    if (safely_in_block() && front_.worst == Effect::plain) return TransactionOutcome::rolled_back;
    if (!fatal_) return TransactionOutcome::unknown;
    // A statement that commits while it runs is refused in a transaction block.
    const Effect running = answers_ == 0 ? front_.first : front_.worst;
    const bool harmless = running != Effect::doubtful || (answers_ == 0 && in_block_);
    const bool one_runs = answers_ == 0 || front_.exact;
    return harmless && one_runs ? TransactionOutcome::rolled_back : TransactionOutcome::unknown;
}

TransactionOutcome OutcomeTracker::outcome_of_extended() const noexcept {
    if (front_.executes == 0) return idle_outcome();
    const bool plain = front_.worst == Effect::plain;
    // Nothing of it can have ended the transaction block, or, before Sync, the transaction.
    if (plain && (safely_in_block() ||
                  (front_.syncs == 0 && !block_ended_ && tag_ != Tag::commit && tag_ != Tag::rollback)))
        return TransactionOutcome::rolled_back;
    if (answers_ >= front_.executes) return by_tag();
    if (!fatal_) return TransactionOutcome::unknown;
    const bool harmless = front_.worst != Effect::doubtful || safely_in_block();
    return harmless ? TransactionOutcome::rolled_back : TransactionOutcome::unknown;
}

// Of several groups of which the first is answered, or some of which it is not known what they run.
TransactionOutcome OutcomeTracker::outcome_of_several() const noexcept {
    // PostgreSQL has not begun with what comes after the first.
    if (fatal_ && later_.runs()) return TransactionOutcome::rolled_back;
    if (safely_in_block() && std::max(front_.worst, later_.worst) == Effect::plain)
        return TransactionOutcome::rolled_back;
    if (fatal_ && answers_ == 0 && front_.worst != Effect::doubtful && !front_.quiet)
        return TransactionOutcome::rolled_back;
    return TransactionOutcome::unknown;
}

TransactionOutcome OutcomeTracker::outcome(bool backend_gone) const noexcept {
    const bool gone = backend_gone || fatal_;
    if (replicating_) return last_;
    if (!front_.under_way() && !later_.under_way() && status_ == 'I') return last_;
    if (!gone) return TransactionOutcome::unknown;
    if (!front_.under_way() && !later_.under_way()) return idle_outcome();
    if (front_.several || later_.runs()) return outcome_of_several();
    if (failed_) return TransactionOutcome::rolled_back;
    return front_.simple ? outcome_of_simple() : outcome_of_extended();
}

}  // namespace curfew::postgres
