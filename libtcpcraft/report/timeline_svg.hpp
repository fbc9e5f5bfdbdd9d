#pragma once

#include <string>

#include <libtcpcraft/report/timeline_layout.hpp>

// Private: a timeline that has been laid out, as SVG elements.

namespace tcpcraft {

void draw(std::string& out, const TimelineLayout& layout);

}  // namespace tcpcraft
