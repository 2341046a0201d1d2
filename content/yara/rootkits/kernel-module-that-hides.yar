rule kernel_module_that_hides
{
    meta:
        id = "b452e34e-4fcd-499a-ba3f-12acc985b138"
        title = "Kernel module that hides files or processes"
        description = "A kernel module that reaches into system calls or the tables behind /proc, and changes who a process is. It works below everything that runs on the machine, so the machine itself cannot be asked any more."
        severity = "critical"
        techniques = "T1014, T1547.006"
        false_positives = "Modules of security products that hook system calls; they name their maker"
        author = "Vedette"
    strings:
        $vermagic = "vermagic="
        $h1 = "sys_call_table"
        $h2 = "kallsyms_lookup_name"
        $h3 = "ftrace_set_filter_ip"
        $h4 = "register_kprobe"
        $d1 = "getdents64"
        $d2 = "tcp4_seq_show"
        $d3 = "fillonedir"
        $d4 = "iterate_shared"
        $d5 = "proc_pid_readdir"
        $r1 = "commit_creds"
        $r2 = "prepare_creds"
        $r3 = "prepare_kernel_cred"
        $w1 = /hid(e|den|ing)_?(pid|proc|module|file|tcp|self|prefix)/ nocase
        $w2 = "rootkit" nocase
        $w3 = "give_root"
    condition:
        uint32(0) == 0x464c457f and uint16(16) == 1 and filesize < 5MB and $vermagic
        and any of ($h*) and any of ($d*) and (any of ($r*) or any of ($w*))
}
