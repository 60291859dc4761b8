"""The steps of ./test. Each is a function of a log and the number of processes it may use, and
gives a list of outcomes; the table at the end is the index."""

import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess
from collections import namedtuple

from outcome import failed, of_meson, of_tap, of_vitest, passed, skipped
from shell import BUILD, LOGS, ROOT, checksum, source_files

# What sanitizers report ends the program, so that no test passes over a report.
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
    "CCTVWEB_TEST_PATIENCE": "8",
}


def folder(name):
    return BUILD if name == "gcc" else os.path.join(BUILD, name)


def one(name, good, log):
    return [passed(name) if good else failed(name, log.reasons())]


def build(name, log, jobs, compiler, *options):
    """Configures (once) and builds build/NAME."""
    where = folder(name)
    command = ["meson", "setup", where, *options]
    if os.path.exists(os.path.join(where, "build.ninja")):
        command = ["meson", "configure", where, *options] if options else ["true"]
    good = log.run(*command, env={"CC": compiler}) and log.run("ninja", "-C", where, "-j", str(jobs), timeout=1800)
    return one("build with " + name, good, log)


def plain_addresses(command):
    """Sanitizer runtimes of Debian 12 trip over kernels that randomise addresses a lot."""
    works = shutil.which("setarch") and subprocess.run(["setarch", "-R", "true"]).returncode == 0
    return ["setarch", "-R", *command] if works else command


def meson_tests(name, log, jobs, *selection, slow=1, sanitized=False):
    where = folder(name)
    base = "ground-" + re.sub(r"\W+", "-", "-".join(selection) or "all")[:60]
    report = os.path.join(where, "meson-logs", base + ".json")
    if os.path.exists(report):
        os.unlink(report)
    # One more than processors: end-to-end tests wait a good part of their time.
    command = ["meson", "test", "-C", where, "--no-rebuild", "--logbase", base, "--num-processes",
               str(jobs + 1), "--timeout-multiplier", str(slow), *selection]
    log.run(*(plain_addresses(command) if sanitized else command), timeout=1800,
            env=SANITIZERS if sanitized else {"CCTVWEB_TEST_PATIENCE": "3"})
    if not os.path.exists(report):
        return [failed("tests of " + name, log.reasons())]
    prefix = "" if name == "gcc" else name + " "
    return [outcome._replace(name=prefix + outcome.name) for outcome in of_meson(report)]


def gcc(log, jobs):
    return build("gcc", log, jobs, "gcc")


def clang(log, jobs):
    return build("clang", log, jobs, "clang", "-Doptimization=1")


def unit(log, jobs):
    return meson_tests("gcc", log, jobs, "--suite", "unit")


def end_to_end(log, jobs):
    return meson_tests("gcc", log, jobs, "--suite", "e2e")


def asan(log, jobs):
    return build("asan", log, jobs, "clang", "-Db_sanitize=address,undefined", "-Db_lundef=false",
                 "-Doptimization=1", "-Dc_args=-fno-omit-frame-pointer")


def asan_tests(log, jobs):
    return meson_tests("asan", log, jobs, slow=6, sanitized=True)


def tsan(log, jobs):
    return build("tsan", log, jobs, "clang", "-Db_sanitize=thread", "-Db_lundef=false", "-Doptimization=1")


def tsan_tests(log, jobs):
    """Those that run threads: of the whole program what drives each kind of thread, and units."""
    units = [name for name in registered("tsan")
             if re.search(r"^(accounts|exports|range_source|receiver|receiver_files|watch|"
                         r"e2e_(deleting|exports|ftp|ftp_crowd|ftp_parts|http|marks|scan|streams|watch))$",
                          name)]
    if not units:
        return [skipped("threads under ThreadSanitizer", "no tests with threads are registered")]
    return meson_tests("tsan", log, jobs, *units, slow=10, sanitized=True)


def registered(name):
    """The names of the tests of a build."""
    listed = subprocess.run(["meson", "introspect", folder(name), "--tests"], stdout=subprocess.PIPE, text=True)
    return [test["name"] for test in json.loads(listed.stdout or "[]")] if listed.returncode == 0 else []


def try_run(log, jobs):
    """./run, from its release build to Ctrl-C."""
    status, text = log.output("python3", "tools/suite/try_run.py", timeout=1200)
    return of_tap("./run", text) or [failed("./run", log.reasons())]


def layout(log, jobs):
    files = source_files(".c", ".h")
    return one("clang-format", log.run("clang-format", "--dry-run", "-Werror", *files), log)


def sources(log, jobs):
    status, text = log.output("python3", "tools/check_sources")
    return one("layers and rules of the sources", status == 0, log)


def runner(log, jobs):
    return one("how ./test counts", log.run("python3", "tools/suite/check_runner.py"), log)


def compile_commands():
    with open(os.path.join(folder("clang"), "compile_commands.json"), encoding="utf-8") as file:
        return json.load(file)


def headers(log, jobs):
    """Each header compiles alone."""
    flags = sorted({flag for entry in compile_commands() for flag in shlex.split(entry["command"])
                    if flag.startswith(("-I/", "-isystem"))})

    def alone(header):
        return header, log.output("gcc", "-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Wextra",
                                  "-Werror", "-Isrc", "-I" + BUILD, *flags, "-x", "c", "-",
                                  input='#include "%s"\n' % header[len("src/"):])

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        bad = [text for _, (status, text) in pool.map(alone, source_files(".h", below=("src",))) if status != 0]
    return [failed("each header compiles alone", "\n".join(bad)[:3000])] if bad else [passed("each header compiles alone")]


def dependencies():
    """For each object of the clang build: the project's files it follows from."""
    text = subprocess.run(["ninja", "-C", folder("clang"), "-t", "deps"], stdout=subprocess.PIPE, text=True).stdout
    found, current = {}, None
    for line in text.splitlines():
        if line and not line[0].isspace():
            current = found.setdefault(line.split(":")[0], [])
        elif line.strip() and not line.strip().startswith("/usr/"):
            current.append(os.path.normpath(os.path.join(folder("clang"), line.strip())))
    return found


def tidy(log, jobs):
    """clang-tidy, a process a file; a file is passed over when nothing it follows from changed."""
    where, cache = folder("clang"), os.path.join(BUILD, "tidy")
    os.makedirs(cache, exist_ok=True)
    with open(os.path.join(ROOT, ".clang-tidy"), encoding="utf-8") as file:
        rules = file.read()
    follows = dependencies()
    wanted = {os.path.join(ROOT, name) for name in source_files(".c", below=("src", "fuzz", "bench"))}

    def look(entry):
        source = os.path.normpath(os.path.join(where, entry["file"]))
        key = rules + entry["command"]
        for name in sorted(follows.get(entry.get("output", ""), []) or [source]):
            with open(name, "rb") as file:
                key += checksum(file.read())
        stamp = os.path.join(cache, checksum(source, key))
        if os.path.exists(stamp) and follows.get(entry.get("output", "")):
            return None
        status, text = log.output("clang-tidy", "--quiet", "-p", where, "--extra-arg=-Wno-unknown-warning-option", source)
        if status == 0:
            open(stamp, "w").close()
            return None
        return "\n".join(line for line in text.splitlines() if "error:" in line or "warning:" in line)[:1500]

    entries = {}
    for entry in compile_commands():
        source = os.path.normpath(os.path.join(where, entry["file"]))
        if source in wanted:
            entries.setdefault(source, entry)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        bad = [text for text in pool.map(look, entries.values()) if text is not None]
    return [failed("clang-tidy", "\n".join(bad))] if bad else [passed("clang-tidy")]


def cppcheck(log, jobs):
    cache = os.path.join(BUILD, "cppcheck")
    os.makedirs(cache, exist_ok=True)
    good = log.run("cppcheck", "--quiet", "--error-exitcode=1", "--enable=warning,performance,portability",
                   "--std=c11", "--inline-suppr", "--suppress=missingIncludeSystem", "--cppcheck-build-dir=" + cache,
                   "-j", str(jobs), "-D_GNU_SOURCE", "-D__linux__", "-I", "src",
                   *source_files(".c", below=("src", "fuzz", "bench")))
    return one("cppcheck", good, log)


def docs(log, jobs):
    status, _ = log.output("python3", "tools/check_docs")
    return one("links and names in the documents", status == 0, log)


def has_web():
    return os.path.exists(os.path.join(ROOT, "web", "package.json"))


def web_build(log, jobs):
    if not has_web():
        return [skipped("web build", "there is no web/ yet")]
    return one("web build", log.run("tools/web", timeout=900), log)


def web_check(log, jobs):
    if not has_web():
        return [skipped("web check", "there is no web/ yet")]
    return one("web types and layout", log.run("tools/web", "run", "check"), log)


def vitest(script, prefix, log):
    if not has_web():
        return [skipped(prefix, "there is no web/ yet")]
    report = os.path.join(LOGS, script + ".json")
    if os.path.exists(report):
        os.unlink(report)
    good = log.run("tools/web", "run", script, "--", "--reporter=default", "--reporter=json",
                   "--outputFile.json=" + report, env={"CCTVWEB": os.path.join(BUILD, "cctvweb"), "CI": "1"})
    if not os.path.exists(report):
        return [failed(prefix, log.reasons())]
    outcomes = of_vitest(report, prefix)
    if not good and not any(outcome.result == "failed" for outcome in outcomes):
        outcomes.append(failed(prefix, log.reasons()))
    return outcomes


def web_test(log, jobs):
    return vitest("test", "web", log)


def web_e2e(log, jobs):
    return vitest("e2e", "browser", log)


# name, function, the steps it needs, whether --quick runs it, what it is. The order is that of
# starting; the long ones come early.
Step = namedtuple("Step", "name run after quick about")
STEPS = [
    Step("web-build", web_build, [], True, "npm ci and the built web app, which the program embeds"),
    Step("sources", sources, [], True, "includes follow the layers, sizes, forbidden functions"),
    Step("format", layout, [], True, "clang-format"),
    Step("docs", docs, [], True, "links and names in the documents"),
    Step("runner", runner, [], True, "how ./test itself counts"),
    Step("gcc", gcc, ["web-build"], True, "build with gcc, warnings are errors"),
    Step("asan", asan, ["web-build"], False, "build with clang, AddressSanitizer and UBSan"),
    Step("unit", unit, ["gcc"], True, "unit tests and fuzz corpora"),
    Step("asan-tests", asan_tests, ["asan"], False, "all tests under AddressSanitizer and UBSan"),
    Step("e2e", end_to_end, ["gcc"], False, "tests that drive the built program"),
    Step("tsan", tsan, ["web-build"], False, "build with clang and ThreadSanitizer"),
    Step("tsan-tests", tsan_tests, ["tsan"], False, "tests with threads under ThreadSanitizer"),
    Step("clang", clang, ["web-build"], False, "build with clang, warnings are errors"),
    Step("web-check", web_check, ["web-build"], False, "types and layout of the web app"),
    Step("web-test", web_test, ["web-build"], False, "unit tests of the web app"),
    Step("web-e2e", web_e2e, ["web-build", "gcc"], False, "the web app in a browser, on the built program"),
    Step("run", try_run, ["web-build"], False, "./run, from its release build to Ctrl-C"),
    Step("tidy", tidy, ["clang"], False, "clang-tidy"),
    Step("headers", headers, ["clang", "gcc"], False, "each header compiles alone"),
    Step("cppcheck", cppcheck, [], False, "cppcheck"),
]
