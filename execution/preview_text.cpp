#include "execution/preview_text.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace curfew::execution {
namespace {

constexpr std::size_t longest_said = 2000;
constexpr std::string_view cut_off = "(The rest is too long to be kept.)\n";
// For what is said at the end, however much came before.
constexpr std::size_t reserve = 1000;

}  // namespace

PreviewText::PreviewText(const PreviewPlan& plan) : plan_{plan} {
    preview_.mode = plan.mode;
    if (!plan.why_not_dry.empty()) line("Not run dry, but planned only: " + plan.why_not_dry);
}

void PreviewText::line(std::string_view text) {
    const std::string shown = is_utf8(text) ? std::string{text} : printable_lines(text, text.size());
    if (cut_ || preview_.text.size() + shown.size() + 1 > policy::Preview::longest_text - reserve) {
        cut_ = true;
        return;
    }
    preview_.text += shown;
    preview_.text += '\n';
}

void PreviewText::begin(const PreviewPlan::Step& step) {
    refused_ = false;
    const bool is_only_one = plan_.steps.size() == 1 && plan_.left_out == 0;
    if (!step.why_none.empty()) {
        line(fmt::format("Statement {}: {}", step.number, step.why_none));
    } else if (!is_only_one) {
        line(fmt::format("Statement {}:", step.number));
    }
}

void PreviewText::begin_commit() {
    refused_ = false;
    at_commit_ = true;
}

// Rows of a dry run are data; those of EXPLAIN are the plan.
void PreviewText::row(std::span<const Value> values) {
    if (plan_.mode == policy::PreviewMode::explain && !values.empty() && values.front())
        line(*values.front());
}

void PreviewText::completed(std::string_view tag) {
    if (plan_.mode == policy::PreviewMode::dry_run && !at_commit_) line(tag);
}

void PreviewText::failed(const pq::ScriptError& error) {
    refused_ = true;
    preview_.failed = true;
    if (at_commit_) line("A COMMIT would fail:");
    line(fmt::format("{} {}: {}", error.severity, error.sqlstate,
                     printable_lines(error.message, longest_said)));
    if (!error.detail.empty()) line("DETAIL:  " + printable_lines(error.detail, longest_said));
    if (!error.hint.empty()) line("HINT:  " + printable_lines(error.hint, longest_said));
}

void PreviewText::noticed(std::string_view severity, std::string_view message) {
    line(fmt::format("{}:  {}", severity, printable_lines(message, longest_said)));
}

void PreviewText::broke_off(std::string_view why) {
    preview_.failed = true;
    cut_ = false;
    // There is room: the reserve.
    preview_.text += fmt::format("The preview ended here: {}.\n", printable(why, reserve / 2));
}

policy::Preview PreviewText::take() && {
    if (cut_) {
        preview_.failed = true;
        preview_.text += cut_off;
    }
    if (plan_.left_out > 0) {
        preview_.failed = true;
        preview_.text += fmt::format("{} more statements are not previewed.\n", plan_.left_out);
    }
    if (preview_.text.ends_with('\n')) preview_.text.pop_back();
    return std::move(preview_);
}

policy::Preview no_preview(policy::PreviewMode wanted, std::string_view why) {
    return {wanted, fmt::format("No preview could be made: {}.", printable(why, longest_said)), true};
}

}  // namespace curfew::execution
