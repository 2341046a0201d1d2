rule jsp_runs_commands
{
    meta:
        id = "24ef2090-3a6c-47db-9c57-675f68fde711"
        title = "Web shell in JSP"
        description = "A JSP page starts a program, or loads a class, by a parameter of the request. It gives whoever knows its address the rights of the application server."
        severity = "critical"
        techniques = "T1505.003, T1059"
        false_positives = "Diagnostic pages of application servers, which should not be reachable"
        author = "Vedette"
    strings:
        $jsp = "<%"
        $parameter = /request\s{0,4}\.\s{0,4}(getParameter|getHeader|getInputStream|getReader)\s{0,4}\(/
        $exec = /getRuntime\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}exec\s{0,4}\(/
        $builder = /new\s{1,4}(java\.lang\.)?ProcessBuilder\s{0,4}\(/
        $define = /\bdefineClass\s{0,4}\(/
        $reflected = /forName\s{0,4}\(\s{0,4}["']java\.lang\.(Runtime|ProcessImpl|ProcessBuilder)/
    condition:
        filesize < 500KB and $jsp and $parameter and any of ($exec, $builder, $define, $reflected)
}
