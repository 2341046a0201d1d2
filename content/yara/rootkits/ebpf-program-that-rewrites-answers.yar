rule ebpf_program_that_rewrites_answers
{
    meta:
        id = "75d1bedc-043c-42e1-b167-96d62339882f"
        title = "eBPF program that rewrites what programs are told"
        description = "An eBPF program hangs on system calls that list folders or read files and writes into the memory of whoever called. With it files and processes are hidden, or sudo is made to believe in a rule that is not there, and no kernel module is needed."
        severity = "critical"
        techniques = "T1014"
        false_positives = "Demonstrations of eBPF; sensors read memory, they do not write to it"
        author = "Vedette"
    strings:
        $hook1 = /(tp|tracepoint)\/syscalls\/sys_(enter|exit)_(getdents(64)?|read|openat|newfstatat|statx)\b/
        $hook2 = /(tp|tracepoint)\/raw_syscalls\/sys_(enter|exit)/
        $hook3 = /(kprobe|kretprobe|ksyscall|fmod_ret|fexit)\/(__x64_sys_|sys_|__arm64_sys_)?(getdents(64)?|read|openat|vfs_read)\b/
        // call bpf_probe_write_user, bpf_override_return
        $write = { 85 00 00 00 24 00 00 00 }
        $override = { 85 00 00 00 3a 00 00 00 }
    condition:
        uint32(0) == 0x464c457f and filesize < 20MB and any of ($hook*) and any of ($write, $override)
}
