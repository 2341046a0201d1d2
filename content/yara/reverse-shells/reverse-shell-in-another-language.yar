rule reverse_shell_in_another_language
{
    meta:
        id = "b303dfe6-d8c0-4624-b150-6996996a114b"
        title = "Script that gives a shell to another machine"
        description = "A script in Perl, Ruby, PHP, Lua or JavaScript opens a connection and ties a shell to it. Whoever waits at the other end types as the user who runs it."
        severity = "critical"
        techniques = "T1059"
        false_positives = "Cheat sheets and training material of security people"
        author = "Vedette"
    strings:
        $perl = /\bsocket\s{0,4}\(\s{0,4}\w{1,20}\s{0,4},\s{0,4}PF_INET[\s\S]{0,300}\bopen\s{0,4}\(\s{0,4}STDIN\s{0,4},\s{0,4}["'][<>]&[\s\S]{0,200}\bexec\b/
        $perl_io = /IO::Socket::INET(6)?\s{0,4}->\s{0,4}new\s{0,4}\([\s\S]{0,200}\bSTDIN\s{0,4}->\s{0,4}fdopen\s{0,4}\(/
        $ruby = /TCPSocket\.(new|open)\s{0,4}\(?[\s\S]{0,120}(\bexec\b[^\n]{0,40}\b(ba|da|z|k)?sh\b[^\n]{0,40}<&|IO\.popen\s{0,4}\(|\.to_i\s{0,4};\s{0,4}exec\s)/
        $php = /\bfsockopen\s{0,4}\([^;\n]{1,80}\)\s{0,4};[\s\S]{0,200}\b(exec|shell_exec|system|passthru|popen|proc_open)\s{0,4}\(\s{0,4}['"]?[^;\n]{0,20}\b(ba|da|z|k)?sh\b/
        $php_pipes = /\bfsockopen\s{0,4}\([\s\S]{0,2000}\bproc_open\s{0,4}\(\s{0,4}\$\w{1,20}\s{0,4},\s{0,4}\$\w{1,20}[\s\S]{0,3000}\bstream_select\s{0,4}\(/
        $lua = /require\s{0,4}\(?\s{0,4}['"]socket['"][\s\S]{0,200}(os\.execute|io\.popen)\s{0,4}\(/
        $node = /require\s{0,4}\(\s{0,4}['"](node:)?child_process['"]\s{0,4}\)[\s\S]{0,300}\bspawn\s{0,4}\(\s{0,4}['"](\/bin\/)?(ba|da|z|k)?sh['"][\s\S]{0,300}\.connect\s{0,4}\([\s\S]{0,200}\.pipe\s{0,4}\(/
    condition:
        filesize < 200KB and uint32(0) != 0x464c457f and any of them
}
