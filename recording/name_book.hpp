// What names stand for, within bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace curfew::recording {

// Names and what they stand for. Past its bounds it forgets what was named first. `T` says by
// `bytes()` how much it holds.
template <class T>
class NameBook {
public:
    using Held = std::shared_ptr<const T>;

    NameBook(std::size_t most, std::size_t most_bytes) : most_{most}, most_bytes_{most_bytes} {}

    // Null: not known.
    Held find(std::string_view name) const {
        const auto at = held_.find(name);
        return at == held_.end() ? nullptr : at->second.value;
    }

    // `value` null: the name stands for nothing any more. What it stood for before.
    Held put(std::string_view name, Held value) {
        Held before = remove(name);
        if (!value) return before;
        const std::size_t bytes = name.size() + value->bytes();
        const auto place = held_.emplace(std::string{name}, Named{std::move(value), next_, bytes}).first;
        order_.emplace(next_++, place);
        bytes_ += bytes;
        while (held_.size() > most_ || bytes_ > most_bytes_)
            remove_at(order_.begin()->second);
        return before;
    }

    std::size_t size() const noexcept { return held_.size(); }

private:
    struct Named {
        Held value;
        std::uint64_t number = 0;
        std::size_t bytes = 0;
    };
    using Names = std::map<std::string, Named, std::less<>>;

    Held remove(std::string_view name) {
        const auto at = held_.find(name);
        if (at == held_.end()) return nullptr;
        Held before = at->second.value;
        remove_at(at);
        return before;
    }
    void remove_at(typename Names::iterator at) {
        bytes_ -= at->second.bytes;
        order_.erase(at->second.number);
        held_.erase(at);
    }

    std::size_t most_;
    std::size_t most_bytes_;
    Names held_;
    std::map<std::uint64_t, typename Names::iterator> order_;
    std::uint64_t next_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace curfew::recording
