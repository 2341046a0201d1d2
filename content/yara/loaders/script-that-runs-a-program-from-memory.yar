rule script_that_runs_a_program_from_memory
{
    meta:
        id = "13062062-c448-4ff7-99ff-7cdec5401a40"
        title = "Script that starts a program which is in no folder"
        description = "A script makes a file that only memory holds (memfd_create) and starts it through /proc. The program never touches a disk: copies of it must be taken from memory while it runs."
        severity = "critical"
        techniques = "T1620, T1106"
        false_positives = "Security tests"
        author = "Vedette"
    strings:
        $m1 = "memfd_create"
        $m2 = /\bsyscall\s{0,4}\(\s{0,4}(319|279|356|385)\b/
        $p1 = /\/proc\/(self|\d{1,7}|\$\$|\$pid|%d|\{[^}\n]{0,30}\}|["']\s{0,4}[.+]\s{0,4}\$?\w{1,20}\s{0,4}[.+]\s{0,4}["'])\/fd\//
        $e1 = /\b(os\.)?exec(v|ve|l|le|lp|vp|vpe)?\s{0,4}[({]/
        $e2 = /\bsubprocess\b/
        $s1 = "ctypes"
        $s2 = "use strict"
        $s3 = /^#!/
        $s4 = /\bimport\s/
        $s5 = "<?php"
    condition:
        filesize < 200KB and uint32(0) != 0x464c457f and any of ($m*) and $p1 and any of ($e*) and any of ($s*)
}
