rule connect_back_code_in_a_program
{
    meta:
        id = "1519e241-0f78-4408-b221-46d531e61426"
        title = "Program that holds machine code of a reverse shell"
        description = "Machine code that opens a socket, connects it, and puts it in the place of the standard streams, in the short form that exploit tools make. Compilers do not write it like that."
        severity = "critical"
        techniques = "T1059, T1095"
        false_positives = "Exploit tools and their documentation"
        author = "Vedette"
    strings:
        // x86-64: socket(2, 1, 0) from pushed numbers
        $socket64 = { 6a 29 58 ( 99 | 48 31 d2 | 31 d2 ) 6a 02 5f 6a 01 5e 0f 05 }
        // x86-64: mmap with all rights, then read from the socket into it
        $stage64 = { 6a 09 58 99 b6 10 48 89 d6 4d 31 c9 6a 22 41 5a ( b2 07 | 6a 07 5a ) 0f 05 }
        // x86-64: dup2 in a loop, execve
        $dup64 = { 6a 03 5e 48 ff ce 6a 21 58 0f 05 75 f6 }
        $exec64 = { 6a 3b 58 ( 99 | 48 31 d2 ) 48 ( bb | b8 ) 2f 62 69 6e 2f ( 73 68 | 2f 73 68 ) }
        // x86: socketcall from pushed numbers
        $socket32 = { 31 db f7 e3 53 43 53 6a 02 ( 89 e1 b0 66 | b0 66 89 e1 ) cd 80 }
        $dup32 = { ( 93 | 5b | 89 c3 ) 59 ( b0 3f | 6a 3f 58 ) cd 80 49 79 f9 }
        // ARM64: socket(2, 1, 0), svc
        $socket_arm64 = { 40 00 80 d2 21 00 80 d2 ( 02 00 80 d2 | e2 03 1f aa ) c8 18 80 d2 01 00 00 d4 }
    condition:
        filesize < 20MB and any of ($socket64, $stage64, $socket32, $dup32, $socket_arm64) or ($dup64 and $exec64)
}
