import "elf"
import "math"

rule packed_program_with_writable_code
{
    meta:
        id = "154cb3dc-837e-4261-be59-a38890b2cfc2"
        title = "Program of which nearly all is scrambled and the code can rewrite itself"
        description = "A program without section table whose memory is writable and executable at once, and whose content has no structure left. It is packed or encrypted by something that is not one of the known packers."
        severity = "medium"
        techniques = "T1027.002"
        false_positives = "Copy-protected commercial software"
        author = "Vedette"
    condition:
        uint32(0) == 0x464c457f and filesize > 8KB and filesize < 30MB and elf.number_of_sections == 0
        and for any segment in elf.segments : (segment.type == elf.PT_LOAD and segment.flags & 3 == 3)
        and math.entropy(0, filesize) > 7.2
}
