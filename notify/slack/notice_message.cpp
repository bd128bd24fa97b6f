#include "notify/slack/notice_message.hpp"

#include <fmt/format.h>

#include <utility>

#include "notify/command_text.hpp"
#include "notify/slack/text.hpp"

namespace curfew::notify::slack {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_line = 1'500;
constexpr std::size_t longest_label = 60;
constexpr std::size_t most_section_fields = 10;

json::object section(std::string text) {
    return {{"type", "section"}, {"text", markdown(std::move(text))}};
}

}  // namespace

bool has_access(const Facts& facts) {
    return facts.grant && !facts.grant->revoked && !facts.grant->ended && facts.remaining > Duration::zero();
}

std::optional<WallInstant> access_end(const Facts& facts) {
    if (!facts.grant) return std::nullopt;
    return facts.grant->revoked ? facts.grant->revoked->at : facts.grant->window.ends_at;
}

RequestCard card_of(const Facts& facts, const Surroundings& surroundings) {
    RequestCard card;
    card.request = facts.request.value();
    card.requester_name = surroundings.shown_name(card.request.requester);
    for (const auto& rule : progress(facts, surroundings).rules) {
        if (rule.satisfied) continue;
        card.awaited.push_back({rule.approvals, rule.wanted, rule.missing_groups,
                                rule.rule != nullptr ? rule.rule->approval_groups : policy::GroupNames{}});
    }
    // An extension that nobody approved has given nothing, though there is the grant that it is about; and
    // what a command is run under lets nobody in.
    if (card.request.approved_at && !card.request.command) {
        card.access_ends_at = access_end(facts);
        card.has_access = has_access(facts);
    }
    card.url = link_to(facts, surroundings);
    return card;
}

SlackMessage notice_message(const NoticeText& text) {
    auto message = plain_message(text.title, text.link);
    json::array fields;
    for (const auto& [label, value] : text.lines) {
        if (fields.size() == most_section_fields) break;
        fields.emplace_back(
            markdown(fmt::format("*{}*\n{}", escaped(label, longest_label), escaped(value, longest_line))));
    }
    auto& blocks = message.blocks;
    // The title first, the link last.
    if (!text.what_to_do.empty() || !text.command.empty()) {
        std::string advice = escaped(text.what_to_do, longest_line);
        if (!text.command.empty())
            advice += fmt::format("{}`{}`", advice.empty() ? "" : "\n", escaped(text.command, longest_line));
        blocks.insert(blocks.begin() + 1, section(std::move(advice)));
    }
    if (!text.sql.empty()) blocks.insert(blocks.begin() + 1, code_block(lines_of(text.sql, longest_code)));
    if (!fields.empty())
        blocks.insert(blocks.begin() + 1, json::object{{"type", "section"}, {"fields", std::move(fields)}});
    return message;
}

}  // namespace curfew::notify::slack
