rule reverse_shell_in_shell
{
    meta:
        id = "e09ed3c4-1dcb-455b-8019-1bd82832c533"
        title = "Shell script that gives a shell to another machine"
        description = "A script connects to another machine and ties a shell to the connection. Whoever waits at the other end types as the user who runs it."
        severity = "critical"
        techniques = "T1059.004"
        false_positives = "Notes, cheat sheets and training material of security people"
        author = "Vedette"
    strings:
        $devtcp = /\b(ba|z|k)?sh\s{1,4}-i\s{0,4}([0-9]?[<>]&?|&>)\s{0,4}\/dev\/(tcp|udp)\/[\w.$\{\}:-]{1,80}\/[\w$\{\}]{1,20}/
        $exec = /\bexec\s{1,4}\d{1,3}<>\s{0,4}\/dev\/(tcp|udp)\/[\w.$\{\}:-]{1,80}\/[\w$\{\}]{1,20}[\s\S]{0,120}\b(ba|da|z|k)?sh\b[^\n]{0,40}[<>]&\d/
        $netcat = /\b(nc|ncat|netcat|busybox\s{1,4}nc)\b[^\n|;]{0,80}\s-(e|c)\s{1,4}['"]?(\/bin\/)?(ba|da|z|k)?sh\b/
        $fifo = /\bmk(fifo|nod)\s{1,4}[^\n;&|]{1,60}[;&|][^\n]{0,80}\b(ba|da|z|k)?sh\b[^\n]{0,40}\|\s{0,4}(nc|ncat|netcat|telnet|openssl\s{1,4}s_client)\b/
        $socat = /\bsocat\b[^\n]{0,80}\bexec:['"]?[^\n'"]{0,20}\b(ba|da|z|k)?sh\b[^\n]{0,80}\btcp(4|6)?:/ nocase
        $telnet = /\btelnet\s{1,4}[^\n|]{3,80}\|\s{0,4}(\/bin\/)?(ba)?sh\s{0,4}\|\s{0,4}telnet\b/
    condition:
        filesize < 500KB and uint32(0) != 0x464c457f and any of them
}
