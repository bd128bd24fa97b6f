#include "notify/teams.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>
#include <utility>

namespace curfew::notify {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_teams_answer = std::size_t{64} * 1024;

http::CurlFetch::Options fetch_options() {
    http::CurlFetch::Options options;
    options.most_bytes = longest_teams_answer;
    options.peer = "the Teams workflow";
    options.is_url_secret = true;
    return options;
}

json::object run(std::string_view text) {
    return {{"type", "TextRun"}, {"text", text}};
}

// Text runs, unlike text blocks and facts, know no markdown: a reason cannot become a link.
json::object block(json::array runs) {
    return {{"type", "RichTextBlock"}, {"inlines", std::move(runs)}};
}

json::object title_block(const std::string& title) {
    json::object bold = run(title);
    bold["weight"] = "bolder";
    bold["size"] = "medium";
    return block({std::move(bold)});
}

json::object line_block(const NoticeText::Line& line) {
    json::object label = run(line.label + ": ");
    label["weight"] = "bolder";
    return block({std::move(label), run(line.value)});
}

json::object code_block(std::string_view code) {
    json::object typed = run(code);
    typed["fontType"] = "monospace";
    return block({std::move(typed)});
}

// One block a line: where text runs break lines is for each client to say.
void add_sql(json::array& body, const NoticeText& text, std::size_t most) {
    std::string_view rest = text.sql;
    std::size_t lines = 0;
    bool is_whole = text.sql_is_whole;
    while (!rest.empty()) {
        if (lines == most) {
            is_whole = false;
            break;
        }
        const auto end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        json::object shown = code_block(line.empty() ? " " : line);
        if (lines++ > 0) shown["spacing"] = "none";
        body.push_back(std::move(shown));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    if (!text.sql.empty() && !is_whole)
        body.push_back(block({run("… and more: only the beginning is here.")}));
}

std::size_t lines_in(std::string_view text) {
    return text.empty() ? 0 : 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

json::object card_of(const NoticeText& text, std::size_t lines, std::size_t sql_lines) {
    json::array body{title_block(text.title)};
    for (std::size_t i = 0; i < lines; ++i) {
        json::object line = line_block(text.lines[i]);
        if (i > 0) line["spacing"] = "none";
        body.push_back(std::move(line));
    }
    if (lines < text.lines.size()) body.push_back(block({run("…")}));
    add_sql(body, text, sql_lines);
    if (!text.what_to_do.empty()) body.push_back(block({run(text.what_to_do)}));
    // Where there is no page to open, there is the command.
    if (text.link.empty() && !text.command.empty()) body.push_back(code_block(text.command));
    json::object card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                      {"type", "AdaptiveCard"},
                      {"version", "1.5"},
                      {"fallbackText", text.title},
                      {"body", std::move(body)}};
    if (!text.link.empty()) {
        card["actions"] = json::array{
            json::object{{"type", "Action.OpenUrl"}, {"title", "Open the request"}, {"url", text.link}}};
    }
    return card;
}

}  // namespace

json::object teams_message(const NoticeText& text) {
    std::size_t sql_lines = lines_in(text.sql);
    for (std::size_t lines = text.lines.size();;) {
        json::object message{{"type", "message"},
                             {"attachments", json::array{json::object{
                                                 {"contentType", "application/vnd.microsoft.card.adaptive"},
                                                 {"contentUrl", nullptr},
                                                 {"content", card_of(text, lines, sql_lines)}}}}};
        const bool is_least = lines == 0 && sql_lines == 0;
        if (is_least || json::serialize(message).size() <= largest_card) return message;
        // What one decides about before what is beside it.
        if (sql_lines > 0) {
            --sql_lines;
        } else {
            --lines;
        }
    }
}

TeamsNotifier::TeamsNotifier(config::TeamsSettings settings, http::WorkerPool& pool, const Clock& clock)
    : BlockingNotifier{pool}, settings_{std::move(settings)}, clock_{clock}, fetch_{fetch_options()} {}

// A card cannot be changed once it is there.
Awaitable<Result<std::vector<std::string>>> TeamsNotifier::recipients(const Notice& notice, const Facts&,
                                                                      const Surroundings&,
                                                                      const std::vector<std::string>&) {
    if (notice.is_update) co_return std::vector<std::string>{};
    co_return std::vector<std::string>{"channel"};
}

SendOutcome TeamsNotifier::deliver(const Message& message) {
    const NoticeText text = text_of(message.notice, message.facts, *message.surroundings);
    http::Request request;
    request.url = settings_.url.reveal();  // to be asked for there
    request.content = http::Content{"application/json", json::serialize(teams_message(text))};
    return outcome_of(fetch_.fetch(request), "the Teams workflow", clock_.wall_now());
}

}  // namespace curfew::notify
