rule tunnel_program
{
    meta:
        id = "991fdc24-e8cd-4d19-8643-e7f9de2365a9"
        title = "Program that makes a tunnel into the network"
        description = "A program such as chisel, frp or ligolo, which carries connections of others through one of its own. Attackers reach the rest of the network through it; administrators have it seldom on a server."
        severity = "medium"
        techniques = "T1572, T1090"
        false_positives = "Developers and administrators who make services of theirs reachable"
        author = "Vedette"
    strings:
        $t1 = "github.com/jpillora/chisel/"
        $t2 = "github.com/fatedier/frp/"
        $t3 = /github\.com\/(nicocha30|tnpitsecurity)\/ligolo-ng\//
        $t4 = /github\.com\/(ginuerzh|go-gost)\/gost/
        $t5 = "github.com/kost/revsocks"
        $t6 = "github.com/ehang-io/nps/"
        $t7 = "github.com/sysdream/chashell"
        $t8 = "github.com/jpillora/sshd-lite"
        $t9 = "github.com/NHAS/reverse_ssh"
        $t10 = "github.com/Fahrj/reverse-ssh"
        $t11 = "github.com/esrrhs/pingtunnel"
        $t12 = "github.com/fbec76/gtunnel"
    condition:
        uint32(0) == 0x464c457f and any of them
}
