#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <tools/cli/whole_file.hpp>
#include <unistd.h>

namespace tcpcraft::cli {

namespace {

constexpr mode_t readable_by_all = 0666;  // less what umask takes away

Unexpected<Error> cannot_write(const std::string& name, std::error_code why) {
    return failure(why, fmt::format("cannot write '{}'", name));
}

std::string behind_links(const std::string& name) {
    const std::unique_ptr<char, decltype(&std::free)> place{::realpath(name.c_str(), nullptr),
                                                            &std::free};
    return place ? place.get() : name;
}

/// Beside it, as a rename does not leave a file system.
std::string beside(const std::string& place) { return fmt::format("{}.{}.new", place, ::getpid()); }

/// A file of our own making: what a killed run has left goes first, and a link that somebody has
/// put there is not followed.
int create(const std::string& path) {
    ::unlink(path.c_str());
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, readable_by_all);
}

/// 0, or why not.
int put(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const ssize_t put = ::write(descriptor, content.data(), content.size());
        if (put < 0 && errno != EINTR) {
            return errno;
        }
        content.remove_prefix(put < 0 ? 0 : static_cast<std::size_t>(put));
    }
    return 0;
}

int put_and_close(int descriptor, std::string_view content) {
    const int failed = put(descriptor, content);
    const int closed = ::close(descriptor) == 0 ? 0 : errno;
    return failed != 0 ? failed : closed;
}

std::error_code code(int number) { return {number, std::system_category()}; }

}  // namespace

Expected<WholeFile> WholeFile::plan(const std::string& name) {
    WholeFile made;
    made.name_ = name;
    made.place_ = behind_links(name);
    struct stat kind {};
    const bool there = ::stat(made.place_.c_str(), &kind) == 0;
    if (there && S_ISDIR(kind.st_mode)) {
        return cannot_write(name, code(EISDIR));
    }
    made.special_ = there && !S_ISREG(kind.st_mode);
    if (made.special_ || (there && ::access(made.place_.c_str(), W_OK) != 0)) {
        return made.special_ ? Expected<WholeFile>{made}
                             : Expected<WholeFile>{cannot_write(name, last_system_error())};
    }
    const std::string trial = beside(made.place_);
    const int descriptor = create(trial);
    if (descriptor < 0) {
        return cannot_write(name, last_system_error());
    }
    ::close(descriptor);
    ::unlink(trial.c_str());
    return made;
}

Expected<void> WholeFile::write(std::string_view content) const {
    if (!special_) {
        return replace(content);
    }
    const int descriptor = ::open(place_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return cannot_write(name_, last_system_error());
    }
    const int failed = put_and_close(descriptor, content);
    return failed == 0 ? Expected<void>{} : cannot_write(name_, code(failed));
}

Expected<void> WholeFile::replace(std::string_view content) const {
    const std::string next = beside(place_);
    const int descriptor = create(next);
    if (descriptor < 0) {
        return cannot_write(name_, last_system_error());
    }
    struct stat before {};
    if (::stat(place_.c_str(), &before) == 0) {
        [[maybe_unused]] const int kept = ::fchmod(descriptor, before.st_mode & 0777U);
    }
    int failed = put_and_close(descriptor, content);
    if (failed == 0 && std::rename(next.c_str(), place_.c_str()) != 0) {
        failed = errno;
    }
    if (failed != 0) {
        ::unlink(next.c_str());
        return cannot_write(name_, code(failed));
    }
    return {};
}

}  // namespace tcpcraft::cli
