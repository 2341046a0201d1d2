rule php_runs_what_a_request_says
{
    meta:
        id = "1cc7fb6e-6fed-4e64-a49a-ed8afbedbd5b"
        title = "Web shell in PHP that runs what a request says"
        description = "A PHP page hands a parameter of the request to a function that runs programs or PHP code. Whoever can fetch the page owns the web server's account. Look at when it was written and by what, and at the requests for it in the access log."
        severity = "critical"
        techniques = "T1505.003, T1059"
        false_positives = "Administration pages that run one fixed tool with a parameter; they should be rewritten"
        author = "Vedette"
    strings:
        $php = /<\?(php|=)/ nocase
        $run = /\b(eval|assert|system|shell_exec|passthru|exec|popen|proc_open|pcntl_exec)\s{0,8}\(\s{0,8}@?(stripslashes\s{0,4}\(|trim\s{0,4}\(|urldecode\s{0,4}\(|base64_decode\s{0,4}\(){0,2}\s{0,4}\$_(GET|POST|REQUEST|COOKIE|SERVER)\s{0,4}\[/ nocase
        $backticks = /`\s{0,4}\$\{?_(GET|POST|REQUEST|COOKIE)\s{0,4}\[[^`\n]{1,60}`/ nocase
        $include = /\b(include|require)(_once)?\s{0,4}\(?\s{0,4}\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[/ nocase
    condition:
        filesize < 1MB and $php and any of ($run, $backticks, $include)
}
