"""Run a command and write what it used to a file, as JSON: `python benchmarks/measured.py FILE COMMAND…`.

A process of its own, as small as can be: a child's peak memory is never told to be less than its parent's when it began.
"""

import json
import resource
import subprocess
import sys
import time

if __name__ == "__main__":
    target, *command = sys.argv[1:]
    began = time.perf_counter()
    code = subprocess.call(command)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(target, "w", encoding="utf-8") as file:
        json.dump(
            {
                "seconds": round(time.perf_counter() - began, 1),
                "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
                "peak_mib": used.ru_maxrss // 1024,  # Linux counts KiB
            },
            file,
        )
    sys.exit(code)
