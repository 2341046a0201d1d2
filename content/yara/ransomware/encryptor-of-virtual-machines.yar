rule encryptor_of_virtual_machines
{
    meta:
        id = "cc749678-7f72-4d3f-ab4b-f48fb744d33e"
        title = "Program that encrypts files or virtual machines for ransom"
        description = "A program that stops virtual machines, or walks through folders of data, and knows of ransom notes or payment addresses. Isolate the machine before it is started, or end it at once."
        severity = "critical"
        techniques = "T1486, T1489"
        false_positives = "Backup products stop virtual machines too, but hold no payment address"
        author = "Vedette"
    strings:
        $v1 = /esxcli\s[^\x00\n]{0,60}vm\s{1,4}process\s{1,4}(kill|list)/
        $v2 = "vim-cmd vmsvc/"
        $v3 = "/vmfs/volumes"
        $v4 = /\b(vmdk|vmem|vmsn|vswp|nvram)\b/
        $k1 = /\.onion\b/
        $k2 = /(how_?to_?(restore|decrypt|recover|back)|restore[_-]my[_-]files|readme[_-]?(to|for)[_-]?(decrypt|restore))/ nocase
        $k3 = /your\s{1,4}(files|data|network|servers?)[^\x00\n]{0,40}(encrypted|locked|stolen)/ nocase
        $c1 = /\b(chacha20|salsa20|curve25519|sosemanuk|hc-?128|ntru|rabbit)\b/ nocase
        $c2 = /encrypt(ed|ing|ion)?[^\x00\n]{0,20}(%s|file|done|thread|percent|\d{1,3}%)/ nocase
        $c3 = /\.(encrypted|locked|crypt|enc)\b/
    condition:
        uint32(0) == 0x464c457f and filesize < 20MB and any of ($k*) and
        ((2 of ($v*) and any of ($c*)) or (2 of ($k*) and 2 of ($c*)))
}
