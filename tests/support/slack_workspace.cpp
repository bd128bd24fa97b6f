#include "support/slack_workspace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <ctime>
#include <string_view>

#include "support/block_kit.hpp"

namespace curfew::test {
namespace {

namespace json = boost::json;

struct Method {
    std::string_view name;
    std::set<std::string> scopes;  // all of them
    std::vector<std::string> required;
    bool takes_json = true;
    bool app_level = false;
};

const std::vector<Method>& all_methods() {
    static const std::vector<Method> methods{
        {"auth.test", {}, {}},
        {"chat.postMessage", {"chat:write"}, {"channel"}},
        {"chat.update", {"chat:write"}, {"channel", "ts"}},
        {"chat.postEphemeral", {"chat:write"}, {"channel", "user", "text"}},
        {"views.open", {}, {"trigger_id", "view"}},
        {"conversations.open", {"im:write"}, {"users"}},
        {"conversations.history", {"channels:history", "im:history"}, {"channel"}, false},
        {"conversations.replies", {"channels:history", "im:history"}, {"channel", "ts"}, false},
        {"users.info", {"users:read"}, {"user"}, false},
        {"users.lookupByEmail", {"users:read.email"}, {"email"}, false},
        {"apps.connections.open", {}, {}, true, true}};
    return methods;
}

json::object error(std::string_view word) {
    return {{"ok", false}, {"error", word}};
}

std::string text(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

bool flag(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && (*value == true || *value == "true");
}

int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> decode(std::string_view encoded) {
    std::string decoded;
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        if (encoded[i] != '%') {
            decoded += encoded[i] == '+' ? ' ' : encoded[i];
            continue;
        }
        if (i + 2 >= encoded.size() || hex(encoded[i + 1]) < 0 || hex(encoded[i + 2]) < 0)
            return std::nullopt;
        decoded += static_cast<char>(hex(encoded[i + 1]) * 16 + hex(encoded[i + 2]));
        i += 2;
    }
    return decoded;
}

json::object as_message(const SlackPost& post, bool with_metadata) {
    json::object message{{"type", "message"}, {"ts", post.ts}, {"text", post.text}, {"blocks", post.blocks}};
    if (!post.thread.empty()) message["thread_ts"] = post.thread;
    if (with_metadata && !post.metadata.empty()) message["metadata"] = post.metadata;
    return message;
}

}  // namespace

std::string SlackPost::shown() const {
    return text + json::serialize(blocks);
}

std::optional<json::object> SlackPost::button(const std::string& action_id) const {
    for (const auto& block : blocks) {
        if (block.at("type") != "actions") continue;
        for (const auto& element : block.at("elements").as_array()) {
            if (element.at("action_id").as_string() == action_id) return element.as_object();
        }
    }
    return std::nullopt;
}

std::optional<json::object> read_slack_form(const std::string& body) {
    json::object form;
    std::string_view rest{body};
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const auto field = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        const auto equals = field.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const auto name = decode(field.substr(0, equals));
        const auto value = decode(field.substr(equals + 1));
        if (!name || !value) return std::nullopt;
        form[*name] = *value;
    }
    return form;
}

SlackWorkspace::SlackWorkspace()
    : scopes{"chat:write",       "commands",   "im:write",        "im:history",
             "channels:history", "users:read", "users:read.email"} {}

void SlackWorkspace::add_user(const std::string& id, const std::string& name, const std::string& email) {
    users[id] = {{"id", id},
                 {"team_id", team},
                 {"name", name},
                 {"deleted", false},
                 {"is_bot", false},
                 {"is_restricted", false},
                 {"is_ultra_restricted", false},
                 {"is_email_confirmed", true},
                 {"profile", json::object{{"display_name", name}, {"email", email}}}};
}

const SlackPost* SlackWorkspace::find(const std::string& channel_id, const std::string& ts) const {
    const auto found = std::find_if(posts.begin(), posts.end(), [&](const SlackPost& post) {
        return post.channel == channel_id && post.ts == ts;
    });
    return found == posts.end() ? nullptr : &*found;
}

SlackReply SlackWorkspace::answer(const SlackCall& call) {
    methods.push_back(call.method);
    if (auto limited = rate_limits.find(call.method);
        limited != rate_limits.end() && limited->second.first > 0) {
        --limited->second.first;
        return {429, json::serialize(error("ratelimited")), limited->second.second};
    }
    auto reply = judge(call);
    const auto word = text(reply, "error");
    // What only a program that is wrong is told.
    if (word.starts_with("invalid_") || word == "missing_argument" || word == "no_text")
        problems.push_back(call.method + ": " + word + ": " + call.body);
    return {200, json::serialize(reply), std::nullopt};
}

json::object SlackWorkspace::judge(const SlackCall& call) {
    const auto& known = all_methods();
    const auto method =
        std::find_if(known.begin(), known.end(), [&](const Method& one) { return one.name == call.method; });
    if (method == known.end()) return error("unknown_method");
    const std::string wanted = std::string{"Bearer "} + (method->app_level ? app_token : bot_token);
    if (call.authorization.empty()) return error("not_authed");
    if (call.authorization != wanted) {
        const bool other =
            call.authorization == std::string{"Bearer "} + (method->app_level ? bot_token : app_token);
        return error(other ? "not_allowed_token_type" : "invalid_auth");
    }
    for (const auto& scope : method->scopes) {
        if (!scopes.contains(scope)) {
            auto lacking = error("missing_scope");
            lacking["needed"] = scope;
            lacking["provided"] = "identify";
            return lacking;
        }
    }
    std::optional<json::object> arguments;
    const auto type = call.content_type.substr(0, call.content_type.find(';'));
    if (type == "application/json") {
        if (!method->takes_json) return error("missing_argument");  // it does not look into the body
        if (call.content_type.find("charset=utf-8") == std::string::npos) return error("invalid_charset");
        boost::system::error_code wrong;
        const auto value = json::parse(call.body, wrong);
        if (wrong || !value.is_object()) return error("invalid_json");
        arguments = value.get_object();
    } else if (type == "application/x-www-form-urlencoded") {
        arguments = read_slack_form(call.body);
        if (!arguments) return error("invalid_form_data");
    } else {
        return error("invalid_post_type");
    }
    for (const auto& name : method->required) {
        if (!arguments->contains(name)) return error("missing_argument");
    }
    return carry_out(call.method, *arguments);
}

json::object SlackWorkspace::carry_out(const std::string& method, const Arguments& arguments) {
    if (method == "auth.test")
        return {
            {"ok", true}, {"url", "https://acme.slack.com/"}, {"team_id", team}, {"user_id", "U0CURFEW1"}};
    if (method == "chat.postMessage") return post_message(arguments);
    if (method == "chat.update") return update(arguments);
    if (method == "chat.postEphemeral") return post_ephemeral(arguments);
    if (method == "views.open") return open_view(arguments);
    if (method == "conversations.open") return open_conversation(arguments);
    if (method == "conversations.history") return history(arguments, false);
    if (method == "conversations.replies") return history(arguments, true);
    if (method == "users.info") return user_info(arguments);
    if (method == "users.lookupByEmail") return user_by_email(arguments);
    return {{"ok", true}, {"url", socket_url}};
}

bool SlackWorkspace::may_post_in(const std::string& channel_id) const {
    return channels.contains(channel_id) || std::any_of(direct_.begin(), direct_.end(), [&](const auto& one) {
               return one.second == channel_id;
           });
}

bool SlackWorkspace::shows(const json::object& arguments) {
    const auto found = problems_of_message(arguments);
    for (const auto& problem : found)
        problems.push_back("invalid_blocks: " + problem);
    return found.empty();
}

json::object SlackWorkspace::post_message(const Arguments& arguments) {
    const auto where = text(arguments, "channel");
    if (!may_post_in(where)) return error("channel_not_found");
    if (!shows(arguments)) return error("invalid_blocks");
    SlackPost post;
    post.channel = where;
    post.ts = fmt::format("{}.{:06}", std::time(nullptr), ++last_ts_);
    post.thread = text(arguments, "thread_ts");
    if (!post.thread.empty() && find(where, post.thread) == nullptr) return error("invalid_thread_ts");
    post.broadcast = flag(arguments, "reply_broadcast");
    post.text = text(arguments, "text");
    if (const auto* blocks = arguments.if_contains("blocks")) post.blocks = blocks->as_array();
    if (const auto* metadata = arguments.if_contains("metadata")) {
        const auto* payload =
            metadata->is_object() ? metadata->get_object().if_contains("event_payload") : nullptr;
        if (payload == nullptr || !payload->is_object() || text(metadata->get_object(), "event_type").empty())
            return error("invalid_metadata_format");
        post.metadata = metadata->get_object();
    }
    posts.push_back(post);
    return {{"ok", true}, {"channel", post.channel}, {"ts", post.ts}, {"message", as_message(post, false)}};
}

json::object SlackWorkspace::update(const Arguments& arguments) {
    const auto* found = find(text(arguments, "channel"), text(arguments, "ts"));
    if (found == nullptr) return error("message_not_found");
    if (!shows(arguments)) return error("invalid_blocks");
    auto& post = posts[static_cast<std::size_t>(found - posts.data())];
    post.text = text(arguments, "text");
    post.blocks = arguments.at("blocks").as_array();
    if (const auto* metadata = arguments.if_contains("metadata")) post.metadata = metadata->as_object();
    ++post.updates;
    return {{"ok", true}, {"channel", post.channel}, {"ts", post.ts}, {"text", post.text}};
}

json::object SlackWorkspace::post_ephemeral(const Arguments& arguments) {
    const auto where = text(arguments, "channel");
    if (!may_post_in(where)) return error("channel_not_found");
    if (!users.contains(text(arguments, "user"))) return error("user_not_in_channel");
    if (!shows(arguments)) return error("invalid_blocks");
    whispers.push_back({text(arguments, "user"), where, text(arguments, "text")});
    return {{"ok", true}, {"message_ts", "1796000000.000999"}};
}

json::object SlackWorkspace::open_view(const Arguments& arguments) {
    if (triggers.erase(text(arguments, "trigger_id")) == 0) return error("expired_trigger_id");
    const auto& view = arguments.at("view");
    if (!view.is_object()) return error("invalid_arguments");
    const auto found = problems_of_modal(view.get_object());
    for (const auto& problem : found)
        problems.push_back("invalid view: " + problem);
    if (!found.empty()) return error("invalid_arguments");
    modals.push_back(view.get_object());
    return {{"ok", true}, {"view", json::object{{"id", "V0REVIEW1"}}}};
}

json::object SlackWorkspace::open_conversation(const Arguments& arguments) {
    const auto user = text(arguments, "users");
    if (!users.contains(user)) return error("user_not_found");
    auto& direct = direct_[user];
    if (direct.empty()) direct = "D" + user.substr(1);
    return {{"ok", true}, {"channel", json::object{{"id", direct}}}};
}

json::object SlackWorkspace::history(const Arguments& arguments, bool replies) const {
    const auto where = text(arguments, "channel");
    if (!may_post_in(where)) return error("channel_not_found");
    const bool with_metadata = flag(arguments, "include_all_metadata");
    const auto oldest = text(arguments, "oldest");
    json::array found;
    for (auto post = posts.rbegin(); post != posts.rend(); ++post) {
        const bool in_thread = post->thread == text(arguments, "ts") || post->ts == text(arguments, "ts");
        const bool wanted = replies ? in_thread : post->thread.empty() || post->broadcast;
        if (post->channel == where && wanted && (oldest.empty() || post->ts > oldest))
            found.emplace_back(as_message(*post, with_metadata));
    }
    return {{"ok", true}, {"messages", std::move(found)}, {"has_more", false}};
}

json::object SlackWorkspace::user_info(const Arguments& arguments) const {
    const auto found = users.find(text(arguments, "user"));
    if (found == users.end()) return error("user_not_found");
    auto user = found->second;
    if (!scopes.contains("users:read.email")) user["profile"].as_object().erase("email");
    return {{"ok", true}, {"user", std::move(user)}};
}

json::object SlackWorkspace::user_by_email(const Arguments& arguments) const {
    for (const auto& [id, user] : users) {
        if (user.at("profile").at("email").as_string() == text(arguments, "email"))
            return {{"ok", true}, {"user", user}};
    }
    return error("users_not_found");
}

}  // namespace curfew::test
