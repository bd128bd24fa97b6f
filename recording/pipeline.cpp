#include "recording/pipeline.hpp"

#include <algorithm>
#include <utility>

namespace curfew::recording {
namespace {

bool brings_ready(Request::Kind kind) {
    return kind == Request::Kind::query || kind == Request::Kind::function_call ||
           kind == Request::Kind::sync;
}

std::string_view known_as(std::string_view name) {
    return name.substr(0, Pipeline::longest_name);
}

std::size_t cost_of(const Request& request) {
    std::size_t cost = sizeof request;
    if (request.shown) cost += request.shown->size();
    if (request.portal) cost += request.portal->bytes();
    if (!request.before) return cost;
    cost += sizeof *request.before + request.before->name.size();
    if (request.before->prepared) cost += request.before->prepared->bytes();
    if (request.before->bound) cost += request.before->bound->bytes();
    return cost;
}

}  // namespace

bool Pipeline::heard(Request::Kind kind) {
    if (copying_in_ && kind == Request::Kind::sync) return false;
    if (skipping_ && kind != Request::Kind::sync) return false;
    skipping_ = false;
    return true;
}

void Pipeline::ask(Request request) {
    if (!heard(request.kind)) return;
    if (brings_ready(request.kind)) ++readies_due_;
    if (lost_) return lose(request);
    request.cost = cost_of(request);
    if (requests_.size() == most_requests || bytes_ + request.cost > most_bytes_of_requests) {
        lose_track();
        return lose(request);
    }
    bytes_ += request.cost;
    requests_.push_back(std::move(request));
}

void Pipeline::parse(Request request, std::string_view statement,
                     std::shared_ptr<const PreparedStatement> prepared) {
    if (skipping_) return;
    auto before = std::make_unique<Request::Before>();
    before->name = known_as(statement);
    before->prepared = statements_.put(before->name, std::move(prepared));
    request.before = std::move(before);
    ask(std::move(request));
}

void Pipeline::bind(Request request, std::string_view portal, std::shared_ptr<const BoundPortal> bound) {
    if (skipping_) return;
    auto before = std::make_unique<Request::Before>();
    before->portal = true;
    before->name = known_as(portal);
    before->bound = portals_.put(before->name, std::move(bound));
    request.before = std::move(before);
    ask(std::move(request));
}

void Pipeline::close(Request request, const postgres::NamedObject& object) {
    if (object.kind == 'S') {
        parse(std::move(request), object.name, nullptr);
    } else {
        bind(std::move(request), object.name, nullptr);
    }
}

std::shared_ptr<const PreparedStatement> Pipeline::statement(std::string_view name) const {
    return statements_.find(known_as(name));
}

std::shared_ptr<const BoundPortal> Pipeline::portal(std::string_view name) const {
    return portals_.find(known_as(name));
}

const Request* Pipeline::front() const {
    return requests_.empty() ? nullptr : &requests_.front();
}

const Request* Pipeline::running() const {
    const auto first = std::find_if(requests_.begin(), requests_.end(),
                                    [](const Request& request) { return request.runs(); });
    return first == requests_.end() ? nullptr : &*first;
}

void Pipeline::answered(Request::Kind kind) {
    if (!requests_.empty() && requests_.front().kind == kind) pop_front();
}

void Pipeline::undo(const Request& request) {
    if (!request.before) return;
    const Request::Before& before = *request.before;
    if (before.portal) {
        portals_.put(before.name, before.bound);
    } else {
        statements_.put(before.name, before.prepared);
    }
}

void Pipeline::failed() {
    copying_in_ = false;
    if (!requests_.empty() && brings_ready(requests_.front().kind)) return;  // ReadyForQuery comes next
    const auto sync = std::find_if(requests_.begin(), requests_.end(), [](const Request& request) {
        return request.kind == Request::Kind::sync;
    });
    for (auto at = sync; at != requests_.begin();)
        undo(*--at);
    skipping_ = sync == requests_.end() && !lost_;
    for (auto left = std::distance(requests_.begin(), sync); left > 0; --left)
        pop_front();
}

void Pipeline::ready() {
    copying_in_ = false;
    if (readies_due_ > 0) --readies_due_;
    while (!requests_.empty()) {
        const Request::Kind kind = requests_.front().kind;
        pop_front();
        if (brings_ready(kind)) break;
    }
    if (readies_due_ > 0 || lost_unsynced_) return;
    lost_ = lost_a_secret_ = false;
}

void Pipeline::copy_in_began() {
    if (requests_.empty() || requests_.front().kind != Request::Kind::execute) return;
    copying_in_ = true;
    for (auto at = std::next(requests_.begin()); at != requests_.end(); ++at) {
        if (brings_ready(at->kind) && readies_due_ > 0) --readies_due_;
    }
    while (requests_.size() > 1) {
        undo(requests_.back());
        bytes_ -= requests_.back().cost;
        requests_.pop_back();
    }
}

void Pipeline::pop_front() {
    bytes_ -= requests_.front().cost;
    requests_.pop_front();
}

void Pipeline::lose_track() {
    lost_ = true;
    for (const Request& request : requests_)
        lose(request);
    requests_.clear();
    bytes_ = 0;
}

// What it was is forgotten, but for what its answer may quote, and whether that is the last of its batch.
void Pipeline::lose(const Request& request) {
    lost_a_secret_ = lost_a_secret_ || request.secret;
    lost_unsynced_ = !brings_ready(request.kind);
}

}  // namespace curfew::recording
