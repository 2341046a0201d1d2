rule script_that_fetches_for_many_processors
{
    meta:
        id = "cd1a0d33-b1ba-45ed-8575-36e7b414c93e"
        title = "Script that fetches a program for whatever processor there is"
        description = "A shell script that downloads the same program for several kinds of processor, makes each executable and starts it. Botnets spread like that, since they do not know what machine they are on."
        severity = "critical"
        techniques = "T1105, T1059.004"
        false_positives = "Installers name processors too, but they start one program that fits, and do not try all of them"
        author = "Vedette"
    strings:
        $fetch = /\b(wget|curl|tftp|ftpget|busybox\s{1,4}wget)\b[^\n]{0,100}(https?:\/\/|ftp:\/\/|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})/
        $mode = /\bchmod\s{1,4}(\+x|[0-7]{0,1}7[0-7]{2})\b/
        $run = /(^|[;&\s])\.\/[\w.\-$]{1,40}/
        $a1 = /[\/.\-_]mips\b/
        $a2 = /[\/.\-_](mpsl|mipsel)\b/
        $a3 = /[\/.\-_]arm[4567]l?\b/
        $a4 = /[\/.\-_]sh4\b/
        $a5 = /[\/.\-_](ppc|powerpc)\b/
        $a6 = /[\/.\-_]m68k\b/
        $a7 = /[\/.\-_](spc|sparc)\b/
        $a8 = /[\/.\-_](x86|i[56]86|x86_64)\b/
        $a9 = /[\/.\-_]arc\b/
    condition:
        filesize < 64KB and uint32(0) != 0x464c457f and #fetch > 2 and #mode > 1 and $run and 3 of ($a*)
}
