rule upx_packed_program
{
    meta:
        id = "a125ff3e-e1ba-42c9-b117-28a9d8066125"
        title = "Program packed with UPX"
        description = "A program that unpacks itself when it starts. Packing saves space, and hides from a scanner what the program holds: 'upx -d' shows it."
        severity = "low"
        techniques = "T1027.002"
        false_positives = "Some vendors ship small tools packed"
        author = "Vedette"
    strings:
        $info = "$Info: This file is packed with the UPX executable packer"
        $magic = "UPX!"
    condition:
        uint32(0) == 0x464c457f and $info and #magic > 1 and $magic in (0 .. 4096)
}
