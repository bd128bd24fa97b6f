#include "recording/entry.hpp"
