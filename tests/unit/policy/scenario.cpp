#include "scenario.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "base/duration.hpp"
#include "base/time_text.hpp"

namespace curfew::policy {
namespace {

GroupNames split(const std::string& text) {
    GroupNames result;
    std::istringstream stream{text};
    for (std::string one; std::getline(stream, one, ',');)
        result.insert(one);
    return result;
}

void set_groups(Rule& rule, std::string_view key, const std::string& value) {
    const std::vector<std::pair<std::string_view, GroupNames*>> keys{
        {"required_groups", &rule.required_groups},
        {"approval_groups", &rule.approval_groups},
        {"force_approval_groups", &rule.force_approval_groups},
        {"skip_review_groups", &rule.skip_review_groups},
        {"break_glass_groups", &rule.break_glass_groups}};
    for (const auto& [name, groups] : keys) {
        if (name != key) continue;
        *groups = split(value);
        return;
    }
    throw std::invalid_argument{fmt::format("no rule has the key {}", key)};
}

void set(Rule& rule, std::string_view key, const std::string& value) {
    if (key == "min_approvals") {
        rule.min_approvals = static_cast<unsigned>(std::stoul(value));
    } else if (key == "require_all_groups") {
        rule.require_all_groups = true;
    } else if (key == "reason_required") {
        rule.reason_required = true;
    } else if (key == "reason_pattern") {
        rule.reason_pattern = ReasonPattern::parse(value).value();
    } else if (key == "allowed_times") {
        rule.allowed_times = AllowedTimes::parse("Etc/UTC", {value}).value();
    } else if (key == "max_duration") {
        rule.max_duration = parse_duration(value).value();
    } else if (key == "default_duration") {
        rule.default_duration = parse_duration(value).value();
    } else if (key == "break_glass_duration") {
        rule.break_glass_duration = parse_duration(value).value();
    } else if (key == "types") {
        rule.types.clear();
        for (const std::string& type : split(value))
            rule.types.insert(parse_request_type(type).value());
    } else if (key == "resources") {
        rule.attributes.clear();
        rule.resources = split(value);
    } else {
        set_groups(rule, key, value);
    }
}

Rule prod_rule() {
    Rule rule;
    rule.name = "prod";
    rule.attributes = {{"env", "prod"}};
    rule.required_groups = {"developers"};
    rule.approval_groups = {"dba", "security"};
    rule.force_approval_groups = {"leads"};
    rule.skip_review_groups = {"trusted"};
    rule.break_glass_groups = {"oncall"};
    return rule;
}

class StoryTest : public testing::Test {
public:
    explicit StoryTest(Line line) : line_{std::move(line)} {}

    void TestBody() override {
        Scenario scenario;
        for (const auto& sentence : line_.story)
            scenario.tell(sentence);
        const std::string outcome = scenario.outcome();
        const auto colon = line_.expected.find(": ");
        if (colon == std::string::npos) {
            EXPECT_EQ(outcome, line_.expected);
            return;
        }
        EXPECT_EQ(outcome.substr(0, colon + 2), line_.expected.substr(0, colon + 2)) << outcome;
        EXPECT_NE(outcome.find(line_.expected.substr(colon + 2)), std::string::npos) << outcome;
    }

private:
    Line line_;
};

}  // namespace

Command a_statement() {
    Command command;
    command.form = CommandForm::query;
    command.database = "app";
    command.statements = {{"DELETE FROM orders", {}}};
    command.session = SessionId::parse("s-7k3mq9xd").value();
    return command;
}

Command a_script() {
    Command command = a_statement();
    command.form = CommandForm::script;
    command.session.reset();
    return command;
}

// A sentence, word by word.
class Scenario::Words {
public:
    explicit Words(std::string_view sentence) : stream_{std::string{sentence}} {}

    std::string next() {
        std::string word;
        stream_ >> word;
        return word;
    }
    // Takes the words `begin` if they come next.
    bool take(std::string_view begin) {
        const auto at = stream_.tellg();
        std::istringstream expected{std::string{begin}};
        for (std::string word; expected >> word;) {
            if (next() == word) continue;
            stream_.clear();
            stream_.seekg(at);
            return false;
        }
        return true;
    }
    std::optional<Duration> duration() {
        const auto at = stream_.tellg();
        if (auto parsed = parse_duration(next())) return *parsed;
        stream_.clear();
        stream_.seekg(at);
        return std::nullopt;
    }
    std::string rest() {
        std::string text;
        std::getline(stream_ >> std::ws, text);
        return text;
    }
    bool at_end() { return next().empty(); }

private:
    std::istringstream stream_;
};

Scenario::Scenario()
    : members_{{"developers", "dana"},   {"developers", "erin"},  {"developers", "otto"},
               {"developers", "tess"},   {"developers", "carol"}, {"dba", "bob"},
               {"dba", "carol"},         {"security", "sue"},     {"security", "carol"},
               {"leads", "lena"},        {"oncall", "otto"},      {"trusted", "tess"},
               {"administrators", "ada"}},
      users_{"olaf"},
      rules_{prod_rule()},
      target_{"prod", {{"env", "prod"}}},
      now_{parse_utc("2026-11-25T10:00:00Z").value()} {
    for (const Member& member : members_) {
        if (std::find(users_.begin(), users_.end(), member.user) == users_.end())
            users_.push_back(member.user);
    }
    directory_ = directory();
}

Directory Scenario::directory() const {
    Directory result;
    for (const auto& user : users_)
        result.add_user(user).value();
    for (const auto& [group, user] : members_) {
        if (result.knows_user(user)) result.add_member(group, user).value();
    }
    if (result.knows_user("dana")) result.add_alias("d.d", "dana").value();
    if (result.knows_user("bob")) result.add_alias("bobby", "bob").value();
    return result;
}

Circumstances Scenario::circumstances() const {
    return {rules_, directory_, target_, now_, grant_ ? &*grant_ : nullptr};
}

void Scenario::tell(std::string_view sentence) {
    Words words{sentence};
    bool understood = true;
    if (words.take("the review times out")) {
        take(apply(request(), event::ReviewTimedOut{}, circumstances()));
    } else if (words.take("the window passes")) {
        take(apply(request(), event::WindowPassed{}, circumstances()));
    } else if (words.take("the command is run")) {
        take(apply(request(), event::CommandRun{}, circumstances()));
    } else if (words.take("it is reconsidered")) {
        take(apply(request(), event::Reconsidered{}, circumstances()));
    } else if (words.take("the grant is revoked")) {
        grant_.value().revoked = Grant::Revocation{now_, "ada", "enough"};
    } else if (words.take("the grant is seen to have ended")) {
        grant_.value().ended = true;
    } else if (words.take("the resource is removed")) {
        target_.known = false;
    } else if (words.take("rule")) {
        change_rule(words);
    } else if (const auto passed = words.duration()) {
        now_ += std::chrono::floor<std::chrono::milliseconds>(*passed);
        understood = words.take("pass");
    } else {
        const std::string user = words.next();
        const std::string verb = words.next();
        understood = people_change(user, verb, words) || request_change(user, verb, words);
    }
    if (!understood) throw std::invalid_argument{fmt::format("not understood: {}", sentence)};
}

bool Scenario::people_change(std::string_view user, std::string_view verb, Words& words) {
    if (verb != "joins" && verb != "leaves" && verb != "is") return false;
    const std::string object = words.next();
    if (verb == "joins") {
        members_.push_back({object, std::string{user}});
    } else if (verb == "leaves") {
        std::erase_if(members_, [&](const Member& one) { return one.group == object && one.user == user; });
    } else if (object == "removed") {
        std::erase(users_, user);
    } else {
        return false;
    }
    directory_ = directory();
    return true;
}

void Scenario::change_rule(Words& words) {
    std::string name = words.next();
    if (words.take("is removed")) {
        std::erase_if(rules_, [&](const Rule& rule) { return rule.name == name; });
        return;
    }
    name.pop_back();  // the colon
    auto rule = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& one) { return one.name == name; });
    if (rule == rules_.end()) {
        rule = rules_.insert(rules_.end(), prod_rule());
        rule->name = name;
    }
    const std::string key = words.next();
    set(*rule, key, words.rest());
}

void Scenario::ask(std::string user, Words& words, RequestKind kind) {
    Wish wish;
    wish.kind = kind;
    wish.user = std::move(user);
    if (words.take("for a statement")) wish.command = a_statement();
    if (words.take("for a script")) wish.command = a_script();
    if (wish.command) wish.type = RequestType::command;
    if (const auto duration = words.duration()) wish.duration = *duration;
    if (words.take("at")) wish.starts_at = parse_utc(fmt::format("2026-11-25T{}:00Z", words.next())).value();
    wish.break_glass = words.take("by breaking the glass");
    if (words.take("because")) wish.reason = words.rest();
    if (!words.at_end()) throw std::invalid_argument{"not understood: the end of what is asked for"};
    if (kind == RequestKind::extension && grant_) wish.extends = grant_->id;
    const Grant* grant = kind == RequestKind::extension && grant_ ? &*grant_ : nullptr;
    take(submit(wish, std::chrono::hours{1}, {rules_, directory_, target_, now_, grant}));
}

bool Scenario::request_change(const std::string& user, std::string_view verb, Words& words) {
    if (verb == "asks" || verb == "extends") {
        ask(user, words, verb == "asks" ? RequestKind::access : RequestKind::extension);
    } else if (verb == "approves" || verb == "rejects") {
        event::Reviewed review{user, {}, verb == "approves" ? Verdict::approve : Verdict::reject, {}, {}};
        if (words.take("for")) review.group = words.next();
        review.duration = words.duration();
        take(apply(request(), review, circumstances()));
    } else if (verb == "cancels") {
        take(apply(request(), event::Cancelled{user, {}}, circumstances()));
    } else if (verb == "revokes") {
        take(apply(request(), event::Revoked{user, {}}, circumstances()));
    } else {
        return false;
    }
    return true;
}

void Scenario::take(Result<Request> result) {
    if (!result) {
        error_ = result.error();
        return;
    }
    error_.reset();
    const bool is_new = result->id.empty();
    const bool was_approved = !is_new && request().status == RequestStatus::approved;
    request_ = *result;
    if (is_new) request_->id = RequestId::generate();
    const bool is_command = request_->type == RequestType::command;
    if (request_->status == RequestStatus::approved && !was_approved && !is_command) give_grant();
    if (request_->decision == Decision::command_run && was_approved) give_grant_to_run();
    if (request_->status == RequestStatus::revoked && grant_ && !grant_->revoked)
        grant_->revoked = Grant::Revocation{now_, request_->decided_by, {}};
}

// As the store does.
void Scenario::give_grant() {
    const Window window = window_of(request()).value();
    if (request().kind == RequestKind::extension) {
        grant_->window.ends_at = window.ends_at;
        return;
    }
    grant_.emplace();
    grant_->id = GrantId::generate();
    grant_->subject = {Subject::Kind::user, request().requester};
    grant_->resource = request().resource;
    grant_->window = window;
    request_->grant = grant_->id;
}

void Scenario::give_grant_to_run() {
    if (request().command.value().form != CommandForm::script) return;
    give_grant();
    grant_->use = GrantUse::script;
    grant_->window.starts_at = now_;
}

std::string Scenario::outcome() const {
    if (error_) return fmt::format("{}: {}", to_string(error_->code), error_->message);
    std::string text{to_string(request().status)};
    if (request().decision != Decision::none) text += fmt::format(" {}", to_string(request().decision));
    if (!request().decided_by.empty()) text += fmt::format(" by {}", request().decided_by);
    if (request().status == RequestStatus::approved)
        text += fmt::format(" for {}", format_duration(request().granted.value()));
    return text + (request().review_due ? " [review due]" : "");
}

bool specify(const char* suite, const std::vector<Line>& lines) {
    for (const Line& line : lines) {
        testing::RegisterTest(suite, line.name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                              [line]() -> testing::Test* { return new StoryTest{line}; });
    }
    return true;
}

}  // namespace curfew::policy
