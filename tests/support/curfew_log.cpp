#include "support/curfew_log.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>

namespace curfew::test {

namespace json = boost::json;

std::string LogEvent::text(std::string_view field) const {
    const json::value* value = fields_.if_contains(field);
    if (value == nullptr) return {};
    if (const json::string* text = value->if_string()) return {text->data(), text->size()};
    return json::serialize(*value);
}

double LogEvent::number(std::string_view field) const {
    const json::value* value = fields_.if_contains(field);
    if (value == nullptr || !value->is_number())
        throw std::runtime_error("no number " + std::string{field} + " in " + line());
    return value->to_number<double>();
}

std::string LogEvent::line() const {
    return json::serialize(fields_);
}

void CurfewLog::add(const std::string& line) {
    json::error_code error;
    json::value value = json::parse(line, error);
    {
        const std::lock_guard lock{mutex_};
        text_ += line + '\n';
        if (!error && value.is_object()) events_.emplace_back(std::move(value.as_object()));
    }
    changed_.notify_all();
}

void CurfewLog::close() {
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    changed_.notify_all();
}

std::vector<LogEvent> CurfewLog::matching(const std::string& event, const Fields& fields) const {
    std::vector<LogEvent> result;
    std::copy_if(events_.begin(), events_.end(), std::back_inserter(result), [&](const LogEvent& candidate) {
        return candidate.name() == event && std::all_of(fields.begin(), fields.end(), [&](const auto& field) {
                   return candidate.text(field.first) == field.second;
               });
    });
    return result;
}

LogEvent CurfewLog::await(const std::string& event, const Fields& fields,
                          std::chrono::milliseconds timeout) const {
    return await_all(event, 1, fields, timeout).front();
}

std::vector<LogEvent> CurfewLog::await_all(const std::string& event, std::size_t count, const Fields& fields,
                                           std::chrono::milliseconds timeout) const {
    std::unique_lock lock{mutex_};
    std::vector<LogEvent> found;
    changed_.wait_for(lock, timeout, [&] {
        found = matching(event, fields);
        return found.size() >= count || closed_;
    });
    if (found.size() >= count) return found;
    std::string wanted = event;
    for (const auto& [name, value] : fields)
        wanted.append(" ").append(name).append("=").append(value);
    throw std::runtime_error("curfewd logged " + std::to_string(found.size()) + " of " +
                             std::to_string(count) + " events " + wanted);
}

std::vector<LogEvent> CurfewLog::events(const std::string& event, const Fields& fields) const {
    const std::lock_guard lock{mutex_};
    return matching(event, fields);
}

std::string CurfewLog::text() const {
    const std::lock_guard lock{mutex_};
    return text_;
}

}  // namespace curfew::test
