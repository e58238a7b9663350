"""Run a command and write what it used to a file, as JSON: `python benchmarks/measured.py FILE COMMAND…`.

A process of its own, as small as can be: a child's peak memory is never told to be less than its parent's when it began. Where the
system can (Linux), it also waits for the processes that the command leaves behind when it ends, so that their work counts.
"""

import contextlib
import ctypes
import json
import os
import resource
import subprocess
import sys
import time

ADOPT = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)

if __name__ == "__main__":
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)
    target, *command = sys.argv[1:]
    began = time.perf_counter()
    code = subprocess.call(command)
    took = time.perf_counter() - began
    with contextlib.suppress(ChildProcessError):
        while sys.platform == "linux":
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(target, "w", encoding="utf-8") as file:
        json.dump(
            {
                "seconds": round(took, 1),
                "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
                "peak_mib": used.ru_maxrss // 1024,  # Linux counts KiB
            },
            file,
        )
    sys.exit(code)
