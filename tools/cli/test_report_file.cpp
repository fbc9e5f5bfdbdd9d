#include <cerrno>
#include <cstdio>

#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/test_report_file.hpp>

namespace tcpcraft::cli {

Expected<TestReportFile> TestReportFile::open(const std::string& name) {
    TestReportFile made;
    if (name.empty()) {
        return made;
    }
    errno = 0;
    made.name_ = name;
    made.tap_ = name.ends_with(".tap");
    made.file_.open(name);
    if (!made.file_) {
        return failure(last_system_error(), fmt::format("cannot write '{}'", name));
    }
    return made;
}

int TestReportFile::write(std::string_view tool, std::string_view target,
                          std::span<const TestCase> cases, int status) {
    if (!file_.is_open()) {
        return status;
    }
    const std::string suite = fmt::format("{} {}", tool, target);
    errno = 0;
    tap_ ? write_tap(file_, suite, cases) : write_junit(file_, suite, cases);
    file_.close();
    if (file_.good()) {
        return status;
    }
    const std::string why = errno != 0 ? ": " + last_system_error().message() : "";
    fmt::print(stderr, "{}: cannot write '{}'{}; without that the exit status were {}\n", tool,
               name_, why, status);
    return number(ExitCode::environment);
}

}  // namespace tcpcraft::cli
