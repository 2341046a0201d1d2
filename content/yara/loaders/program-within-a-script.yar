rule program_within_a_script
{
    meta:
        id = "8c91b416-797e-4d27-9791-5ac742e5e524"
        title = "Script that carries a program in itself"
        description = "A script holds a Linux program as text (Base64 or hexadecimal) and has what it needs to write it out and start it. Nothing has to be downloaded then, and no network sensor sees the program."
        severity = "high"
        techniques = "T1027.009, T1140"
        false_positives = "Test suites and installers that carry a small program; the script's origin tells"
        author = "Vedette"
    strings:
        $base64 = /f0VMR(gIBAQ|gEBAQ)[A-Za-z0-9+\/\s]{60}/
        $hex = /7f ?45 ?4c ?46 ?0[12] ?01 ?01( ?[0-9a-f]{2}){16}/ nocase
        $escaped = /\\x7f(\\x45\\x4c\\x46|ELF)\\x0[12]\\x01\\x01(\\x[0-9a-f]{2}){9}/ nocase
        $d1 = /\bbase64\s{1,4}(-d|-D|--decode)\b/
        $d2 = /\bxxd\s{1,4}-r\b/
        $d3 = "b64decode"
        $d4 = /\bprintf\s/
        $d5 = "decode_base64"
        $d6 = /\.fromhex\s{0,4}\(|unhexlify/
        $d7 = /Buffer\.from\(|base64_decode\(/
        $r1 = /\bchmod\b/
        $r2 = /\bexecve?[lvp]{0,2}\s{0,4}\(/
        $r3 = "memfd_create"
        $r4 = /\bsubprocess\b|os\.system|child_process/
    condition:
        filesize < 20MB and uint32(0) != 0x464c457f and any of ($base64, $hex, $escaped) and any of ($d*) and any of ($r*)
}
