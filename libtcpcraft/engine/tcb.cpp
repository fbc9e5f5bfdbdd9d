#include <libtcpcraft/engine/tcb.hpp>

namespace tcpcraft {

static_assert(sizeof(Tcb) == 192, "a connection fits into three cache lines");

BuffersPointer::BuffersPointer(const BuffersPointer& other)
    : held_{other.held_ ? std::make_unique<Buffers>(*other.held_) : nullptr} {}

BuffersPointer& BuffersPointer::operator=(const BuffersPointer& other) {
    if (this != &other) {
        held_ = other.held_ ? std::make_unique<Buffers>(*other.held_) : nullptr;
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
    const bool a_empty = !a.held_ || a.held_->empty();
    const bool b_empty = !b.held_ || b.held_->empty();
    return a_empty || b_empty ? a_empty == b_empty : *a.held_ == *b.held_;
}

}  // namespace tcpcraft
