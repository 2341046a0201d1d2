import "elf"

rule library_that_hides_files
{
    meta:
        id = "7818bded-fa97-466e-9776-29e47ebc61af"
        title = "Library that hides files, processes or connections"
        description = "A shared library that takes the place of the functions by which programs list folders and read /proc, and knows of ld.so.preload. Once preloaded, ls, ps and ss no longer tell the truth: look with a statically linked tool, or from outside."
        severity = "critical"
        techniques = "T1014, T1574.006"
        false_positives = "Tools that simulate a file system, such as fakeroot, replace the same functions, but do not look at /proc/net/tcp"
        author = "Vedette"
    strings:
        $preload = "ld.so.preload"
        $next = "dlsym"
        $tcp = /\/proc\/(self\/|\*\/)?net\/(tcp|udp)/
        $cmdline = "/proc/self/cmdline"
        $exe = /\/proc\/%(d|s|i)\/(cmdline|comm|exe|stat)/
        $f1 = "readdir64" fullword
        $f2 = "readdir" fullword
        $f3 = /\b__?[lf]?xstat(64)?\b/
        $f4 = "fopen64" fullword
        $f5 = "unlinkat" fullword
        $f6 = "pam_authenticate" fullword
        $f7 = "accept" fullword
        $f8 = "getspnam" fullword
    condition:
        uint32(0) == 0x464c457f and elf.type == elf.ET_DYN and filesize < 5MB and $next and ($f1 or $f2) and 3 of ($f*)
        and $preload and ($tcp or $exe or $cmdline)
}
