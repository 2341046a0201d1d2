import "elf"

rule tiny_program_made_by_hand
{
    meta:
        id = "816ff19b-38b3-4165-aa20-a11cb0dd8644"
        title = "Tiny program that no compiler made"
        description = "A program of at most a few kilobytes, without section table, that is loaded as one piece which can be written and run at once. Exploit tools wrap their first stage like that; it fetches the rest into memory."
        severity = "high"
        techniques = "T1105, T1620"
        false_positives = "Demonstrations of how small a program can be"
        author = "Vedette"
    condition:
        uint32(0) == 0x464c457f and filesize < 4KB and elf.number_of_sections == 0
        and (elf.type == elf.ET_EXEC or elf.type == elf.ET_DYN)
        and for any segment in elf.segments : (segment.type == elf.PT_LOAD and segment.flags & 7 == 7)
}
