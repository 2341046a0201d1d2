rule php_runs_what_it_unpacks
{
    meta:
        id = "e0d10bb7-fbaa-4b41-af93-9a9372ba6cd4"
        title = "PHP page that runs code which it unpacks first"
        description = "A PHP page decodes or decompresses a text and runs it as code. That hides a web shell from people and from simple searches; ordinary software has no need of it."
        severity = "high"
        techniques = "T1505.003, T1027, T1140"
        false_positives = "Paid extensions whose makers protect their code this way"
        author = "Vedette"
    strings:
        $php = /<\?(php|=)/ nocase
        $nested = /\b(eval|assert)\s{0,8}\(\s{0,8}(\?>\s{0,4}['"]?\s{0,4}\.\s{0,4})?@?(gzinflate|gzuncompress|gzdecode|base64_decode|str_rot13|strrev|convert_uudecode|hex2bin|rawurldecode)\s{0,8}\(/ nocase
        $hex_name = /\$\w{1,40}\s{0,4}=\s{0,4}"(\\x[0-9a-f]{2}|\\[0-7]{2,3}){4,40}"\s{0,4};/ nocase
        $indirect = /\$\w{1,40}\s{0,4}\(\s{0,4}\$\w{1,40}\s{0,4}\(\s{0,4}['"][A-Za-z0-9+\/=]{200}/
    condition:
        filesize < 4MB and $php and ($nested or ($hex_name and $indirect))
}
