#include <cstdlib>
#include <new>

#include <tests/support/allocation_count.hpp>

namespace {

thread_local std::size_t count = 0;

void* counted(std::size_t size) {
    ++count;
    if (void* made = std::malloc(size == 0 ? 1 : size)) {
        return made;
    }
    throw std::bad_alloc{};
}

void* counted(std::size_t size, std::align_val_t alignment) {
    ++count;
    const auto boundary = static_cast<std::size_t>(alignment);
    if (void* made = std::aligned_alloc(boundary, (size + boundary - 1) / boundary * boundary)) {
        return made;
    }
    throw std::bad_alloc{};
}

}  // namespace

namespace tcpcraft::test {

std::size_t allocation_count() noexcept { return count; }

}  // namespace tcpcraft::test

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return counted(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return counted(size, alignment);
}
void operator delete(void* gone) noexcept { std::free(gone); }
void operator delete[](void* gone) noexcept { std::free(gone); }
void operator delete(void* gone, std::size_t) noexcept { std::free(gone); }
void operator delete[](void* gone, std::size_t) noexcept { std::free(gone); }
void operator delete(void* gone, std::align_val_t) noexcept { std::free(gone); }
void operator delete[](void* gone, std::align_val_t) noexcept { std::free(gone); }
void operator delete(void* gone, std::size_t, std::align_val_t) noexcept { std::free(gone); }
void operator delete[](void* gone, std::size_t, std::align_val_t) noexcept { std::free(gone); }
