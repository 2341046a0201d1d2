rule remote_control_of_attack_tools
{
    meta:
        id = "84a1a8cf-01bf-4282-bc0d-062d4b0a7677"
        title = "Remote control of an attack framework"
        description = "A program that belongs to one of the public frameworks by which intruders (and those who are paid to play them) steer machines: Sliver, Merlin, Mythic, Metasploit and others."
        severity = "critical"
        techniques = "T1071.001, T1219"
        false_positives = "Agreed penetration tests"
        author = "Vedette"
    strings:
        $f1 = "github.com/bishopfox/sliver/"
        $f2 = /github\.com\/Ne0nd0g\/merlin(-agent)?\//
        $f3 = /github\.com\/MythicAgents\/\w{3,20}\//
        $f4 = "sliverpb."
        $f5 = /core_(channel_open|loadlib|machine_id|negotiate_tlv_encryption)\x00/
        $f6 = "mettle_"
        $f7 = "github.com/tiagorlampert/CHAOS"
        $f8 = "github.com/gloxec/CrossC2"
        $f9 = "github.com/redcode-labs/Coldfire"
        $f10 = "github.com/t94j0/nebula"
        $f11 = "github.com/DeimosC2/DeimosC2"
    condition:
        uint32(0) == 0x464c457f and (any of ($f1, $f2, $f3, $f4, $f7, $f8, $f9, $f10, $f11) or (2 of ($f5, $f6) or #f5 > 1))
}
