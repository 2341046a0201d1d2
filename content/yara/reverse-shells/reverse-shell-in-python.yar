rule reverse_shell_in_python
{
    meta:
        id = "905ec8e5-8a15-4663-9732-356372433c18"
        title = "Python program that gives a shell to another machine"
        description = "A few lines of Python open a connection and put it in the place of a shell's input and output. Whoever waits at the other end types as the user who runs it."
        severity = "critical"
        techniques = "T1059.006"
        false_positives = "Cheat sheets and training material of security people"
        author = "Vedette"
    strings:
        $socket = /\bsocket\s{0,4}\.\s{0,4}(socket\s{0,4}\(|create_connection\s{0,4}\()|\bs\s{0,4}=\s{0,4}socket\s{0,4}\(/
        $connect = /\.\s{0,4}connect\s{0,4}\(\s{0,4}\(|create_connection\s{0,4}\(\s{0,4}\(/
        $dup = /\bdup2\s{0,4}\(\s{0,4}\w{1,20}\s{0,4}\.\s{0,4}fileno\s{0,4}\(\s{0,4}\)/
        $spawn = /\bpty\s{0,4}\.\s{0,4}spawn\s{0,4}\(/
        $call = /\b(subprocess\s{0,4}\.\s{0,4}(call|run|Popen|check_call)|os\s{0,4}\.\s{0,4}(system|execv?[lpe]{0,2}))\s{0,4}\(\s{0,4}\[?\s{0,4}['"](\/bin\/|\/usr\/bin\/(env\s)?)?(ba|da|z|k)?sh\b/
    condition:
        filesize < 200KB and uint32(0) != 0x464c457f and $socket and $connect and $dup and ($spawn or $call)
}
