rule php_calls_a_function_by_a_request
{
    meta:
        id = "960c2bbc-755e-40f5-924e-4a7403d30e2c"
        title = "Web shell in PHP that hides which function it calls"
        description = "A PHP page takes the name of a function from the request, builds it from pieces, or makes a function from the request's text. The function that runs commands is then nowhere to be read in the page."
        severity = "critical"
        techniques = "T1505.003, T1027"
        false_positives = "Old frameworks that route a request to a function by its name, without a list of allowed ones"
        author = "Vedette"
    strings:
        $php = /<\?(php|=)/ nocase
        $by_name = /\$_(GET|POST|REQUEST|COOKIE|SERVER)\s{0,4}\[[^\]\n]{1,40}\]\s{0,4}\(\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE|SERVER)/ nocase
        $made = /\bcreate_function\s{0,4}\([^;\n]{0,60}\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $callback = /\b(array_map|array_filter|usort|call_user_func(_array)?|register_shutdown_function|array_walk)\s{0,4}\(\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $replace = /\bpreg_replace\s{0,4}\(\s{0,4}['"][^'"\n]{1,40}[\/#~|]e['"]\s{0,4},\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $pieces = /['"](s|sy|sys|syst)['"]\s{0,4}\.\s{0,4}['"](ystem|stem|tem|em)['"]/ nocase
        $request = /\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
    condition:
        filesize < 1MB and $php and ($by_name or $made or $callback or $replace or ($pieces and $request))
}
