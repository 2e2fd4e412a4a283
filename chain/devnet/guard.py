"""Runs one program and ends it as soon as standard input is closed.

The parent holds the other end of that pipe, and the kernel closes it however the parent dies, ``kill -9`` included.
Runs as a bare script (``python -I guard.py SCRATCH NICENESS -- program arguments``), so that it starts in a few
milliseconds. SCRATCH is a directory of the program's own that is removed after its end; NICENESS is how far it steps
aside for other programs.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 1.0


def _die_with_guard() -> None:
    """Linux only: covers a ``kill -9`` of the guard itself."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _end_with_stdin(program: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 4096):
        pass
    program.terminate()
    try:
        program.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        program.kill()


def main(arguments: list[str]) -> int:
    scratch, niceness, command = arguments[0], int(arguments[1]), arguments[3:]
    os.nice(niceness)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=_die_with_guard if sys.platform == "linux" else None,  # noqa: PLW1509 - no thread runs yet
    ) as program:
        print(program.pid, flush=True)
        threading.Thread(target=_end_with_stdin, args=(program,), daemon=True).start()
        code = program.wait()
    shutil.rmtree(scratch, ignore_errors=True)
    return code


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    code = main(sys.argv[1:])
    os._exit(code if 0 <= code < 256 else 1)  # the thread may still be reading
