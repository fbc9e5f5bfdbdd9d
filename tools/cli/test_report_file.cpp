#include <cerrno>

#include <fmt/format.h>
#include <tools/cli/test_report_file.hpp>

namespace tcpcraft::cli {

Expected<TestReportFile> TestReportFile::open(const std::string& name) {
    TestReportFile made;
    if (name.empty()) {
        return made;
    }
    errno = 0;
    made.tap_ = name.ends_with(".tap");
    made.file_.open(name);
    if (!made.file_) {
        return failure(last_system_error(), fmt::format("cannot write '{}'", name));
    }
    return made;
}

bool TestReportFile::write(const std::string& suite, std::span<const TestCase> cases) {
    if (!file_.is_open()) {
        return true;
    }
    tap_ ? write_tap(file_, suite, cases) : write_junit(file_, suite, cases);
    file_.close();
    return file_.good();
}

}  // namespace tcpcraft::cli
