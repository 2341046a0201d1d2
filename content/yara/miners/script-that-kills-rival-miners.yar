rule script_that_kills_rival_miners
{
    meta:
        id = "425df2c0-7ef9-44b5-8a68-9eee7e573c28"
        title = "Script that clears a machine of other miners"
        description = "A script that ends the programs of several mining gangs, usually before it installs its own. Attackers run it right after they came in."
        severity = "high"
        techniques = "T1496.001, T1059.004, T1562.001"
        false_positives = "Clean-up scripts that responders wrote after such an attack"
        author = "Vedette"
    strings:
        $kill = /\b(pkill|killall|kill\s{1,4}-9|xargs[^\n]{0,20}kill)\b/
        $n1 = "kinsing"
        $n2 = "kdevtmpfsi"
        $n3 = "xmrig" nocase
        $n4 = "minerd"
        $n5 = "watchbog"
        $n6 = "sysupdate"
        $n7 = "networkservice"
        $n8 = "cryptonight"
        $n9 = "ddgs"
        $n10 = "xmr-stak"
        $n11 = "kthreaddi"
        $n12 = "masscan"
        $n13 = "stratum"
        $n14 = "monero" nocase
        $n15 = "kerberods"
        $n16 = "zzh"
        $more = /\b(crontab|chattr|iptables|curl|wget)\b/
    condition:
        filesize < 500KB and uint32(0) != 0x464c457f and $kill and $more and 4 of ($n*)
}
