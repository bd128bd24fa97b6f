// What the fuzz targets share. A property that does not hold aborts, which libFuzzer reports with the input.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

namespace curfew::fuzzing {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// Says which property it is that did not hold.
inline void require(bool holds, const char* property) {
    if (holds) return;
    std::fprintf(stderr, "Does not hold: %s\n", property);
    std::abort();
}

// The lines of an input that stands for several messages, so that seeds can be written by hand.
inline std::vector<std::string_view> lines(std::string_view text) {
    std::vector<std::string_view> all;
    for (;;) {
        const auto end = text.find('\n');
        all.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return all;
        text.remove_prefix(end + 1);
    }
}

// Bytes that are the same in every run.
inline void known_bytes(std::span<unsigned char> bytes) {
    for (unsigned char& byte : bytes)
        byte = 7;
}

}  // namespace curfew::fuzzing
