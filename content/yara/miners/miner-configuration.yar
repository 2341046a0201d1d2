rule miner_configuration
{
    meta:
        id = "b5f20aa3-35a0-4bce-a077-2b059fb1ad9b"
        title = "Configuration of a crypto miner"
        description = "A file with the address of a mining pool and the settings of a miner. Somebody mines with this machine's processors, or means to; how it came here is how the intruder came."
        severity = "high"
        techniques = "T1496.001"
        false_positives = "A machine that mines on purpose"
        author = "Vedette"
    strings:
        $pool = /stratum\+(tcp|ssl|tls|udp):\/\// nocase
        $pools = "\"pools\""
        $donate = "\"donate-level\""
        $coin = /"(algo|coin)"\s{0,4}:\s{0,4}"(rx\/|randomx|cn\/|cryptonight|monero|kawpow|argon2|ghostrider|ethash|etchash)/ nocase
        $rig = "\"rig-id\""
        $pages = "\"huge-pages\""
        $keepalive = "\"keepalive\""
        $wallet = /"user"\s{0,4}:\s{0,4}"[48][0-9A-Za-z]{94}/
    condition:
        filesize < 200KB and uint32(0) != 0x464c457f and
        (($pool and 1 of ($donate, $coin, $rig, $wallet)) or ($pools and 3 of ($donate, $coin, $rig, $pages, $keepalive, $wallet)))
}
