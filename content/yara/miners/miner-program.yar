rule miner_program
{
    meta:
        id = "646dadcf-ce91-455b-9c19-ce2209910215"
        title = "Crypto miner"
        description = "A program that speaks the protocol of mining pools. It takes processors and power from whoever pays for them, and shows that somebody could start programs here."
        severity = "high"
        techniques = "T1496.001"
        false_positives = "A machine that mines on purpose"
        author = "Vedette"
    strings:
        $stratum = "stratum+tcp://"
        $subscribe = "mining.subscribe"
        $authorize = "mining.authorize"
        $submit = "mining.submit"
        $donate = "donate-level"
        $randomx = "randomx_" 
        $cryptonight = "cryptonight" nocase
        $xmrig = "xmrig" nocase
        $job = "\"method\":\"login\""
        $nice = "nicehash" nocase
        $rate = "hashrate" nocase
    condition:
        uint32(0) == 0x464c457f and
        (($stratum and 2 of ($donate, $randomx, $cryptonight, $xmrig, $nice, $rate, $job)) or
        ($subscribe and $authorize and $submit) or
        (4 of ($donate, $randomx, $cryptonight, $xmrig, $nice, $rate)))
}
