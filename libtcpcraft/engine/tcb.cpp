#include <libtcpcraft/engine/tcb.hpp>

namespace tcpcraft {

static_assert(sizeof(Tcb) == 192, "a connection fits into three cache lines");

BuffersPointer::BuffersPointer(const BuffersPointer& other)
    : held_{other.nothing() ? nullptr : std::make_unique<Buffers>(*other.held_)} {}

BuffersPointer& BuffersPointer::operator=(const BuffersPointer& other) {
    if (this != &other) {
        held_ = other.nothing() ? nullptr : std::make_unique<Buffers>(*other.held_);
    }
    return *this;
}

Buffers& BuffersPointer::use() {
    if (!held_) {
        held_ = std::make_unique<Buffers>();
    }
    return *held_;
}

bool operator==(const BuffersPointer& a, const BuffersPointer& b) noexcept {
    return a.nothing() || b.nothing() ? a.nothing() == b.nothing() : *a.held_ == *b.held_;
}

}  // namespace tcpcraft
