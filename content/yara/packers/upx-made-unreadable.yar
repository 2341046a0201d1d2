import "elf"

rule upx_made_unreadable
{
    meta:
        id = "cad94fed-14a1-43bf-9023-ade912bb6c34"
        title = "Program packed with a UPX that was altered to stop unpacking"
        description = "The program carries the unpacker of UPX, but the marks by which 'upx -d' finds its way were removed or replaced. Nobody does that but to keep analysts out."
        severity = "high"
        techniques = "T1027.002, T1140"
        false_positives = "None known"
        author = "Vedette"
    strings:
        $prot = "PROT_EXEC|PROT_WRITE failed."
        $proc = "/proc/self/exe"
        $magic = "UPX!"
        $info = "packed with the UPX"
    condition:
        uint32(0) == 0x464c457f and filesize < 30MB and elf.number_of_sections == 0
        and $prot and $proc and (not $info or not $magic in (0 .. 4096))
}
