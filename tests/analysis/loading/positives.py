"""Programs made to start where musl is the C library, or none: in C, Go and assembly."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from analysis.loading.parts import compile_c

if TYPE_CHECKING:
    from pathlib import Path

_BODIES = {
    "words": ("stdio.h", 'puts("x")'),
    "numbers": ("math.h", "volatile double x = 2; x = sin(x) + pow(x, 3)"),
    "threads": (
        "pthread.h",
        "pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER; pthread_mutex_lock(&m)",
    ),
    "times": ("time.h", "struct timespec t; clock_gettime(CLOCK_REALTIME, &t); time(0)"),
    "patterns": ("regex.h", 'regex_t r; regcomp(&r, "a+", 0); regfree(&r)'),
    "sockets": ("sys/socket.h", "socket(AF_UNIX, SOCK_STREAM, 0)"),
    "sorting": ("stdlib.h", "int all[2] = {2, 1}; qsort(all, 2, sizeof *all, comparing)"),
    "memory": ("sys/mman.h", "mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)"),
    "places": ("locale.h", 'setlocale(LC_ALL, "C")'),
    "files": ("unistd.h", 'access("/", R_OK); getpid(); write(1, "", 0)'),
    "signals": ("signal.h", "signal(SIGUSR1, SIG_IGN); raise(SIGUSR1)"),
    "numbers-of-words": ("stdlib.h", 'strtol("12", 0, 10); getenv("HOME"); free(malloc(9))'),
    "wide": ("wchar.h", 'wcslen(L"ab"); fputws(L"", stdout)'),
}
_HEAD = "#define _GNU_SOURCE\n#include <stdio.h>\n"
_COMPARING = "int comparing(const void *a, const void *b) { return *(int *)a - *(int *)b; }\n"
_PLAIN = ("-O0", "-U_FORTIFY_SOURCE", "-fno-stack-protector", "-w", "-lm", "-pthread")
_ASSEMBLY = {
    "x86_64": "mov $60, %eax; xor %edi, %edi; syscall",
    "aarch64": "mov x8, #93; mov x0, #0; svc #0",
}
_GO = {
    "hello": """package main
import "fmt"
func main() { fmt.Println("x") }
""",
    "zones": """package main
import ("fmt"; "time")
func main() { fmt.Println(time.Now().UTC()) }
""",
    "sums": """package main
import ("crypto/sha256"; "fmt")
func main() { fmt.Printf("%x", sha256.Sum256(nil)) }
""",
}


def make_positives(folder: Path, machine: str) -> list[Path]:
    """At least fifty programs, each of which starts, ends at once, and says 0."""
    made = []
    for name, (header, body) in _BODIES.items():
        source = f"{_HEAD}#include <{header}>\n{_COMPARING}int main(void) {{ {body}; return 0; }}\n"
        for compiler, options in (
            ("musl-gcc", ()),
            ("musl-gcc", ("-static",)),
            ("gcc", ("-static",)),
            ("gcc", ("-static-pie",)),
            # Of glibc, and starts where its loader's path leads to musl's.
            ("gcc", ()),
        ):
            words = "-".join((name, compiler, *options)).replace("--", "-")
            made.append(compile_c(folder, words, source, *_PLAIN, *options, compiler=compiler))
    if machine in _ASSEMBLY:
        source = f'void _start(void) {{ __asm__("{_ASSEMBLY[machine]}"); }}\n'
        for options in (("-static",), ("-static-pie",)):
            name = "bare" + "".join(options)
            made.append(compile_c(folder, name, source, "-nostdlib", "-O1", *options))
    if shutil.which("diet"):
        source = '#include <unistd.h>\nint main(void) { return write(1, "", 0); }\n'
        (folder / "diet.c").write_text(source)
        target = folder / "diet-program"
        command = ["diet", "gcc", "-w", str(folder / "diet.c"), "-o", str(target)]
        subprocess.run(command, check=True, capture_output=True)
        made.append(target)
    for name, text in _GO.items():
        (folder / f"{name}.go").write_text(text)
        for mode in ("exe", "pie"):
            target = folder / f"go-{name}-{mode}"
            environment = os.environ | {"CGO_ENABLED": "0", "GO111MODULE": "off"}
            command = ["go", "build", f"-buildmode={mode}", "-o", str(target), f"{name}.go"]
            subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
            made.append(target)
    return made
