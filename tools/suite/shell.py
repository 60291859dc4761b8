"""Running commands for steps: into the step's log, with the sources' root as working folder."""

import hashlib
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build")
LOGS = os.path.join(BUILD, "test-logs")


NOT_OURS = {"node_modules", "dist", "__pycache__", "test-results", "build"}


def git_files(*patterns):
    """The files git knows or would add; None where git or its folder is not at hand (a release)."""
    try:
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *patterns], cwd=ROOT,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return None
    return listed.stdout.splitlines() if listed.returncode == 0 else None


def source_files(*endings, below=("src", "tests", "fuzz", "bench")):
    """The project's own files with one of the endings, sorted."""
    names = git_files(*below)
    if names is None:
        names = []
        for top in below:
            for folder, folders, files in os.walk(os.path.join(ROOT, top)):
                folders[:] = [name for name in folders if name not in NOT_OURS]
                names += [os.path.relpath(os.path.join(folder, name), ROOT) for name in files]
    return sorted(name for name in set(names)
                  if name.endswith(endings) and os.path.isfile(os.path.join(ROOT, name)))


def checksum(*parts):
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode() if isinstance(part, str) else part)
        whole.update(b"\0")
    return whole.hexdigest()


class Log:
    """A step's log file; commands run through it."""

    def __init__(self, name):
        os.makedirs(LOGS, exist_ok=True)
        self.path = os.path.join(LOGS, name + ".log")
        self.file = open(self.path, "w+", encoding="utf-8", errors="replace")

    def run(self, *command, env=None, timeout=1200, cwd=ROOT):
        """Runs it; True when it ended with status 0."""
        self.file.write("$ " + " ".join(command) + "\n")
        self.file.flush()
        try:
            status = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=self.file,
                                    stderr=subprocess.STDOUT, timeout=timeout,
                                    env={**os.environ, **(env or {})}).returncode
        except subprocess.TimeoutExpired:
            self.file.write("ended: took longer than %d s\n" % timeout)
            return False
        except OSError as error:
            self.file.write("could not run: %s\n" % error)
            return False
        self.file.seek(0, os.SEEK_END)
        return status == 0

    def output(self, *command, input=None, timeout=600):
        """Runs it; gives its exit status and what it wrote, which also goes to the log."""
        done = subprocess.run(command, cwd=ROOT, input=input, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=timeout)
        if done.stdout:
            self.file.write("$ %s\n%s" % (" ".join(command), done.stdout))
            self.file.flush()
        return done.returncode, done.stdout

    def text(self):
        self.file.flush()
        with open(self.path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def reasons(self, lines=25):
        """The lines that say what went wrong, else the last ones."""
        text = self.text().splitlines()
        errors = [line for line in text if "error:" in line or "FAILED" in line or "Error" in line]
        return "\n".join((errors or text)[-lines:])
