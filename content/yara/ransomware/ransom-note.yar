rule ransom_note
{
    meta:
        id = "2af16db0-9fbc-4ac2-8906-0e2fab1c8195"
        title = "Ransom note"
        description = "A text that tells the owner of the machine to pay for getting the files back. Cut the machine off the network, do not restart it, and look for what still encrypts."
        severity = "critical"
        techniques = "T1486, T1657"
        false_positives = "Reports and collections about ransomware"
        author = "Vedette"
    strings:
        $e1 = /\b(all\s{1,4}(of\s{1,4})?)?your\s{1,4}(important\s{1,4}|personal\s{1,4}|business\s{1,4}|company\s{1,4})?(files|documents|data|databases?|servers?|network|virtual\s{1,4}machines)\s{1,4}(have|has|are|were|is)\s{1,4}(been\s{1,4})?(encrypted|locked|stolen)/ nocase
        $e2 = /\b(files|data)\s{1,4}(are|were|have\s{1,4}been)\s{1,4}(stolen|downloaded|exfiltrated)\s{1,4}and\s{1,4}encrypted/ nocase
        $p1 = /\b(bitcoins?|BTC|monero|XMR)\b/ nocase
        $p2 = /\b[a-z2-7]{16,56}\.onion\b/ nocase
        $p3 = /\btor\s{1,4}browser\b/ nocase
        $p4 = /\bpay(ment)?\b[^\n]{0,60}\b(ransom|decrypt|recover)/ nocase
        $w1 = /\bdo\s{0,2}n[o']t\s{1,4}(try\s{1,4}to\s{1,4})?(rename|modify|delete|recover|decrypt|restore)\b/ nocase
        $w2 = /\bdecrypt(or|er|ion)?\s{1,4}(tool|key|software|program|service|your)?/ nocase
        $w3 = /\bunique\s{1,4}(id|key)\b|\bprivate\s{1,4}key\b/ nocase
        $w4 = /\b(leak|publish|sell)\b[^\n]{0,60}\b(data|files|documents)\b/ nocase
    condition:
        filesize < 100KB and uint32(0) != 0x464c457f and any of ($e*) and any of ($p*) and 2 of ($w*)
}
