// What PostgreSQL answered for a preview, as those who decide read it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "execution/preview_plan.hpp"
#include "policy/preview.hpp"
#include "pq/script.hpp"

namespace curfew::execution {

// Takes the answers to a plan's steps one after the other, and keeps Preview::longest_text of them. What is
// not UTF-8 is kept with its bytes as `\xNN`.
class PreviewText final : public pq::ScriptReceiver {
public:
    // `plan` outlives it.
    explicit PreviewText(const PreviewPlan& plan);

    // From here on it is this step's answer that comes.
    void begin(const PreviewPlan::Step& step);
    // What is checked at a COMMIT comes now.
    void begin_commit();
    // The one that began last was refused.
    bool refused() const noexcept { return refused_; }
    // It ended before it was done: `why`.
    void broke_off(std::string_view why);
    // The end of it all. Sentences for what was left out are there.
    policy::Preview take() &&;

    void columns(std::span<const std::string_view> /*names*/) override {}
    void row(std::span<const Value> values) override;
    void copied(std::string_view /*data*/) override {}
    void completed(std::string_view tag) override;
    void failed(const pq::ScriptError& error) override;
    void noticed(std::string_view severity, std::string_view message) override;

private:
    void line(std::string_view text);

    const PreviewPlan& plan_;
    policy::Preview preview_;
    bool at_commit_ = false;
    bool refused_ = false;
    bool cut_ = false;
};

// There is none: `why`, a sentence without its full stop.
policy::Preview no_preview(policy::PreviewMode wanted, std::string_view why);

}  // namespace curfew::execution
