"""A repository written by somebody who wants out of the text, and the program under test."""
import os
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv.pop(1))

MESSAGES = [
    b"<script>document.title='owned'</script><img src=x onerror=alert(1)>\n\nbody </td></tr></table> & \"q\" 'q'\n",
    b"turned \xe2\x80\xaegnp.exe\n",
    b"broken \xff\xc3( utf-8\n",
    b"\x1b]0;title\x07\x1b[31mred\n",
    b"--> <!-- ]]> {{x}} ${y} %s\n",
    b"   \n\n",
]
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "LANG": "C.UTF-8"}


def fast_import(commits):
    """One branch whose commits add `lines` lines each, `gap` seconds apart."""
    out, time = [], 1_700_000_000
    for number, (message, lines, gap) in enumerate(commits, 1):
        time += gap
        text = b"".join(b"value %d of commit %d\n" % (line, number) for line in range(lines))
        out.append(
            b"commit refs/heads/trunk\nmark :%d\nauthor Ada <a@example.org> %d +0000\ncommitter Ada <a@example.org> %d"
            b" +0000\n" % (number, time, time)
        )
        out.append(b"data %d\n%s\n" % (len(message), message))
        if number > 1:
            out.append(b"from :%d\n" % (number - 1))
        out.append(b"M 644 inline file%d.txt\ndata %d\n%s\n" % (number, len(text), text))
    return b"".join(out)


def make_repository(folder, commits):
    subprocess.run(["git", "init", "-q", "--bare", "-b", "trunk", folder], check=True, env=ENVIRONMENT)
    subprocess.run(
        ["git", "-C", folder, "fast-import", "--quiet"], input=fast_import(commits), check=True, env=ENVIRONMENT
    )


def hostile_repository(folder):
    quiet = [(b"quiet %d\n" % i, 3, 90_000) for i in range(8)]
    make_repository(folder, quiet + [(message, 600 + 7 * i, 40) for i, message in enumerate(MESSAGES)])


def run(*arguments, **options):
    environment = {**ENVIRONMENT, **options.pop("environment", {})}
    return subprocess.run(
        [PROGRAM, "analyze", *map(str, arguments)], capture_output=True, timeout=120, env=environment, **options
    )


def scratch():
    return tempfile.TemporaryDirectory(prefix="cadence-report-")


def path_in(folder, name):
    return str(pathlib.Path(folder) / name)
