#include "support/block_kit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <cstddef>
#include <initializer_list>
#include <set>
#include <string_view>

namespace curfew::test {
namespace {

namespace json = boost::json;

// As Slack's pages count it, but never more generously: in UTF-16.
std::size_t units(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0U) != 0x80U) count += byte >= 0xF0 ? 2 : 1;
    }
    return count;
}

class Judge {
public:
    std::vector<std::string> problems;

    void say(const std::string& problem) { problems.push_back(problem); }

    // Members that Slack does not know are refused, those that it needs are asked for.
    bool has_only(const json::object& object, const std::string& where,
                  std::initializer_list<std::string_view> needed,
                  std::initializer_list<std::string_view> optional = {}) {
        const std::size_t before = problems.size();
        for (const auto name : needed) {
            if (!object.contains({name.data(), name.size()}))
                say(fmt::format("{}: '{}' is missing", where, name));
        }
        for (const auto& member : object) {
            const std::string_view key{member.key().data(), member.key().size()};
            const auto is_key = [&](std::string_view name) { return name == key; };
            if (std::none_of(needed.begin(), needed.end(), is_key) &&
                std::none_of(optional.begin(), optional.end(), is_key))
                say(fmt::format("{}: '{}' is not known", where, key));
        }
        return problems.size() == before;
    }

    void text_within(const json::value& value, const std::string& where, std::size_t most,
                     std::size_t least = 1) {
        if (!value.is_string()) return say(where + " is no text");
        const std::string_view text{value.get_string().data(), value.get_string().size()};
        if (units(text) > most) say(fmt::format("{} is longer than {}", where, most));
        if (units(text) < least) say(fmt::format("{} is shorter than {}", where, least));
    }

    // A text object; `markdown`: mrkdwn is allowed as well.
    void text_object(const json::value& value, const std::string& where, std::size_t most, bool markdown) {
        if (!value.is_object()) return say(where + " is no text object");
        const auto& object = value.get_object();
        const auto* type = object.if_contains("type");
        if (type == nullptr || !type->is_string()) return say(where + " has no type");
        const bool plain = type->get_string() == "plain_text";
        if (!plain && type->get_string() != "mrkdwn") return say(where + " is of a type that is not known");
        if (!plain && !markdown) say(where + " must be plain_text");
        if (!has_only(object, where, {"type", "text"}, {plain ? "emoji" : "verbatim"})) return;
        text_within(object.at("text"), where, most);
        if (!plain) entities(object.at("text"), where);
    }

    // What stands in angle brackets has to be something that Slack knows; Curfew uses dates and nothing else.
    void entities(const json::value& value, const std::string& where) {
        if (!value.is_string()) return;
        std::string_view rest{value.get_string().data(), value.get_string().size()};
        while (true) {
            const auto begin = rest.find('<');
            if (begin == std::string_view::npos) break;
            const auto end = rest.find('>', begin);
            const auto entity = rest.substr(begin, end == std::string_view::npos ? end : end - begin + 1);
            const bool date = entity.starts_with("<!date^") && entity.find('|') != std::string_view::npos &&
                              entity.ends_with('>');
            const bool link = entity.starts_with("<https://") || entity.starts_with("<http://");
            if (!date && !link) say(fmt::format("{}: '{}' is no date and no link", where, entity));
            if (end == std::string_view::npos) break;
            rest.remove_prefix(end + 1);
        }
    }

    void confirmation(const json::value& value, const std::string& where) {
        if (!value.is_object()) return say(where + " is no confirmation");
        const auto& object = value.get_object();
        if (!has_only(object, where, {"title", "text", "confirm", "deny"}, {"style"})) return;
        text_object(object.at("title"), where + ".title", 100, false);
        text_object(object.at("text"), where + ".text", 300, false);
        text_object(object.at("confirm"), where + ".confirm", 30, false);
        text_object(object.at("deny"), where + ".deny", 30, false);
        style(object, where);
    }

    void style(const json::object& object, const std::string& where) {
        const auto* given = object.if_contains("style");
        if (given != nullptr && *given != "primary" && *given != "danger")
            say(where + ".style is neither primary nor danger");
    }

    void button(const json::object& object, const std::string& where, std::set<std::string>& ids) {
        if (!has_only(object, where, {"type", "action_id", "text"}, {"value", "url", "style", "confirm"}))
            return;
        text_object(object.at("text"), where + ".text", 75, false);
        text_within(object.at("action_id"), where + ".action_id", 255);
        if (object.at("action_id").is_string() &&
            !ids.insert(std::string{object.at("action_id").get_string()}).second)
            say(where + ": the action_id stands there twice");
        if (const auto* value = object.if_contains("value")) text_within(*value, where + ".value", 2'000);
        if (const auto* url = object.if_contains("url")) text_within(*url, where + ".url", 3'000);
        if (const auto* sure = object.if_contains("confirm")) confirmation(*sure, where + ".confirm");
        style(object, where);
    }

    void text_input(const json::value& value, const std::string& where) {
        if (!value.is_object()) return say(where + " is no element");
        const auto& object = value.get_object();
        if (!has_only(object, where, {"type", "action_id"},
                      {"multiline", "min_length", "max_length", "placeholder", "initial_value"}))
            return;
        if (object.at("type") != "plain_text_input") say(where + " is of a type that is not known");
        if (const auto* placeholder = object.if_contains("placeholder"))
            text_object(*placeholder, where + ".placeholder", 150, false);
        if (const auto* longest = object.if_contains("max_length")) {
            const auto length = longest->to_number<std::int64_t>();
            if (length < 1 || length > 3'000) say(where + ".max_length is not from 1 to 3000");
        }
    }

    void block(const json::value& value, const std::string& where, std::set<std::string>& action_ids,
               std::set<std::string>& block_ids) {
        if (!value.is_object()) return say(where + " is no object");
        const auto& object = value.get_object();
        const auto* type = object.if_contains("type");
        if (type == nullptr || !type->is_string()) return say(where + " has no type");
        if (const auto* id = object.if_contains("block_id")) {
            text_within(*id, where + ".block_id", 255);
            if (id->is_string() && !block_ids.insert(std::string{id->get_string()}).second)
                say(where + ": the block_id stands there twice");
        }
        const std::string_view kind{type->get_string().data(), type->get_string().size()};
        if (kind == "header") {
            if (has_only(object, where, {"type", "text"}, {"block_id"}))
                text_object(object.at("text"), where + ".text", 150, false);
        } else if (kind == "section") {
            section(object, where);
        } else if (kind == "context") {
            if (!has_only(object, where, {"type", "elements"}, {"block_id"})) return;
            for (const auto& element : elements(object, where, 10))
                text_object(element, where + ".elements", 3'000, true);
        } else if (kind == "rich_text") {
            rich_text(object, where);
        } else if (kind == "actions") {
            if (!has_only(object, where, {"type", "elements"}, {"block_id"})) return;
            for (const auto& element : elements(object, where, 25)) {
                const bool is_button = element.is_object() && element.get_object().contains("type") &&
                                       element.get_object().at("type") == "button";
                if (!is_button) return say(where + " has an element that is no button");
                button(element.get_object(), where + ".button", action_ids);
            }
        } else if (kind == "input") {
            if (!has_only(object, where, {"type", "label", "element"}, {"block_id", "optional", "hint"}))
                return;
            text_object(object.at("label"), where + ".label", 2'000, false);
            if (const auto* hint = object.if_contains("hint"))
                text_object(*hint, where + ".hint", 2'000, false);
            text_input(object.at("element"), where + ".element");
        } else {
            say(fmt::format("{} is of a type that is not known: {}", where, kind));
        }
    }

private:
    // Of it a block of code alone is known here. How long its texts may be is not documented; a section's
    // limit is taken.
    void rich_text(const json::object& object, const std::string& where) {
        if (!has_only(object, where, {"type", "elements"}, {"block_id"})) return;
        for (const auto& part : elements(object, where, 10)) {
            if (!part.is_object() || !has_only(part.get_object(), where, {"type", "elements"}, {"border"}))
                return;
            if (part.at("type") != "rich_text_preformatted")
                say(where + " has a part that is no block of code");
            for (const auto& text : elements(part.get_object(), where, 10)) {
                if (!text.is_object() || !has_only(text.get_object(), where, {"type", "text"})) return;
                if (text.at("type") != "text") say(where + " has an element that is no text");
                text_within(text.at("text"), where + ".text", 3'000);
            }
        }
    }

    void section(const json::object& object, const std::string& where) {
        if (!has_only(object, where, {"type"}, {"text", "fields", "block_id"})) return;
        if (!object.contains("text") && !object.contains("fields"))
            say(where + " has neither text nor fields");
        if (const auto* text = object.if_contains("text")) text_object(*text, where + ".text", 3'000, true);
        const auto* fields = object.if_contains("fields");
        if (fields == nullptr) return;
        if (!fields->is_array() || fields->get_array().empty() || fields->get_array().size() > 10)
            return say(where + ".fields are not 1 to 10");
        for (const auto& field : fields->get_array())
            text_object(field, where + ".fields", 2'000, true);
    }

    json::array elements(const json::object& object, const std::string& where, std::size_t most) {
        const auto& value = object.at("elements");
        if (value.is_array() && !value.get_array().empty() && value.get_array().size() <= most)
            return value.get_array();
        say(fmt::format("{}.elements are not 1 to {}", where, most));
        return {};
    }
};

void judge_blocks(Judge& judge, const json::array& blocks, std::size_t most) {
    if (blocks.empty() || blocks.size() > most) judge.say(fmt::format("blocks are not 1 to {}", most));
    std::set<std::string> action_ids;
    std::set<std::string> block_ids;
    for (std::size_t i = 0; i < blocks.size(); ++i)
        judge.block(blocks[i], fmt::format("blocks[{}]", i), action_ids, block_ids);
}

}  // namespace

std::vector<std::string> problems_of_blocks(const json::array& blocks, std::size_t most) {
    Judge judge;
    judge_blocks(judge, blocks, most);
    return std::move(judge.problems);
}

std::vector<std::string> problems_of_message(const json::object& message) {
    Judge judge;
    const auto* text = message.if_contains("text");
    if (text == nullptr) {
        judge.say("a message needs a text for notifications");
    } else {
        judge.text_within(*text, "text", 4'000);
        judge.entities(*text, "text");
    }
    if (const auto* blocks = message.if_contains("blocks")) {
        if (blocks->is_array()) {
            judge_blocks(judge, blocks->get_array(), 50);
        } else {
            judge.say("blocks are no array");
        }
    }
    return std::move(judge.problems);
}

std::vector<std::string> problems_of_modal(const json::object& view) {
    Judge judge;
    if (!judge.has_only(view, "view", {"type", "title", "blocks"},
                        {"callback_id", "private_metadata", "submit", "close", "clear_on_close",
                         "notify_on_close", "external_id"}))
        return std::move(judge.problems);
    if (view.at("type") != "modal") judge.say("view.type is not modal");
    judge.text_object(view.at("title"), "view.title", 24, false);
    if (const auto* submit = view.if_contains("submit")) judge.text_object(*submit, "view.submit", 24, false);
    if (const auto* close = view.if_contains("close")) judge.text_object(*close, "view.close", 24, false);
    if (const auto* id = view.if_contains("callback_id")) judge.text_within(*id, "view.callback_id", 255);
    if (const auto* carried = view.if_contains("private_metadata"))
        judge.text_within(*carried, "view.private_metadata", 3'000, 0);
    if (!view.at("blocks").is_array()) {
        judge.say("view.blocks are no array");
        return std::move(judge.problems);
    }
    const auto& blocks = view.at("blocks").get_array();
    judge_blocks(judge, blocks, 100);
    const bool takes_input = std::any_of(blocks.begin(), blocks.end(), [](const json::value& block) {
        return block.is_object() && block.get_object().contains("type") && block.at("type") == "input";
    });
    if (takes_input && !view.contains("submit")) judge.say("a modal with inputs needs a submit");
    return std::move(judge.problems);
}

}  // namespace curfew::test
